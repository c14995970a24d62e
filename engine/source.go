package engine

import (
	"maps"
	"slices"
)

// What an instance has published keeps its origin wherever the files put it: a part of a
// text says so by From, or by the origin of a credential. A text without such parts has
// lost it, or never had one: nothing is guessed from texts that are the same.

// Sources returns what the value is made of that instances have published, or will, in
// order of appearance.
func (t Text) Sources() []Reference {
	var list []Reference
	for _, s := range t.sources() {
		list = append(list, s.reference)
	}
	return list
}

// A source is a value that an instance has published, or will.
type source struct {
	reference Reference
	known     bool
}

func (t Text) sources() []source {
	var list []source
	for _, p := range t {
		if r := p.source(); r != nil {
			list = append(list, source{*r, p.Reference == nil})
		}
		list = append(list, p.Inner().sources()...)
	}
	return list
}

// published are the sources that are known, each once.
func (t Text) published() []Reference {
	var list []Reference
	for _, s := range t.sources() {
		if s.known && !slices.ContainsFunc(list, s.reference.Same) {
			list = append(list, s.reference)
		}
	}
	return list
}

// moving are the sources that are known and may become others; a guid and a partition stay
// as long as their instance.
func (t Text) moving() []Reference {
	return slices.DeleteFunc(t.published(), func(r Reference) bool { return r.Kind != "" })
}

// HasSources reports whether the value has sources that are known.
func (t Text) HasSources() bool {
	return slices.ContainsFunc(t, func(p Part) bool { return p.From != nil || p.Inner().HasSources() })
}

// WithSource returns a text of one part with its source; another one as it is: its
// credentials say where they come from.
func (t Text) WithSource(r Reference) Text {
	switch {
	case len(t) != 1 || t[0].Derived != nil:
	case t[0].Quoted != nil:
		r.JSON = false // the text in the quotes
		t[0].Quoted = t[0].Quoted.WithSource(r)
	default:
		t[0].From = &r
	}
	return t
}

// source is where a part comes from; nil: from the files, or it is not known.
func (p Part) source() *Reference {
	switch c := p.Credential; {
	case p.Reference != nil:
		return p.Reference
	case p.From != nil:
		return p.From
	case c != nil && !c.Requested:
		return &Reference{Instance: c.Instance, Key: c.Key}
	}
	return nil
}

// open reports whether a part is a function of a text, and its result is known and may be
// shown.
func (p Part) open() bool { return p.Derived != nil && p.Derived.known() && !p.Derived.Of.Hidden() }

// Plain returns the value as a Master has it: known text that may be shown is literal,
// whatever it was made of.
func (t Text) Plain() Text {
	if !t.HasSources() {
		return t
	}
	parts := make([]Text, len(t))
	for i, p := range t {
		switch {
		case p.From != nil && p.hidden():
			p.From = nil
			parts[i] = Text{p}
		case p.From != nil, p.open():
			parts[i] = Literal(p.Literal)
		case p.Quoted != nil:
			parts[i] = Quote(p.Quoted.Plain())
		case p.Derived != nil:
			parts[i] = Text{{Literal: p.Literal, Withheld: p.Withheld, Derived: &Derivation{Function: p.Derived.Function, Of: p.Derived.Of.Plain(), Fault: p.Derived.Fault}}}
		default:
			parts[i] = Text{p}
		}
	}
	return Join(parts...)
}

// texts are the values of an instance that may come from others.
func (i *Instance) texts() []map[string]Text {
	return []map[string]Text{i.SLALater, i.SLASources, i.Parameters}
}

// Uses are the names of the other instances that the values of the parameters, and of the
// SLA, come from, in order, each once.
func (i *Instance) Uses() []string {
	var list []string
	for _, texts := range i.texts() {
		for _, t := range texts {
			for _, r := range t.Sources() {
				if r.Instance != i.Name {
					list = append(list, r.Instance)
				}
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Referring returns a Config in which what other instances have published is a reference
// to it again: a file that is written from it follows the values, and does not hold them.
func (c *Config) Referring() *Config {
	referring := *c
	referring.Resources = nil
	for _, r := range c.Resources {
		if i, ok := r.(*Instance); ok && len(i.Uses()) > 0 {
			other := *i
			other.Parameters = make(map[string]Text, len(i.Parameters))
			for key, text := range i.Parameters {
				other.Parameters[key] = text.referring(i.Name)
			}
			other.SLA, other.SLALater, other.SLASources = maps.Clone(i.SLA), maps.Clone(i.SLALater), nil
			for key, text := range i.SLASources {
				if text = text.referring(i.Name); len(text.References()) > 0 {
					other.putLater(key, text)
				}
			}
			r = &other
		}
		referring.Resources = append(referring.Resources, r)
	}
	return &referring
}

func (i *Instance) putLater(key string, t Text) {
	if i.SLALater == nil {
		i.SLALater = map[string]Text{}
	}
	i.SLALater[key] = t
	delete(i.SLA, key)
}

// referring replaces known values by references, but for those of the instance itself, and
// for a value inside of a document.
func (t Text) referring(own string) Text {
	if t == nil {
		return nil
	}
	parts := make([]Text, len(t))
	for n, p := range t {
		switch r := p.source(); {
		case r != nil && (r.Instance == own || p.Credential != nil && p.From == nil && p.Credential.Leaf):
			p.From = nil
			parts[n] = Text{p}
		case r != nil:
			parts[n] = Refer(*r)
		case p.Quoted != nil:
			parts[n] = Quote(p.Quoted.referring(own))
		case p.Derived != nil:
			switch of := p.Derived.Of.referring(own); {
			case len(of.References()) > 0:
				p = Part{Derived: &Derivation{Function: p.Derived.Function, Of: of}}
			case p.open():
				p.Derived = nil
			}
			parts[n] = Text{p}
		default:
			parts[n] = Text{p}
		}
	}
	return Join(parts...)
}
