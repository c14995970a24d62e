package view

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// columns is how many columns of a terminal a text takes.
func columns(s string) int { return runewidth.StringWidth(s) }

// Cut shortens a text to a width and says so with an ellipsis.
func Cut(s string, width int) string {
	return runewidth.Truncate(s, max(1, width), "…")
}

// wrap breaks a text into lines: at spaces where that leaves more than half of
// a line, in the middle of words elsewhere. The first line has a width of its own;
// without a positive width nothing is broken.
func wrap(s string, first, rest int) []string {
	var lines []string
	for width := first; width > 0 && columns(s) > width; width = rest {
		head := runewidth.Truncate(s, width, "")
		if head == "" { // not even one character fits
			break
		}
		if i := strings.LastIndexByte(head, ' '); i > len(head)/2 && s[len(head)] != ' ' {
			head = head[:i]
		}
		lines = append(lines, head)
		s = strings.TrimPrefix(s[len(head):], " ")
	}
	return append(lines, s)
}

// pad fills a text with spaces to a width.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}
