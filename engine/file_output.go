package engine

import "slices"

// A FileOutput is a value that the files make for other tools: output(name, value). It
// changes nothing on a Master, so no digest holds it.
type FileOutput struct {
	Name   string
	Value  Text // JSON; what is not known yet is a part of it
	Secret bool // the files say that it is not to be shown
	Origin Origin
}

// Hidden reports whether the value must not be shown: the files say so, or something in it
// looks like a credential, or will.
func (o *FileOutput) Hidden() bool {
	return o.Secret || o.Value.Hidden() || slices.ContainsFunc(o.Value.References(), Reference.LooksCredential)
}

// Known returns the JSON of the value, and whether all of it is known.
func (o *FileOutput) Known() (string, bool) { return o.Value.Known() }

// Missing are the values to come without which the output is not known, each once.
func (o *FileOutput) Missing() []Reference {
	var list []Reference
	for _, r := range o.Value.References() {
		if r = r.key(); !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	return list
}

// Withheld are the names of the secrets without which the output is not known, each once,
// in order.
func (o *FileOutput) Withheld() []string {
	names := withheld(o.Value)
	slices.Sort(names)
	return slices.Compact(names)
}

func withheld(t Text) []string {
	var names []string
	for _, p := range t {
		if p.Withheld {
			names = append(names, p.Secret)
		}
		names = append(names, withheld(p.Inner())...)
	}
	return names
}

// Output returns the value of an output as somebody may see it who judges a plan: what
// encoding/json makes of it, with a [Text] for each text that is not known yet. It is a Text
// alone where the value is hidden.
func (d *Disclosure) Output(o *FileOutput) any {
	if o.Hidden() || secretsRead(d.secrets, o.Value) || len(d.credentials.inText(o.Value)) > 0 {
		return opaque(o.Value, "", o.Name)
	}
	tree := ParseTree(Join(Literal("["), o.Value, Literal("]")))
	if tree == nil {
		return o.Value
	}
	return tree.texts(tree.Root.([]any)[0])
}

// texts is a value of the tree with a [Text] for each text that has parts.
func (d *Tree) texts(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = d.texts(v[key])
		}
	case []any:
		for i := range v {
			v[i] = d.texts(v[i])
		}
	case string:
		if t := d.Text(v); t != nil {
			return t
		}
	}
	return v
}
