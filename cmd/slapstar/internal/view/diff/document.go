package diff

import (
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
)

// Bounds of what is shown of one document.
const (
	mostLeaves = 200 // values
	mostName   = 40  // columns of a name after which the values stand in one column
)

// document adds the rows of a parameter that is a JSON document, a value each.
func (s *sheet) document(a engine.Attribute, leaves []engine.Leaf, indent string) {
	more, all := 0, s.of(leaves)
	if len(leaves) > mostLeaves && !all.Whole {
		leaves, more = leaves[:mostLeaves], len(leaves)-mostLeaves
	}
	width := 0
	names := make([]string, len(leaves))
	for i, l := range leaves {
		names[i] = s.Mask.Text(Place(l.At))
		width = max(width, term.Columns(names[i]))
	}
	width = min(width, mostName)
	for i, l := range leaves {
		head := Row{Sign: s.sign(leafAction(l)), Indent: indent, Name: term.Pad(names[i], width) + "  "}
		s.rows = append(s.rows, all.leafRows(l, head)...)
	}
	if more > 0 {
		text := fmt.Sprintf("… %s more", term.Counted(more, "value"))
		if value, known := a.After.Known(); known && !a.HoldsSecret() {
			text += s.digest(value)
		}
		s.rows = append(s.rows, Row{Sign: engine.NoOp, Indent: below, Text: text + "; " + Elsewhere, Prose: true})
	}
}

// Place writes the place of a value in a document: members after dots, items in brackets
// with their index or the member that they are found by, and (json) where a text is opened.
func Place(at []engine.Step) string {
	var b strings.Builder
	for _, step := range at {
		switch {
		case step.Open:
			b.WriteString("(json)")
		case step.Item:
			b.WriteString(item(step))
		default:
			name := term.Word(step.Key)
			if name[0] != '"' && strings.Contains(step.Key, ".") {
				name = `"` + name + `"`
			}
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(name)
		}
	}
	return b.String()
}

func item(step engine.Step) string {
	if step.By == "" {
		return fmt.Sprintf("[%d]", step.Index)
	}
	return fmt.Sprintf("[%s=%s]", step.By, term.Word(step.ID))
}

// leafAction is the sign of a leaf.
func leafAction(l engine.Leaf) engine.Action {
	switch {
	case l.Moved:
		return engine.Update
	case l.Same():
		return engine.NoOp
	}
	return attributeAction(l.Attribute)
}
