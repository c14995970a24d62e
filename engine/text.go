package engine

import (
	"slices"
	"strings"
)

// A Reference stands for a connection parameter whose value is not known yet.
type Reference struct {
	Instance string
	Key      string
	Position Position // where it was asked for
}

// A Part of a [Text] is a piece of literal text, or a reference.
type Part struct {
	Literal   string
	Reference *Reference // nil for literal text
}

// A Text is a value that may hold references. A nil Text is an absent value;
// the empty string is a Text of one empty part.
type Text []Part

// Literal returns the Text of a known value.
func Literal(s string) Text { return Text{{Literal: s}} }

// Refer returns the Text of a value to come.
func Refer(r Reference) Text { return Text{{Reference: &r}} }

// Known returns the value, and whether nothing in it is missing.
func (t Text) Known() (string, bool) {
	var b strings.Builder
	for _, p := range t {
		if p.Reference != nil {
			return "", false
		}
		b.WriteString(p.Literal)
	}
	return b.String(), true
}

// References returns what the value waits for, in order of appearance.
func (t Text) References() []Reference {
	var list []Reference
	for _, p := range t {
		if p.Reference != nil {
			list = append(list, *p.Reference)
		}
	}
	return list
}

// Join returns the texts one after the other.
func Join(texts ...Text) Text {
	var t Text
	for _, part := range slices.Concat(texts...) {
		last := len(t) - 1
		if part.Reference == nil && last >= 0 && t[last].Reference == nil {
			t[last].Literal += part.Literal
			continue
		}
		if part.Reference == nil && part.Literal == "" && len(texts) > 1 {
			continue
		}
		t = append(t, part)
	}
	if t == nil {
		return Literal("")
	}
	return t
}

// Resolve returns t with the references filled in that lookup knows.
func (t Text) Resolve(lookup func(instance, key string) (string, bool)) Text {
	if t == nil {
		return nil
	}
	resolved := make([]Text, len(t))
	for i, p := range t {
		resolved[i] = Text{p}
		if p.Reference == nil {
			continue
		}
		if value, ok := lookup(p.Reference.Instance, p.Reference.Key); ok {
			resolved[i] = Literal(value)
		}
	}
	return Join(resolved...)
}

// Equal reports whether two values are the same, wherever they were asked for.
func (t Text) Equal(u Text) bool {
	return (t == nil) == (u == nil) && slices.EqualFunc(t, u, func(a, b Part) bool {
		if a.Reference == nil || b.Reference == nil {
			return a.Reference == b.Reference && a.Literal == b.Literal
		}
		return a.Reference.Instance == b.Reference.Instance && a.Reference.Key == b.Reference.Key
	})
}
