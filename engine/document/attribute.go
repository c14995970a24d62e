package document

import (
	"encoding/json"
	"slices"

	"slapstar/engine"
)

// An Attribute is an [engine.Attribute], or an [engine.Leaf]: then its path leads on into
// the document, with numbers for items, and its values are JSON there.
type Attribute struct {
	Path      []any    `json:"path"`
	Before    *string  `json:"before"`                // null: absent
	After     *string  `json:"after"`                 // null: absent, or not known yet
	Parts     []Part   `json:"after_parts,omitempty"` // of a value that is not known yet, or holds a secret
	Secret    bool     `json:"secret,omitempty"`      // what is not to be shown is "(secret 3f9a)", with a fingerprint
	Product   string   `json:"product,omitempty"`
	Locked    bool     `json:"locked,omitempty"`     // the product was taken from a lock
	MayChange string   `json:"may_change,omitempty"` // the instance, changed too, that published the value
	Sources   []Source `json:"sources,omitempty"`    // what instances have published of what is known in it

	From  []any `json:"from,omitempty"`  // where it was, if that is another place
	Moved bool  `json:"moved,omitempty"` // nothing else differs: an item in another order, a key with another name

	Found  []Found `json:"found_by,omitempty"` // of items on the path that are found by a member
	Opened []int   `json:"opened,omitempty"`   // places in the path from which on it leads into a text

	NotCompared bool `json:"not_compared,omitempty"` // a secret in it is withheld, so it may be what the Master has
}

// A Source is an [engine.Reference] to something that is known.
type Source struct {
	Instance string      `json:"instance"`
	Kind     engine.Kind `json:"kind,omitempty"`
	Key      string      `json:"key,omitempty"`
	Path     engine.Path `json:"path,omitempty"`
}

// A Found says by which member an item of a list was found.
type Found struct {
	Index int    `json:"index"` // in the path
	By    string `json:"by"`
	ID    string `json:"id"`
}

// A Part is an [engine.Part].
type Part struct {
	Literal string `json:"literal,omitempty"` // of a secret what stands for it

	// Of a value to come.
	Instance string      `json:"instance,omitempty"`
	Kind     engine.Kind `json:"kind,omitempty"` // no connection parameter, but the guid, or the id
	Key      string      `json:"key,omitempty"`
	Path     engine.Path `json:"path,omitempty"` // into the JSON document that is published
	JSON     bool        `json:"json,omitempty"` // the value as JSON, whatever its type is

	Secret   string `json:"secret,omitempty"`   // its name
	Withheld bool   `json:"withheld,omitempty"` // the plan was made without it

	Quoted []Part `json:"quoted,omitempty"` // the JSON string of these

	Function  string   `json:"function,omitempty"` // of the parts of Of, when they are known
	Arguments []string `json:"arguments,omitempty"`
	Of        []Part   `json:"of,omitempty"`
}

func newAttribute(a engine.Attribute, hide masking) Attribute {
	d := Attribute{Path: []any{a.Name}, Before: a.Before, Product: a.Product, Locked: a.Locked, MayChange: a.MayChange, Secret: a.Sensitive(), NotCompared: a.NotCompared}
	if a.Group != "" {
		d.Path = []any{a.Group, a.Name}
	}
	for _, r := range a.Sources {
		d.Sources = append(d.Sources, Source{r.Instance, r.Kind, r.Key, r.Path})
	}
	hidden := func(value string) *string { value = hide(value); return &value }
	if d.Secret && d.Before != nil {
		d.Before = hidden(*d.Before)
	}
	value, known := a.After.Known()
	switch {
	case a.After == nil:
	case known && !a.After.Hidden() && !a.LooksCredential():
		d.After = &value
	case a.After.HasSecret(), !a.LooksCredential():
		d.Parts = newParts(a.After, hide)
	case known && !a.After.Guarded(): // it looks like a credential
		d.After = hidden(value)
	case known: // a piece of one, of which a fingerprint could be searched for
		d.Parts = newParts(a.After, hide)
	default: // so does what is known of it
		d.Parts = newParts(masked(a.After), hide)
	}
	return d
}

// masked is t with a secret without a name instead of all that is known.
func masked(t engine.Text) engine.Text {
	hidden := make(engine.Text, len(t))
	for i, p := range t {
		if hidden[i] = p; p.Derived != nil && len(p.Derived.Of.References()) > 0 {
			hidden[i].Derived = &engine.Derivation{Function: p.Derived.Function, Of: masked(p.Derived.Of)}
		} else if p.Reference == nil {
			hidden[i] = engine.Part{Literal: p.Literal, Secret: engine.Masked}
		}
	}
	return hidden
}

// reference is what a part stands for that is to come.
func (p Part) reference() engine.Reference {
	return engine.Reference{Instance: p.Instance, Kind: p.Kind, Key: p.Key, Path: p.Path, JSON: p.JSON}
}

func newParts(t engine.Text, hide masking) []Part {
	var parts []Part
	for _, p := range t {
		part := Part{Literal: p.Literal, Secret: p.Secret, Withheld: p.Withheld}
		switch {
		case p.Secret != "", p.Credential != nil:
			if p.Secret == "" {
				part.Secret = engine.Masked
			}
			if part.Literal = ""; !p.Withheld {
				part.Literal = hide(p.Literal)
			}
		case p.Derived != nil:
			d := p.Derived
			part = Part{Withheld: p.Withheld, Function: d.Name, Arguments: d.Args, Of: newParts(d.Of, hide)}
		case p.Reference != nil:
			r := p.Reference
			part.Instance, part.Kind, part.Key, part.Path, part.JSON = r.Instance, r.Kind, r.Key, r.Path, r.JSON
		case p.Quoted != nil:
			part.Quoted = newParts(p.Quoted, hide)
		}
		parts = append(parts, part)
	}
	return parts
}

func newLeaf(l engine.Leaf, hide masking) Attribute {
	d := newAttribute(l.Attribute, func(value string) string {
		var text string
		if l.At != nil && json.Unmarshal([]byte(value), &text) == nil { // it is the text that is hidden, not its quotes
			value = text
		}
		return hide(value)
	})
	d.Moved = l.Moved
	switch {
	case l.At == nil && l.From != nil:
		d.From = steps([]any{l.Group}, l.From)
	case l.From != nil:
		d.From = steps(d.Path, l.From)
	}
	for _, step := range l.At {
		switch {
		case step.Open:
			d.Opened = append(d.Opened, len(d.Path))
			continue
		case step.By != "":
			d.Found = append(d.Found, Found{len(d.Path), step.By, step.ID})
		}
		d.Path = steps(d.Path, []engine.Step{step})
	}
	return d
}

// steps is a path with more steps: keys, and numbers for items. A text that is opened is
// no step.
func steps(path []any, more []engine.Step) []any {
	path = slices.Clone(path)
	for _, step := range more {
		switch {
		case step.Open:
		case step.Item:
			path = append(path, step.Index)
		default:
			path = append(path, step.Key)
		}
	}
	return path
}
