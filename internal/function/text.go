package function

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote writes a text as Starlark reads it back.
func Quote(text string) string { return strconv.Quote(text) }

// stripped is .strip, .lstrip or .rstrip; the argument, if there is one, has the
// characters to take away.
func stripped(trim func(string, func(rune) bool) string) func(string, []string) (string, error) {
	return total(func(text string, args []string) string {
		chars := strings.Join(args, "")
		if chars == "" {
			return trim(text, unicode.IsSpace)
		}
		return trim(text, func(r rune) bool { return strings.ContainsRune(chars, r) })
	})
}

// replaced is .replace(old, new, count); -1 is all.
func replaced(text string, args []string) (string, error) {
	old, other := args[0], args[1]
	count, err := strconv.Atoi(args[2])
	if err != nil {
		return "", err
	}
	if len(text)+strings.Count(text, old)*max(0, len(other)-len(old)) > MaxText {
		return "", fmt.Errorf("the text would be longer than %d MiB", MaxText>>20)
	}
	return strings.Replace(text, old, other, count), nil
}

// character is text[n]: the byte at a place, from the end where n is negative.
func character(text string, args []string) (string, error) {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return "", err
	}
	i := n
	if n < 0 {
		i += len(text)
	}
	if i < 0 || i >= len(text) {
		return "", fmt.Errorf("index %d is out of range: the text has %d bytes", n, len(text))
	}
	return text[i : i+1], nil
}

// slice is text[from:to:step]; an empty argument is one that is left out.
func slice(text string, args []string) (string, error) {
	n := len(text)
	step, err := bound(args[2], 1, 0)
	switch {
	case err != nil:
		return "", err
	case step == 0:
		return "", errors.New("zero is not a valid slice step")
	case step > 0:
		from, err := bound(args[0], 0, n)
		to, err2 := bound(args[1], n, n)
		from, to = min(max(from, 0), n), min(max(to, 0), n)
		return stepped(text, from, max(from, to), step), errors.Join(err, err2)
	}
	from, err := bound(args[0], n-1, n)
	to, err2 := bound(args[1], -1, n)
	from, to = min(from, n-1), max(to, -1)
	return stepped(text, max(from, to), to, step), errors.Join(err, err2)
}

// bound reads an index; one below zero counts from the end of n.
func bound(arg string, otherwise, n int) (int, error) {
	if arg == "" {
		return otherwise, nil
	}
	i, err := strconv.Atoi(arg)
	if i < 0 {
		i += n
	}
	return i, err
}

func stepped(text string, from, to, step int) string {
	if step == 1 {
		return text[from:to]
	}
	var b strings.Builder
	for i := from; (to-i)*step > 0; i += step {
		b.WriteByte(text[i])
	}
	return b.String()
}

// piece is element n of what cut gives, such as .split(separator, most)[n]; n is the first
// argument.
func piece(cut func(text string, args []string) []string) func(string, []string) (string, error) {
	return func(text string, args []string) (string, error) {
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return "", err
		}
		list := cut(text, args[1:])
		i := n
		if n < 0 {
			i += len(list)
		}
		if i < 0 || i >= len(list) {
			return "", fmt.Errorf("index %d is out of range: there are %d pieces", n, len(list))
		}
		return list[i], nil
	}
}

func splitlines(text string, _ []string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func partition(text string, args []string) []string {
	before, after, found := strings.Cut(text, args[0])
	if !found {
		return []string{text, "", ""}
	}
	return []string{before, args[0], after}
}

func rpartition(text string, args []string) []string {
	i := strings.LastIndex(text, args[0])
	if i < 0 {
		return []string{"", "", text}
	}
	return []string{text[:i], args[0], text[i+len(args[0]):]}
}

// split splits at a separator, args[0], as often as args[1] says; -1 is everywhere.
// Without arguments it splits at blanks.
func split(text string, args []string) []string {
	if len(args) == 0 {
		return strings.Fields(text)
	}
	if most, _ := strconv.Atoi(args[1]); most >= 0 {
		return strings.SplitN(text, args[0], most+1)
	}
	return strings.Split(text, args[0])
}

// rsplit is split that begins at the end.
func rsplit(text string, args []string) []string {
	if len(args) == 0 {
		return strings.Fields(text)
	}
	list := strings.Split(text, args[0])
	most, _ := strconv.Atoi(args[1])
	if excess := len(list) - most; most >= 0 && excess > 0 {
		return slices.Concat([]string{strings.Join(list[:excess], args[0])}, list[excess:])
	}
	return list
}

// padded is texts.zfill, ljust or rjust(text, width, fill): with fill characters until
// there are width of them.
func padded(put func(text, padding string) string) func(string, []string) (string, error) {
	return func(text string, args []string) (string, error) {
		width, err := strconv.Atoi(args[0])
		if err != nil {
			return "", err
		}
		if width > MaxText/len(args[1]) {
			return "", fmt.Errorf("the text would be longer than %d MiB", MaxText>>20)
		}
		return put(text, strings.Repeat(args[1], max(0, width-utf8.RuneCountInString(text)))), nil
	}
}

func ljust(text, padding string) string { return text + padding }
func rjust(text, padding string) string { return padding + text }

// zfill puts zeros behind a sign.
func zfill(text, padding string) string {
	if text != "" && (text[0] == '-' || text[0] == '+') {
		return text[:1] + padding + text[1:]
	}
	return padding + text
}

// indent puts a prefix before each line that is not blank.
func indent(text, prefix string) string {
	lines := strings.SplitAfter(text, "\n")
	if (len(lines)+1)*len(prefix)+len(text) > MaxText {
		return strings.Repeat(" ", MaxText+1) // too long, as Apply says
	}
	for i, line := range lines {
		if strings.TrimSpace(line) != "" {
			lines[i] = prefix + line
		}
	}
	return strings.Join(lines, "")
}

// dedent takes away the blanks that all lines begin with, as Python's textwrap does; a
// blank line becomes an empty one.
func dedent(text string) string {
	lines := strings.Split(text, "\n")
	margin, first := "", true
	for i, line := range lines {
		blank := strings.TrimLeft(line, " \t")
		if blank == "" {
			lines[i] = ""
			continue
		}
		lead := line[:len(line)-len(blank)]
		if first {
			margin, first = lead, false
		}
		n := 0
		for n < min(len(margin), len(lead)) && margin[n] == lead[n] {
			n++
		}
		margin = margin[:n]
	}
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, margin)
	}
	return strings.Join(lines, "\n")
}
