package jsonschema

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// prune takes out of errors that are independent those which only follow from others:
// where a value is wrong, the schema around it has not looked at the other members, and
// they are left over as if nothing knew them.
func (r *report) prune(errs []*jsonschema.ValidationError) []*jsonschema.ValidationError {
	wrong := map[string]bool{} // where something is that is not left over, and all around it
	for _, e := range errs {
		if r.leftIn(e) == nil {
			for depth := range len(e.InstanceLocation) + 1 {
				wrong[strings.Join(e.InstanceLocation[:depth], "\x00")] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(errs), func(e *jsonschema.ValidationError) bool {
		s, last := r.leftIn(e), len(e.InstanceLocation)-1
		return s != nil && wrong[strings.Join(e.InstanceLocation[:last], "\x00")] && r.knows(s, e.InstanceLocation[last])
	})
}

// leftIn returns the schema that has left a member over, if that is what an error says.
func (r *report) leftIn(e *jsonschema.ValidationError) *jsonschema.Schema {
	for _, keyword := range []string{"/unevaluatedProperties", "/unevaluatedItems"} {
		if url, ok := strings.CutSuffix(e.SchemaURL, keyword); ok && len(e.InstanceLocation) > 0 {
			return r.schemas[url]
		}
	}
	return nil
}

// knows reports whether a schema names a member, somewhere.
func (r *report) knows(s *jsonschema.Schema, member string) bool {
	names := r.known[s]
	if names == nil {
		schemas := slices.DeleteFunc(inPlace([]*jsonschema.Schema{s}), func(sub *jsonschema.Schema) bool { return sub == s })
		own := *s // without what is left over
		own.UnevaluatedProperties, own.UnevaluatedItems = nil, nil
		names = namesOf(append(schemas, &own))
		if r.known == nil {
			r.known = map[*jsonschema.Schema]*naming{}
		}
		r.known[s] = names
	}
	if len(names.of(member)) > 0 || len(names.rest) > 0 || names.free {
		return true
	}
	i, err := strconv.Atoi(member)
	return err == nil && len(itemSchemas(names.schemas, i)) > 0
}

// discriminated returns what is wrong with the form that a value says it is: its
// property, and no other form's, has a value that the schema wants there. ok reports
// whether there is such a property.
func (r *report) discriminated(e *jsonschema.ValidationError) (list []Violation, ok bool) {
	s := r.schemas[e.SchemaURL]
	if s == nil {
		return nil, false
	}
	forms := s.OneOf
	if strings.HasSuffix(strings.Join(e.ErrorKind.KeywordPath(), "/"), "anyOf") {
		forms = s.AnyOf
	}
	object, isObject := valueAt(r.doc, e.InstanceLocation).(map[string]any)
	if !isObject || len(forms) < 2 || len(forms) != len(e.Causes) {
		return nil, false
	}
	var wanted []map[string][]any
	for _, form := range forms {
		wanted = append(wanted, r.fixed(form))
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(wanted[0])) {
		_, has := object[name]
		if has && !r.open(append(slices.Clone(e.InstanceLocation), name)) && !slices.ContainsFunc(wanted, func(w map[string][]any) bool { return w[name] == nil }) {
			names = append(names, name)
		}
	}
	var none []Violation
	for _, name := range names {
		meant, all := []int{}, []any{}
		for i, w := range wanted {
			if slices.ContainsFunc(w[name], func(want any) bool { return reflect.DeepEqual(want, object[name]) }) {
				meant = append(meant, i)
			}
			for _, want := range w[name] {
				if !slices.ContainsFunc(all, func(v any) bool { return reflect.DeepEqual(v, want) }) {
					all = append(all, want)
				}
			}
		}
		switch len(meant) {
		case 0:
			if none == nil {
				at := append(slices.Clone(e.InstanceLocation), name)
				none = []Violation{{Location: at, Path: pathText(r.doc, at), Keyword: "enum", Want: all, Message: "want " + jsonList(all)}}
			}
		case 1:
			list := r.violations(e.Causes[meant[0]])
			for i := range list {
				if !strings.Contains(list[i].Message, " (with ") {
					list[i].Message += fmt.Sprintf(" (with %s = %s)", name, jsonList([]any{object[name]}))
				}
			}
			return list, true
		}
	}
	return none, none != nil
}

// fixed returns the properties of which a form says what they may be.
func (r *report) fixed(form *jsonschema.Schema) map[string][]any {
	if values, ok := r.wanted[form]; ok {
		return values
	}
	values := map[string][]any{}
	for _, s := range always(form) {
		for name, property := range s.Properties {
			for _, p := range always(property) {
				switch {
				case p.Const != nil:
					values[name] = []any{*p.Const}
				case p.Enum != nil && values[name] == nil:
					values[name] = p.Enum.Values
				}
			}
		}
	}
	if r.wanted == nil {
		r.wanted = map[*jsonschema.Schema]map[string][]any{}
	}
	r.wanted[form] = values
	return values
}

// always returns a schema with those that it applies to the same value, whatever that is.
func always(s *jsonschema.Schema) (list []*jsonschema.Schema) {
	seen := map[*jsonschema.Schema]bool{}
	var walk func(s *jsonschema.Schema)
	walk = func(s *jsonschema.Schema) {
		if s == nil || seen[s] || len(list) == maxAlways {
			return
		}
		seen[s] = true
		list = append(list, s)
		walk(s.Ref)
		for _, sub := range s.AllOf {
			walk(sub)
		}
	}
	walk(s)
	return list
}

// maxAlways is how many schemas are looked at for what a form is known by.
const maxAlways = 100

// valueAt returns what is at a location, nil for nothing.
func valueAt(doc any, location []string) any {
	for _, step := range location {
		switch container := doc.(type) {
		case map[string]any:
			doc = container[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(container) {
				return nil
			}
			doc = container[i]
		default:
			return nil
		}
	}
	return doc
}
