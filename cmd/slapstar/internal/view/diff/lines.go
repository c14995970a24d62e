package diff

import (
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
)

// Bounds of what is shown of one value.
const (
	contextLines = 3
	mostNewLines = 20       // of a value that is new
	mostEdits    = 1000     // lines that come or go
	mostShown    = 64 << 10 // bytes
	mostCompared = 4 << 20  // bytes of both values
)

// hasLines reports whether a text has two lines or more.
func hasLines(s string) bool { return strings.Contains(strings.TrimSuffix(s, "\n"), "\n") }

// splitLines cuts after each new line.
func splitLines(s string) []string { return strings.SplitAfter(s, "\n")[:countLines(s)] }

func countLines(s string) int {
	n := strings.Count(s, "\n")
	if s != "" && !strings.HasSuffix(s, "\n") {
		n++
	}
	return n
}

// lineRows compares two values line by line. What is too much to compare or to
// show is said in one line.
func lineRows(before, after string, o Options) (string, []Row) {
	if len(before)+len(after) > mostCompared {
		return replaced(before, after, o), nil
	}
	old, now := before, after
	if !strings.HasSuffix(old, "\n") && !strings.HasSuffix(now, "\n") && old != "" && now != "" { // else the last line of one differs from the same line of the other
		old, now = old+"\n", now+"\n"
	}
	edits := diffLines(splitLines(old), splitLines(now))
	count, size := 0, 0
	for _, e := range edits {
		if e.sign != engine.NoOp {
			count += len(e.lines)
			for _, line := range e.lines {
				size += len(line)
			}
		}
	}
	if count > mostEdits || size > mostShown {
		return replaced(before, after, o), nil
	}
	text := ""
	if b, a := countLines(before), countLines(after); b != a {
		text = fmt.Sprintf("%d → %s", b, term.Counted(a, "line"))
	} else if a > 1 {
		text = term.Counted(a, "line")
	}
	return text, o.hunks(edits, strings.HasSuffix(old, "\n") != strings.HasSuffix(now, "\n"))
}

// replaced is what is said of two values that are not compared.
func replaced(before, after string, o Options) string {
	text := fmt.Sprintf("replaced, %d → %d bytes", len(before), len(after))
	if old, now := o.digest(before), o.digest(after); old != "" && now != "" {
		text += old + " → " + shortSum(after)
	}
	if !o.Whole { // where it is whole, there is nothing else that shows it
		text += "; " + Elsewhere
	}
	return text
}

// hunks are the lines that come and go, with some around them. When just one of
// the values ends with a new line, the other one's last line says so: it may be all
// that differs.
func (o Options) hunks(edits []edit, ends bool) []Row {
	var list []Row
	for i, e := range edits {
		if e.sign != engine.NoOp {
			for _, line := range e.lines {
				list = append(list, o.lineRow(e.sign, line, ends))
			}
			continue
		}
		head, tail := contextLines, contextLines
		if i == 0 {
			head = 0
		}
		if i == len(edits)-1 {
			tail = 0
		}
		hidden := len(e.lines) - head - tail
		if hidden <= 1 { // the line that says so would take as much
			head, hidden = len(e.lines), 0
		}
		for _, line := range e.lines[:head] {
			list = append(list, o.lineRow(engine.NoOp, line, false))
		}
		if hidden > 0 {
			list = append(list, Row{Sign: engine.NoOp, Indent: below, Text: fmt.Sprintf("… %s the same", term.Counted(hidden, "line")), Prose: true})
			for _, line := range e.lines[len(e.lines)-tail:] {
				list = append(list, o.lineRow(engine.NoOp, line, false))
			}
		}
	}
	return list
}

func (o Options) lineRow(sign engine.Action, line string, ends bool) Row {
	text, ended := strings.CutSuffix(line, "\n")
	text = o.Mask.Text(trailing(term.Escape(text), sign))
	if !ended && ends {
		text += "  (no new line at the end)"
	}
	return Row{Sign: sign, Indent: below, Name: gutter, Text: text, Line: true}
}

// trailing makes blanks at the end of a line visible, where it comes or goes.
func trailing(line string, sign engine.Action) string {
	text := strings.TrimRight(line, " ")
	if sign == engine.NoOp || text == line {
		return line
	}
	return text + strings.Repeat(`\x20`, len(line)-len(text))
}

// gutter is in front of each line of a value, so that none begins a line of what is
// written.
const gutter = "| "

// newLines shows the lines of a value that is new: the first ones, unless all of it is
// wanted.
func newLines(value string, o Options) (string, []Row) {
	lines := splitLines(value)
	var list []Row
	for i, line := range lines {
		if i == mostNewLines && len(lines) > mostNewLines+1 && !o.Whole {
			list = append(list, Row{Sign: engine.NoOp, Indent: below, Prose: true,
				Text: fmt.Sprintf("… %d more lines%s; %s", len(lines)-i, o.digest(value), Elsewhere)})
			break
		}
		list = append(list, o.lineRow(engine.NoOp, line, false))
	}
	return term.Counted(len(lines), "line"), list
}
