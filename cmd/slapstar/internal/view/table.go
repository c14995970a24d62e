package view

import (
	"io"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/internal/mask"
)

// table writes rows in aligned columns, escaped, the first one as a heading. The
// last column is not filled up.
func table(w io.Writer, rows [][]string) error {
	var widths []int
	for _, r := range rows {
		for i, cell := range r {
			cell = mask.Of(w).Value(cell)
			r[i] = cell
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], term.Columns(term.Escape(cell)))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		var line strings.Builder
		for i, cell := range r {
			line.WriteString(term.Pad(term.Escape(cell), widths[i]) + "  ")
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
