package jsonschema

import (
	"fmt"
	"maps"
	"reflect"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// A Part is a part of a schema that is not applied: it makes no sense, or refers to what
// cannot be had.
type Part struct {
	Location string // URL or path of the document, #, and a JSON pointer
	Reason   string
	Err      error // of what could not be read; may be nil
}

// A hole is a part that was taken out of a schema. What the part would say of a value is
// not known: see Schema.Validate.
type hole struct {
	part   Part
	schema map[string]any // that it was taken out of; nil: it is a pattern, and still there
	within string         // the location of that schema
	filler map[string]any
}

// A repairer takes out of the documents of a schema what cannot be applied.
type repairer struct {
	*loader
	holes []*hole
	seen  map[uintptr]bool // schemas that were walked, by where they are in memory
	named map[string]names // by document
}

func (r *repairer) note(document string, at place, keyword string, schema map[string]any, reason string, err error) {
	pointer := at.pointer
	if keyword != "" {
		pointer += "/" + escapePointer(keyword)
	}
	text := document + "#" + pointer
	if slices.ContainsFunc(r.holes, func(h *hole) bool { return h.part.Location == text }) {
		return
	}
	r.holes = append(r.holes, &hole{part: Part{Location: text, Reason: reason, Err: err}, schema: schema, within: location(document, at.pointer)})
}

// applied returns the parts that are not there and that a schema would apply.
func (r *repairer) applied(s *Schema) []Part {
	var list []Part
	for _, h := range r.holes {
		if s.parts[h.within] != nil {
			list = append(list, h.part)
		}
	}
	return list
}

// walk looks through a schema, and through those that it refers to.
func (r *repairer) walk(document string, schema any, at place) {
	if r.err != nil {
		return
	}
	dialect := dialectOf(r.docs[document])
	eachPart(schema, at, idKeyword(dialect), func(schema map[string]any, at place) bool {
		address := reflect.ValueOf(schema).Pointer()
		if r.seen[address] {
			return false
		}
		r.seen[address] = true
		children(schema, func(child any, tokens ...string) {
			if !isSchema(child) { // the library would say so as well, after reading all of it
				r.cut(document, schema, at, Violation{Location: tokens, Message: typeMessage(jsonType(child), []any{"boolean", "object"})})
			}
		})
		r.normalise(schema, dialect)
		for _, keyword := range []string{"$ref", "$dynamicRef", "$recursiveRef"} {
			reference, ok := schema[keyword].(string)
			if !ok || r.err != nil {
				continue
			}
			if reason, err := r.follow(document, at, reference); reason != "" {
				r.note(document, at, keyword, schema, reason, err)
				delete(schema, keyword)
				if older(dialect) { // what stands beside it did not count, and is not to count now
					maps.DeleteFunc(schema, func(key string, _ any) bool { return !slices.Contains(kept, key) })
				}
			}
		}
		if pattern, ok := schema["pattern"].(string); ok && !compiles(pattern) {
			r.note(document, at, "pattern", nil, "the pattern "+pattern+" cannot be applied", nil)
		}
		if patterns, ok := schema["patternProperties"].(map[string]any); ok {
			for pattern := range patterns {
				if !compiles(pattern) {
					r.note(document, at.below("patternProperties"), pattern, nil, "the pattern "+pattern+" cannot be applied", nil)
					r.holes[len(r.holes)-1].within = location(document, at.pointer)
				}
			}
		}
		return true
	})
}

// kept are the keywords of a schema that say nothing of a value.
var kept = []string{"$schema", "$id", "id", "$anchor", "definitions", "$defs", "title", "description", "default"}

func idKeyword(dialect string) string {
	if dialect == draft4 {
		return "id"
	}
	return "$id"
}

func compiles(pattern string) bool {
	_, err := syntax.Parse(pattern, syntax.Perl)
	return err == nil
}

// follow walks what a reference leads to, or says why that cannot be had.
func (r *repairer) follow(document string, at place, reference string) (reason string, err error) {
	target, fragment, err := join(at.base, reference)
	if err != nil {
		return "the reference " + reference + " makes no sense", nil
	}
	if _, name, _ := strings.Cut(target, "://"); strings.HasPrefix(name, "json-schema.org/") {
		return "", nil
	}
	root, base := r.resource(document, target)
	from := document
	if root == nil {
		if _, err := r.Load(target); r.err != nil { // the schema is refused as a whole
			return "", nil
		} else if err != nil {
			return err.Error(), err
		}
		from, root, base = target, r.docs[target], place{base: target}
	}
	nothing := fmt.Sprintf("the reference %s leads nowhere", reference)
	if fragment != "" && !strings.HasPrefix(fragment, "/") {
		if !r.anchors(from)[base.base+"#"+fragment] && !r.anchors(from)[target+"#"+fragment] {
			return nothing, nil
		}
		return "", nil // it was walked with its document, or will be
	}
	found, ok := lookup(root, fragment)
	if !ok {
		return nothing, nil
	}
	switch found.(type) {
	case map[string]any, bool:
	default:
		return fmt.Sprintf("the reference %s leads to what is no schema", reference), nil
	}
	if from != document {
		r.walk(from, r.docs[from], place{base: from})
	}
	base.pointer += fragment
	r.walk(from, found, base)
	return "", nil
}

// resource returns the schema of a document that has a URL, and its place.
func (r *repairer) resource(document, target string) (schema any, at place) {
	if target == document {
		return r.docs[document], place{base: document}
	}
	at, ok := r.resources(document)[target]
	if !ok {
		return nil, place{}
	}
	schema, _ = lookup(r.docs[document], at.pointer)
	return schema, at
}

// normalise writes a schema as the meta-schemas want it, where that says the same.
func (r *repairer) normalise(schema map[string]any, dialect string) {
	for _, keyword := range []string{"required", "enum", "type"} {
		list, ok := schema[keyword].([]any)
		if !ok {
			continue
		}
		if schema[keyword] = distinct(list); len(list) == 0 && keyword == "required" {
			delete(schema, keyword)
		}
	}
	if dialect != draft4 {
		return
	}
	children(schema, func(child any, tokens ...string) { // draft-04 has no truth values for schemas
		truth, ok := child.(bool)
		if !ok || len(tokens) == 1 {
			return
		}
		plain := map[string]any{}
		if !truth {
			plain["not"] = map[string]any{}
		}
		switch container := schema[tokens[0]].(type) {
		case map[string]any:
			container[tokens[1]] = plain
		case []any:
			i, _ := strconv.Atoi(tokens[1])
			container[i] = plain
		}
	})
}

// distinct returns the texts of a list once each, and what else is in it.
func distinct(list []any) []any {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(list), func(v any) bool {
		text, ok := v.(string)
		again := ok && seen[text]
		seen[text] = seen[text] || ok
		return again
	})
}

// fill lets the schemas that something was taken out of accept every value, as far as
// that goes, or none.
func (r *repairer) fill(accept bool) {
	for _, h := range r.holes {
		if h.schema == nil {
			continue
		}
		if h.filler == nil {
			h.filler = map[string]any{}
			all, _ := h.schema["allOf"].([]any)
			h.schema["allOf"] = append(slices.Clone(all), h.filler)
		}
		clear(h.filler)
		if accept { // and what is in them has been looked at
			h.filler["additionalProperties"], h.filler["items"] = map[string]any{}, map[string]any{}
		} else {
			h.filler["not"] = map[string]any{}
		}
	}
}
