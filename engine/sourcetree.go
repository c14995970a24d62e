package engine

import "strings"

// parseSources reads a text as a [Tree] in which what comes from an instance is a part,
// also where its value is known; nil if the text is no JSON object or list.
func parseSources(t Text) *Tree {
	if !t.HasSources() && !t.HasCredential() {
		return nil
	}
	return parseTree(t, Text.markedSources)
}

// markedSources is [Text.Marked] that marks what is known of an instance, too.
func (t Text) markedSources(mark func(Part) string) string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.From != nil || p.open():
			b.WriteString(mark(p))
		case p.Quoted != nil:
			b.WriteString(quoteJSON(p.Quoted.markedSources(mark)))
		default:
			b.WriteString(Text{p}.Marked(mark))
		}
	}
	return b.String()
}

// sourceAt is the value at a place as a text with parts; nil if it has none.
func (d *Tree) sourceAt(at []Step) Text {
	v := d.Root
	for n, step := range at {
		switch in := v.(type) {
		case map[string]any:
			v = in[step.Key]
		case []any:
			if step.Index >= len(in) {
				return nil
			}
			v = in[step.Index]
		case string:
			t := d.Text(in)
			if inner := parseSources(t); inner != nil {
				return inner.sourceAt(at[n+1:])
			}
			return t // all of the document that is opened here
		default:
			return nil
		}
	}
	return d.Text(v)
}
