package jsonschema

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// notes are keywords whose values do not matter.
var notes = []string{"title", "description", "$comment", "default", "examples", "readOnly", "writeOnly", "deprecated", "format",
	"contentEncoding", "contentMediaType", "$vocabulary"}

// invalid takes out what a meta-schema does not allow, and reports whether there was
// anything.
func (r *repairer) invalid(err error) bool {
	var e *jsonschema.SchemaValidationError
	var cause *jsonschema.ValidationError
	if !errors.As(err, &e) || !errors.As(e.Err, &cause) {
		return false
	}
	document, pointer, err := join(e.URL, e.URL)
	if err != nil {
		return false
	}
	schema, ok := lookup(r.docs[document], pointer)
	object, isObject := schema.(map[string]any)
	if !ok || !isObject {
		return false
	}
	progress := false
	for _, v := range (&report{doc: schema}).violations(cause) {
		if r.cut(document, object, place{pointer: pointer}, v) {
			progress = true
		}
	}
	return progress
}

// cut takes out the part of a schema that a violation is about: a keyword, or a schema.
func (r *repairer) cut(document string, schema map[string]any, at place, v Violation) bool {
	tokens := v.Location
	for len(tokens) > 0 {
		keyword := tokens[0]
		value, ok := schema[keyword]
		if !ok {
			return true // it is out already
		}
		steps, child := 1, value
		switch container := value.(type) {
		case []any:
			if len(tokens) > 1 && (holdings[keyword] == holdsList || holdings[keyword] == holdsItems) {
				i, err := strconv.Atoi(tokens[1])
				if err != nil || i >= len(container) {
					return false
				}
				if steps, child = 2, container[i]; !isSchema(child) {
					container[i] = r.empty(document, at.below(keyword, tokens[1]), v)
					return true
				}
			}
		case map[string]any:
			if len(tokens) > 1 && (holdings[keyword] == holdsMap || holdings[keyword] == holdsSometime) {
				if steps, child = 2, container[tokens[1]]; !isSchema(child) {
					container[tokens[1]] = r.empty(document, at.below(keyword, tokens[1]), v)
					return true
				}
			}
		}
		object, ok := child.(map[string]any)
		if !ok || holdings[keyword] == holdsNone || steps == 1 && holdings[keyword] != holdsOne && holdings[keyword] != holdsItems {
			if !slices.Contains(notes, keyword) {
				r.note(document, at, keyword, schema, v.Message, nil)
			}
			delete(schema, keyword)
			return true
		}
		at, schema, tokens = at.below(tokens[:steps]...), object, tokens[steps:]
	}
	r.note(document, at, "", schema, v.Message, nil)
	maps.DeleteFunc(schema, func(key string, _ any) bool { return !slices.Contains(kept, key) })
	return true
}

func isSchema(v any) bool {
	switch v.(type) {
	case map[string]any, bool:
		return true
	}
	return false
}

// jsonType returns the name that JSON schemas have for the type of a value.
func jsonType(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "number"
}

// empty returns what stands in the place of what is no schema.
func (r *repairer) empty(document string, at place, v Violation) map[string]any {
	schema := map[string]any{}
	r.note(document, at, "", schema, v.Message, nil)
	return schema
}
