package jsonschema

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A Property is what a schema says of one member of an object. What several parts of a
// schema say of it, such as the forms of a oneOf, is put together.
type Property struct {
	Name        string
	Pattern     bool // Name is a pattern of names, or empty: it stands for all others
	Title       string
	Description string
	Types       []string // names of JSON Schema, such as "integer"; sorted; empty: any
	Values      []any    // that it may have, of enum and const; empty: not listed
	Default     *any     // nil: none
	Required    bool
	Nested      bool // it has, or its items have, members that the schema names
}

// Items is the element of a path to [Schema.Properties] that stands for all items of a list.
const Items = "[]"

// Matching is the element of a path to [Schema.Properties] that stands for all names of a
// pattern.
func Matching(pattern string) string { return "\x00" + pattern }

// Properties returns what the schema says of the members of an object: that at the path,
// whose elements are names, [Items] for what is in a list, and [Matching]. They are sorted by name,
// patterns last.
func (s *Schema) Properties(path ...string) (list []Property) {
	if s.work != nil {
		s.work.mu.Lock()
		defer s.work.mu.Unlock()
		s.work.matching.left = maxMatching
	}
	defer func() { // patterns that match too much
		r := recover()
		if err, _ := r.(error); r != nil && !errors.Is(err, errMatching) {
			panic(r)
		}
	}()
	schemas := []*jsonschema.Schema{s.likely}
	for _, element := range path {
		names := s.naming(schemas)
		if element == Items {
			schemas = itemSchemas(names.schemas, math.MaxInt)
			schemas = append(schemas, firstItems(names.schemas)...)
			continue
		}
		if pattern, ok := strings.CutPrefix(element, Matching("")); ok {
			schemas = names.ofPattern(pattern)
			continue
		}
		schemas = names.of(element)
		if len(schemas) == 0 {
			schemas = names.rest
		}
	}
	if len(schemas) == 0 {
		return nil
	}
	names := s.naming(schemas)
	required := map[string]bool{}
	for _, sub := range certain(schemas) {
		for _, name := range sub.Required {
			required[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names.properties)) {
		p := s.property(name, names.properties[name])
		p.Required = required[name]
		list = append(list, p)
	}
	patterns := map[string][]*jsonschema.Schema{}
	for _, sub := range names.patterns {
		for pattern, of := range sub.PatternProperties {
			patterns[pattern.String()] = append(patterns[pattern.String()], of)
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(patterns)) {
		p := s.property(pattern, patterns[pattern])
		p.Pattern = true
		list = append(list, p)
	}
	if len(names.rest) > 0 {
		p := s.property("", names.rest)
		p.Pattern = true
		list = append(list, p)
	}
	return list
}

// property puts together what schemas say of a value.
func (s *Schema) property(name string, schemas []*jsonschema.Schema) Property {
	p := Property{Name: name}
	all := inPlace(schemas)
	for _, sub := range slices.Concat(schemas, all) { // a reference may have words of its own
		if p.Title == "" {
			p.Title = sub.Title
		}
		if p.Description == "" {
			p.Description = sub.Description
		}
		if p.Default == nil {
			p.Default = sub.Default
		}
	}
	types := map[string]bool{}
	for _, sub := range all {
		if sub.Types != nil {
			for _, name := range sub.Types.ToStrings() {
				types[name] = true
			}
		}
		var values []any
		if sub.Enum != nil {
			values = sub.Enum.Values
		}
		if sub.Const != nil {
			values = append(slices.Clone(values), *sub.Const)
		}
		for _, value := range values {
			if !slices.ContainsFunc(p.Values, func(v any) bool { return sameJSON(v, value) }) {
				p.Values = append(p.Values, value)
			}
		}
	}
	p.Types = slices.Sorted(maps.Keys(types))
	within := namesOf(all)
	items := namesOf(inPlace(append(itemSchemas(all, math.MaxInt), firstItems(all)...)))
	p.Nested = within.said() || len(within.rest) > 0 || items.said()
	return p
}

// ofPattern returns the schemas of the names of a pattern.
func (n *naming) ofPattern(pattern string) (list []*jsonschema.Schema) {
	for _, s := range n.patterns {
		for p, sub := range s.PatternProperties {
			if p.String() == pattern {
				list = append(list, sub)
			}
		}
	}
	return list
}

// firstItems returns what schemas say of items that have a place of their own.
func firstItems(schemas []*jsonschema.Schema) (list []*jsonschema.Schema) {
	for _, s := range schemas {
		list = append(list, s.PrefixItems...)
		if items, ok := s.Items.([]*jsonschema.Schema); ok {
			list = append(list, items...)
		}
	}
	return list
}

// certain returns schemas with all that they apply to the same value in any case.
func certain(schemas []*jsonschema.Schema) []*jsonschema.Schema {
	seen := map[*jsonschema.Schema]bool{}
	var list []*jsonschema.Schema
	var walk func(s *jsonschema.Schema)
	walk = func(s *jsonschema.Schema) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		list = append(list, s)
		walk(s.Ref)
		for _, sub := range s.AllOf {
			walk(sub)
		}
	}
	for _, s := range schemas {
		walk(s)
	}
	return list
}

func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
