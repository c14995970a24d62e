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
	leftover := func(e *jsonschema.ValidationError) (parent *jsonschema.Schema, depth int) {
		for url := e.SchemaURL; ; {
			i := strings.LastIndexByte(url, '/')
			if i < 0 {
				return nil, 0
			}
			if keyword := url[i+1:]; keyword == "unevaluatedProperties" || keyword == "unevaluatedItems" {
				return r.schemas[url[:i]], len(e.InstanceLocation) - 1
			}
			return nil, 0
		}
	}
	return slices.DeleteFunc(slices.Clone(errs), func(e *jsonschema.ValidationError) bool {
		parent, depth := leftover(e)
		if parent == nil || depth < 0 || !r.knows(parent, e.InstanceLocation[depth]) {
			return false
		}
		within := e.InstanceLocation[:depth]
		return slices.ContainsFunc(errs, func(other *jsonschema.ValidationError) bool {
			others, _ := leftover(other)
			return others == nil && len(other.InstanceLocation) >= depth && slices.Equal(other.InstanceLocation[:depth], within)
		})
	})
}

// knows reports whether a schema names a member, somewhere.
func (r *report) knows(s *jsonschema.Schema, member string) bool {
	schemas := slices.DeleteFunc(inPlace([]*jsonschema.Schema{s}), func(sub *jsonschema.Schema) bool { return sub == s })
	schemas = append(schemas, &jsonschema.Schema{Properties: s.Properties, PatternProperties: s.PatternProperties, PrefixItems: s.PrefixItems, Items: s.Items})
	names := namesOf(schemas)
	if len(names.of(member)) > 0 || len(names.rest) > 0 || names.free {
		return true
	}
	i, err := strconv.Atoi(member)
	return err == nil && len(itemSchemas(schemas, i)) > 0
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
		wanted = append(wanted, fixed(form))
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
func fixed(form *jsonschema.Schema) map[string][]any {
	values := map[string][]any{}
	seen := map[*jsonschema.Schema]bool{}
	var walk func(s *jsonschema.Schema, f func(*jsonschema.Schema))
	walk = func(s *jsonschema.Schema, f func(*jsonschema.Schema)) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		defer delete(seen, s)
		f(s)
		walk(s.Ref, f)
		for _, sub := range s.AllOf {
			walk(sub, f)
		}
	}
	walk(form, func(s *jsonschema.Schema) {
		for name, sub := range s.Properties {
			walk(sub, func(p *jsonschema.Schema) {
				switch {
				case p.Const != nil:
					values[name] = []any{*p.Const}
				case p.Enum != nil && values[name] == nil:
					values[name] = p.Enum.Values
				}
			})
		}
	})
	return values
}

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
