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
	shown := make([][]string, len(rows))
	for n, r := range rows {
		for i, cell := range r {
			if i == 0 {
				shown[n] = append(shown[n], first(cell))
			} else {
				shown[n] = append(shown[n], term.Escape(cell))
			}
		}
	}
	for _, r := range shown {
		for i, cell := range r {
			cell = mask.Of(w).Value(cell)
			r[i] = cell
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], term.Columns(cell))
		}
	}
	var b strings.Builder
	for _, r := range shown {
		var line strings.Builder
		for i, cell := range r {
			line.WriteString(term.Pad(cell, widths[i]) + "  ")
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// tables writes the tables that have more than a heading, with an empty line between them.
func tables(w io.Writer, list ...[][]string) error {
	between := ""
	for _, rows := range list {
		if len(rows) < 2 {
			continue
		}
		if _, err := io.WriteString(w, between); err != nil {
			return err
		}
		if err := table(w, rows); err != nil {
			return err
		}
		between = "\n"
	}
	return nil
}

// first is the first cell of a row, which may be indented. It begins a line.
func first(cell string) string {
	name := strings.TrimLeft(cell, " ")
	indent := cell[:len(cell)-len(name)]
	if quoted := term.Leading(name); strings.HasPrefix(quoted, `"`) {
		return indent + quoted
	}
	return indent + term.Name(name)
}
