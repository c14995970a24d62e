package jsonschema

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A Stranger is a property that no part of a schema names where it stands.
type Stranger struct {
	Location []string // of the object
	Path     string   // the same as people write it; empty at the root
	Name     string
	Known    []string // the names that are known there, sorted
	Passes   bool     // the schema lets it pass, and does not say so
}

// maxStrangers is how many schemas the search for strangers looks at.
const maxStrangers = 100_000

// Strangers returns the properties of a value of [Parse] that the schema does not name,
// sorted, and whether it lets others than it names pass at the root.
func (s *Schema) Strangers(doc any) (list []Stranger, open bool) {
	if s.work != nil {
		s.work.mu.Lock()
		defer s.work.mu.Unlock()
		s.work.matching.left = maxMatching
	}
	defer func() { // patterns that match too much; Validate says so
		r := recover()
		if err, _ := r.(error); r != nil && !errors.Is(err, errMatching) {
			panic(r)
		}
	}()
	w := stranger{schema: s, doc: doc, left: maxStrangers}
	w.walk(doc, []*jsonschema.Schema{s.likely}, nil)
	slices.SortFunc(w.list, func(a, b Stranger) int {
		return compareViolations(Violation{Location: append(slices.Clone(a.Location), a.Name)}, Violation{Location: append(slices.Clone(b.Location), b.Name)})
	})
	names := s.naming([]*jsonschema.Schema{s.likely})
	return w.list, !names.closed && len(names.rest) == 0
}

type stranger struct {
	schema *Schema
	doc    any
	list   []Stranger
	left   int
}

func (w *stranger) walk(v any, schemas []*jsonschema.Schema, at []string) {
	if w.left--; w.left < 0 || len(schemas) == 0 {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		names := w.schema.naming(schemas)
		if w.left -= len(names.schemas); w.left < 0 {
			return
		}
		for name, value := range v {
			below := names.of(name)
			if len(below) == 0 {
				below = names.rest
			}
			if len(below) == 0 && names.said() {
				w.list = append(w.list, Stranger{Location: slices.Clone(at), Path: pathText(w.doc, at), Name: name,
					Known: slices.Sorted(maps.Keys(names.properties)), Passes: !names.closed && !names.free})
			}
			w.walk(value, below, append(at, name))
		}
	case []any:
		names := w.schema.naming(schemas)
		for i, item := range v {
			w.walk(item, itemSchemas(names.schemas, i), append(at, strconv.Itoa(i)))
		}
	}
}

// naming returns the names of schemas, and of all that they apply to the same value.
func (s *Schema) naming(schemas []*jsonschema.Schema) *naming {
	if len(schemas) != 1 || s.namings == nil {
		return namesOf(inPlace(schemas))
	}
	made := s.namings[schemas[0]]
	if made == nil {
		made = namesOf(inPlace(schemas))
		s.namings[schemas[0]] = made
	}
	return made
}

// A naming is the properties that schemas name together.
type naming struct {
	schemas    []*jsonschema.Schema
	properties map[string][]*jsonschema.Schema
	patterns   []*jsonschema.Schema // that have some
	rest       []*jsonschema.Schema // of all others
	closed     bool                 // no others may be
	free       bool                 // others may be, and the schemas say so
}

func namesOf(schemas []*jsonschema.Schema) *naming {
	n := &naming{schemas: schemas, properties: map[string][]*jsonschema.Schema{}}
	for _, s := range schemas {
		for name, sub := range s.Properties {
			n.properties[name] = append(n.properties[name], sub)
		}
		if len(s.PatternProperties) > 0 {
			n.patterns = append(n.patterns, s)
		}
		for _, others := range []any{s.AdditionalProperties, s.UnevaluatedProperties} {
			switch others := others.(type) {
			case bool:
				n.closed, n.free = n.closed || !others, n.free || others
			case *jsonschema.Schema:
				switch {
				case others == nil:
				case others.Bool != nil:
					n.closed, n.free = n.closed || !*others.Bool, n.free || *others.Bool
				default:
					n.rest = append(n.rest, others)
				}
			}
		}
	}
	return n
}

// said reports whether the schemas name anything.
func (n *naming) said() bool { return len(n.properties) > 0 || len(n.patterns) > 0 }

// of returns the schemas of a property.
func (n *naming) of(name string) []*jsonschema.Schema {
	list := n.properties[name]
	if len(n.patterns) == 0 {
		return list
	}
	list = slices.Clone(list)
	for _, s := range n.patterns {
		for pattern, sub := range s.PatternProperties {
			if pattern.MatchString(name) {
				list = append(list, sub)
			}
		}
	}
	return list
}

// itemSchemas returns what schemas say of an item of a list.
func itemSchemas(schemas []*jsonschema.Schema, i int) (list []*jsonschema.Schema) {
	add := func(sub any) {
		if sub, ok := sub.(*jsonschema.Schema); ok && sub != nil {
			list = append(list, sub)
		}
	}
	for _, s := range schemas {
		switch items := s.Items.(type) {
		case []*jsonschema.Schema:
			if i < len(items) {
				add(items[i])
			} else {
				add(s.AdditionalItems)
			}
		default:
			add(items)
		}
		if i < len(s.PrefixItems) {
			add(s.PrefixItems[i])
		} else {
			add(s.Items2020)
		}
		add(s.UnevaluatedItems)
	}
	return list
}

// inPlace returns schemas with all that they apply, or may apply, to the same value.
func inPlace(schemas []*jsonschema.Schema) []*jsonschema.Schema {
	seen := map[*jsonschema.Schema]bool{}
	var list []*jsonschema.Schema
	var walk func(s *jsonschema.Schema)
	walk = func(s *jsonschema.Schema) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		walk(s.Ref)
		if s.Ref != nil && s.DraftVersion < 2019 {
			return // what stands beside it does not count
		}
		list = append(list, s)
		walk(s.RecursiveRef)
		if s.DynamicRef != nil {
			walk(s.DynamicRef.Ref)
		}
		for _, subs := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf, {s.If, s.Then, s.Else}} {
			for _, sub := range subs {
				walk(sub)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(s.DependentSchemas)) {
			walk(s.DependentSchemas[name])
		}
		for _, name := range slices.Sorted(maps.Keys(s.Dependencies)) {
			if sub, ok := s.Dependencies[name].(*jsonschema.Schema); ok {
				walk(sub)
			}
		}
	}
	for _, s := range schemas {
		walk(s)
	}
	return list
}
