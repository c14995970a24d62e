package engine

import (
	"encoding/json"
	"reflect"

	"slapstar/internal/mask"
	"slapstar/slap/credential"
)

// A Leaf is a difference, or a value of a creation, that is not taken apart further: an
// attribute, or a value inside of the JSON document that a parameter is. Inside of a
// document the values are JSON, so that "3" and 3 differ.
type Leaf struct {
	Attribute
	At []Step // from the root of the document; nil: the attribute itself
}

// takeApart finds the leaves of what is pending. A secret and a credential hide the leaf
// that they are in, and no other.
func (p *planning) takeApart(secrets *mask.Filter) {
	for _, c := range p.Changes {
		if !c.Pending() {
			continue
		}
		for _, a := range c.Attributes {
			c.Leaves = append(c.Leaves, leaves(a, secrets)...)
		}
	}
}

func leaves(a Attribute, secrets *mask.Filter) []Leaf {
	before, after, ok := a.documents()
	if !ok {
		return []Leaf{{Attribute: a}}
	}
	var list []Leaf
	CompareTrees(before, after.Root, func(at []Step, before, now any) {
		l := Leaf{Attribute: a, At: append([]Step{}, at...)}
		l.Before, l.After = valueJSON(before), after.leafText(now)
		switch value, known := after.Known(now); {
		case known && reflect.DeepEqual(before, value):
			return
		case l.After.Withheld() != "" && before != any(Absent{}):
			l.NotCompared = l.After.CouldBe(*l.Before)
		}
		whole, _ := after.Known(now)
		named := false
		for _, step := range at {
			named = named || credential.Key(step.Key)
		}
		l.Hidden = holdsSecret(secrets, before) || after.Holds(before, false)
		l.Credential = l.After.HasCredential() || after.Holds(before, true) || looksCredential(before, named) || looksCredential(whole, named) ||
			secretsRead(secrets, l.After) || holdsSecret(secrets, whole)
		list = append(list, l)
	})
	return list
}

// documents are both sides of a parameter as JSON documents, or the one that there is of
// the parameter _. It reports whether they are: one whose name says that all of it is a
// credential is not taken apart.
func (a Attribute) documents() (before any, after *Tree, ok bool) {
	if a.Group != "parameters" || a.After == nil || a.Before == nil && a.Name != "_" || credential.Key(a.Name) {
		return nil, nil, false
	}
	if a.Before != nil {
		d := ParseTree(Literal(*a.Before))
		if d == nil {
			return nil, nil, false
		}
		before = d.Root
	}
	after = ParseTree(a.After)
	return before, after, after != nil
}

// holdsSecret reports whether a value of a document is, or holds, a secret.
func holdsSecret(secrets *mask.Filter, v any) bool {
	s, ok := v.(string)
	return ok && secrets.Holds(s)
}

// looksCredential reports whether a value of a document looks like a credential; named
// says that a key above it does.
func looksCredential(v any, named bool) bool {
	switch v := v.(type) {
	case Absent, bool, nil:
		return false
	case string:
		return named && !credential.Open(v) || credential.Value(v)
	}
	return named
}

// valueJSON writes a value without parts; nil for what is absent.
func valueJSON(v any) *string {
	if v == any(Absent{}) {
		return nil
	}
	if s, ok := v.(string); ok {
		text := quoteJSON(s)
		return &text
	}
	data, _ := json.Marshal(v) // it was read from JSON
	text := string(data)
	return &text
}

func (d *Tree) leafText(v any) Text {
	switch t := d.Text(v); {
	case t != nil && bare(v):
		return t
	case t != nil:
		return Quote(t)
	}
	if text := valueJSON(v); text != nil {
		return Literal(*text)
	}
	return nil
}
