package lang

import (
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/engine"
)

// leaves makes the values of a document what the files get: what looks like a credential is
// hidden, and each text knows where it comes from; numbers and truths do where they are
// followed. A truth and None tell nothing. None has no origin.
type leaves struct {
	e     *Evaluation
	at    *engine.Reference // of the document; nil: it is not known
	plain bool              // nothing is hidden
}

// sourceOf is what a text stands for that is one published value, in which a path can lead
// on; nil: it is another text.
func sourceOf(t engine.Text) *engine.Reference {
	if len(t) != 1 || t[0].From == nil || t[0].From.Kind != "" || t[0].From.Path != "" && !t[0].From.JSON {
		return nil
	}
	return t[0].From
}

// of is a value of the document, at some steps from its root.
func (l leaves) of(v starlark.Value, d engine.CredentialDocument, steps []any) starlark.Value {
	below := func(step any) []any { return append(slices.Clip(steps), step) }
	switch v := v.(type) {
	case *starlark.Dict:
		for _, item := range v.Items() {
			key, _ := starlark.AsString(item[0])
			member := d
			if !l.plain {
				member = d.Member(key)
			}
			v.SetKey(item[0], l.of(item[1], member, below(key))) // the key is there
		}
	case *starlark.List:
		for i := range v.Len() {
			v.SetIndex(i, l.of(v.Index(i), d, below(i))) // it is new, and not frozen
		}
	case starlark.String:
		t := engine.Literal(string(v))
		if !l.plain {
			t = d.Text(string(v))
		}
		return l.e.Value(l.from(t, steps, false))
	case starlark.Int, starlark.Float:
		if !l.plain {
			if t := d.Text(v.String()); t.Hidden() {
				return &Text{e: l.e, text: l.from(t, steps, true), form: aNumber}
			}
		}
		return l.number(v, v.String(), steps)
	case starlark.Bool:
		return l.number(v, strings.ToLower(v.String()), steps)
	}
	return v
}

// number is a number or a truth, which stands as json in the document.
func (l leaves) number(v starlark.Value, json string, steps []any) starlark.Value {
	if l.at == nil {
		return v
	}
	if l.e.follow == nil {
		l.e.numbers = true
		return v
	}
	return l.e.followed(v, l.from(engine.Literal(json), steps, true), anOutput)
}

// from is a text with its place in the document as its origin; json says that it is JSON
// there.
func (l leaves) from(t engine.Text, steps []any, json bool) engine.Text {
	if l.at == nil {
		return t
	}
	r := *l.at
	r.Path, r.JSON = r.Path.Join(steps...), json
	return t.WithSource(r)
}
