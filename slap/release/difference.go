package release

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A Difference is one way in which two releases differ in what they say of parameters.
type Difference struct {
	SoftwareType string
	Shared       bool
	Parameter    string // with dots between the names of nested ones; empty: the software type itself
	Kind         string // "added", "removed" or "changed"
	Before       string // what was said of it, in short; empty: nothing
	After        string
}

// deepest is how many levels of nested parameters are compared.
const deepest = 6

// mostDifferences bounds what is told of two releases.
const mostDifferences = 500

// Differences compares what two releases say of the parameters of their software types. The
// error is that of Release, of the first one that cannot be had.
func (s *Schemas) Differences(ctx context.Context, before, after string) ([]Difference, error) {
	old, err := s.Release(ctx, before)
	if err != nil {
		return nil, err
	}
	fresh, err := s.Release(ctx, after)
	if err != nil {
		return nil, err
	}
	var list []Difference
	for _, t := range fresh.Types {
		was, ok := old.Type(t.SoftwareType, t.Shared)
		if !ok {
			list = append(list, Difference{t.SoftwareType, t.Shared, "", "added", "", cmp.Or(t.Title, t.ID)})
			continue
		}
		if was.Serialisation != t.Serialisation {
			list = append(list, Difference{t.SoftwareType, t.Shared, "", "changed", "serialisation " + string(was.Serialisation), "serialisation " + string(t.Serialisation)})
		}
		part, err := s.differ(ctx, was, t)
		if err != nil {
			return list, err
		}
		list = append(list, part...)
	}
	for _, t := range old.Types {
		if _, ok := fresh.Type(t.SoftwareType, t.Shared); !ok {
			list = append(list, Difference{t.SoftwareType, t.Shared, "", "removed", cmp.Or(t.Title, t.ID), ""})
		}
	}
	return list[:min(len(list), mostDifferences)], nil
}

// differ compares two software types.
func (s *Schemas) differ(ctx context.Context, before, after Type) ([]Difference, error) {
	old, err := s.described(ctx, before)
	if err != nil {
		return nil, err
	}
	fresh, err := s.described(ctx, after)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, list := range []map[string]string{old, fresh} {
		for name := range list {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var list []Difference
	for _, name := range slices.Compact(names) {
		b, was := old[name]
		a, is := fresh[name]
		d := Difference{after.SoftwareType, after.Shared, name, "changed", b, a}
		switch {
		case !was:
			d.Kind = "added"
		case !is:
			d.Kind = "removed"
		case a == b:
			continue
		}
		list = append(list, d)
	}
	return list, nil
}

// described is what a software type says of its parameters, each in short. That of a type
// that makes no sense is empty.
func (s *Schemas) described(ctx context.Context, t Type) (map[string]string, error) {
	list := map[string]string{}
	if t.Broken != "" {
		return list, nil
	}
	var walk func(path []string, name string) error
	walk = func(path []string, name string) error {
		properties, err := s.Properties(ctx, t, path...)
		if err != nil {
			return err
		}
		for _, p := range properties {
			element, shown := p.Name, p.Name
			if p.Pattern {
				element, shown = Matching(p.Name), cmp.Or(p.Name, "*")
			}
			full := strings.TrimPrefix(name+"."+shown, ".")
			list[full] = describe(p)
			if p.Nested && len(path) < deepest && len(list) < 10*mostDifferences {
				below := append(slices.Clone(path), element)
				if slices.Contains(p.Types, "array") {
					below, full = append(below, Items), full+"[]"
				}
				if err := walk(below, full); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return list, walk(nil, "")
}

// describe says in short what a property allows.
func describe(p Property) string {
	words := []string{"any"}
	if len(p.Types) > 0 {
		words = []string{strings.Join(p.Types, " or ")}
	}
	if len(p.Values) > 0 {
		words = append(words, "of "+compact(p.Values))
	}
	if p.Required {
		words = append(words, "required")
	}
	if p.Default != nil {
		words = append(words, "default "+compact(*p.Default))
	}
	return strings.Join(words, ", ")
}

// mostShown is how long a value is that is shown whole, in bytes.
const mostShown = 200

func compact(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	if len(data) > mostShown {
		return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(string(data[:mostShown]), ""), len(data))
	}
	return string(data)
}
