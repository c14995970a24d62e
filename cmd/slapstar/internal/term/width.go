package term

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// Columns is how many columns of a terminal a text takes.
func Columns(s string) int { return runewidth.StringWidth(s) }

// Cut shortens a text to a width and says so with an ellipsis.
func Cut(s string, width int) string {
	return runewidth.Truncate(s, max(1, width), "…")
}

// Wrap breaks a text into lines of a width: at spaces where that leaves more than
// half of a line, else after what separates the parts of a path, and in the middle of
// words elsewhere. Without a positive width nothing is broken.
func Wrap(s string, width int) []string {
	var lines []string
	for width > 0 && Columns(s) > width {
		head := runewidth.Truncate(s, width, "")
		if head == "" { // not even one character fits
			break
		}
		if s[len(head)] != ' ' {
			if i := strings.LastIndexByte(head, ' '); i > len(head)/2 {
				head = head[:i]
			} else if i := strings.LastIndexAny(head, "/,&"); i > len(head)/2 {
				head = head[:i+1]
			}
		}
		lines = append(lines, head)
		s = strings.TrimPrefix(s[len(head):], " ")
	}
	return append(lines, s)
}

// Pad fills a text with spaces to a width.
func Pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-Columns(s)))
}
