package term

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How many blanks may follow each other before they are counted instead: more could
// push what comes after them out of sight. Text of several lines has its layout.
const (
	mostBlanks = 24
	mostLayout = 50
)

// Escape makes text safe for a terminal, for one line, and for the log of a CI
// system, and shows what is in it: what cannot be seen, or looks like something else,
// is written as in a string of Go, and a long run of blanks is counted.
func Escape(s string) string {
	return escaping{blanks: mostBlanks}.text(s)
}

// Quote is Escape between quotation marks.
func Quote(s string) string {
	e := escaping{blanks: mostBlanks, quote: true}
	return `"` + e.text(s) + `"`
}

// Name is Escape for a name, in which there are fewer characters that go without
// saying: scripts do not mix on both sides of a hyphen or a dot either, and
// punctuation is that of ASCII.
func Name(s string) string {
	return escaping{blanks: mostBlanks, name: true}.text(s)
}

// Word is a name that can stand at the beginning of a line: one that is more than
// letters, digits and -_. is quoted.
func Word(s string) string {
	for i, r := range s {
		if !unicode.In(r, unicode.L, unicode.N, unicode.M) && r != '_' && (i == 0 || r != '-' && r != '.') {
			return `"` + escaping{blanks: mostBlanks, name: true, quote: true}.text(s) + `"`
		}
	}
	if s == "" {
		return `""`
	}
	return Name(s)
}

// Leading is Escape for text that can stand at the beginning of a line, such as the name
// of a file: what could be taken for a command, or for words of slapstar, is
// quoted.
func Leading(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	if s != "" && !unicode.In(first, unicode.L, unicode.N) && !strings.ContainsRune("_./<~", first) || strings.Contains(s, ":") {
		return Quote(s)
	}
	return Escape(s)
}

// Clean is Escape for text of several lines: new lines and tabs stay, and so do
// backslashes. None of the lines may begin a line of what is written: that is for
// [Lines].
func Clean(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = escaping{blanks: mostLayout, lines: true}.text(line)
	}
	return strings.Join(lines, "\n")
}

// Lines is Clean after something that is not from there: first in front of the first
// line, rest in front of the others. It ends with a new line. What reads the log of a
// program takes a line that begins with ::add-mask:: for a command, and one with
// "Plan: " for the end of a plan.
func Lines(first, rest, text string) string {
	var b strings.Builder
	for i, line := range strings.Split(Clean(text), "\n") {
		if i > 0 {
			first = rest
		}
		b.WriteString(strings.TrimRight(first+line, " ") + "\n")
	}
	return b.String()
}

// An escaping is how a text is made safe.
type escaping struct {
	blanks int  // that may follow each other
	name   bool // the text is a name
	quote  bool // quotation marks are escaped
	lines  bool // tabs and backslashes stay
}

// text makes one line of text safe. A backslash is doubled only where there is
// something that is escaped.
func (e escaping) text(s string) string {
	if e.plain(s) {
		return s
	}
	odd := oddLetters(s, e.name)
	w := escaped{escaping: e}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		n := 1
		switch {
		case r == utf8.RuneError && size == 1:
			w.escape(`\x%02x`, rune(s[i]))
		case r == ' ' || r == '\t' && e.lines:
			run := strings.TrimLeft(s[i:], " \t")
			if !e.lines {
				run = strings.TrimLeft(s[i:], " ")
			}
			n, size = len(s)-i-len(run), len(s)-i-len(run)
			w.blank(s[i : i+n])
		case odd[i], beginsCommand(s, i):
			w.rune(r)
		default:
			w.add(r)
		}
		i += size
	}
	if !w.changed {
		return s
	}
	return w.b.String()
}

// plain reports whether a text is that of nearly all texts, which is quick to see.
func (e escaping) plain(s string) bool {
	run := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ':
			if run++; run > e.blanks {
				return false
			}
			continue
		case c < ' ' || c > '~' || c == '#' || c == '"' && e.quote || c == '\\' && e.quote:
			return false
		}
		run = 0
	}
	return true
}

// escaped is the text that an escaping makes.
type escaped struct {
	escaping
	b       strings.Builder
	changed bool
	last    rune // that is shown as it is; a blank: none, so that no mark belongs to it
	marks   int  // after last
}

// add writes a character as it is, if it can be seen as such.
func (w *escaped) add(r rune) {
	switch {
	case r == '\\' && !w.lines, r == '"' && w.quote:
		w.b.WriteByte('\\')
		w.changed = w.changed || w.quote
		w.b.WriteRune(r)
		w.last, w.marks = r, 0
	case unicode.In(r, unicode.Mn, unicode.Me) && w.shownMark(r):
		w.marks++
		w.b.WriteRune(r)
	case unicode.In(r, unicode.Mn, unicode.Me), !visible(r), w.name && oddInName(r):
		w.rune(r)
	default:
		w.b.WriteRune(r)
		w.last, w.marks = r, 0
	}
}

// mostMarks is how many marks one letter has: more of them cover their neighbours.
const mostMarks = 3

// shownMark reports whether a mark is on a letter that can be seen with it.
func (w *escaped) shownMark(r rune) bool {
	return visible(r) && w.last > ' ' && w.marks < mostMarks
}

// rune writes a character by its number.
func (w *escaped) rune(r rune) {
	if short := strings.IndexRune("\a\b\f\n\r\t\v", r); short >= 0 {
		w.escape(`\%c`, rune("abfnrtv"[short]))
		return
	}
	format := `\u%04x`
	if r > 0xffff {
		format = `\U%08x`
	} else if r <= 0x7f {
		format = `\x%02x`
	}
	w.escape(format, r)
}

func (w *escaped) escape(format string, r rune) {
	fmt.Fprintf(&w.b, format, r)
	w.changed = true
	w.last, w.marks = 0, 0
}

// blank writes a run of blanks, or how many there are.
func (w *escaped) blank(run string) {
	columns := len(run) + 7*strings.Count(run, "\t")
	if columns > w.blanks {
		fmt.Fprintf(&w.b, `\{%d blanks}`, len(run))
		w.changed = true
	} else {
		w.b.WriteString(run)
	}
	w.last, w.marks = 0, 0
}

// beginsCommand reports whether the character at i is the second # of what some CI
// systems take for a command anywhere in a line, such as ##vso[…].
func beginsCommand(s string, i int) bool {
	if i == 0 || s[i-1] != '#' || s[i] != '#' {
		return false
	}
	rest := strings.TrimLeftFunc(s[i+1:], func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
	return strings.HasPrefix(rest, "[")
}

// Counted is a number of things: "1 instance", "2 instances".
func Counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
