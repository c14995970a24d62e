package jsonschema

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// How a keyword holds schemas, in any dialect.
type holding int

const (
	holdsNone holding = iota
	holdsOne
	holdsList
	holdsMap      // by name
	holdsItems    // one, or a list
	holdsSometime // by name, some of which are lists of names
)

var holdings = map[string]holding{
	"not": holdsOne, "if": holdsOne, "then": holdsOne, "else": holdsOne, "additionalItems": holdsOne, "additionalProperties": holdsOne,
	"contains": holdsOne, "propertyNames": holdsOne, "unevaluatedItems": holdsOne, "unevaluatedProperties": holdsOne, "contentSchema": holdsOne,
	"allOf": holdsList, "anyOf": holdsList, "oneOf": holdsList, "prefixItems": holdsList,
	"properties": holdsMap, "patternProperties": holdsMap, "definitions": holdsMap, "$defs": holdsMap, "dependentSchemas": holdsMap,
	"items": holdsItems, "dependencies": holdsSometime,
}

// A place is where a schema is in its document, and what its references are relative to.
type place struct {
	pointer string // as in JSON, RFC 6901
	base    string // URL
}

func (p place) below(tokens ...string) place {
	for _, token := range tokens {
		p.pointer += "/" + escapePointer(token)
	}
	return p
}

var pointerEscapes, pointerUnescapes = strings.NewReplacer("~", "~0", "/", "~1"), strings.NewReplacer("~1", "/", "~0", "~")

func escapePointer(token string) string { return pointerEscapes.Replace(token) }

// location writes a place as the library does.
func location(document, pointer string) string {
	tokens := strings.Split(pointer, "/")
	for i, token := range tokens {
		tokens[i] = url.PathEscape(token)
	}
	return document + "#" + strings.Join(tokens, "/")
}

// children calls f with the schemas directly within a schema: objects and what stands
// where one should be.
func children(schema map[string]any, f func(child any, tokens ...string)) {
	for keyword, value := range schema {
		kind := holdings[keyword]
		list, isList := value.([]any)
		object, isObject := value.(map[string]any)
		switch {
		case kind == holdsOne, kind == holdsItems && !isList:
			f(value, keyword)
		case isList && (kind == holdsList || kind == holdsItems):
			for i, child := range list {
				f(child, keyword, strconv.Itoa(i))
			}
		case isObject && (kind == holdsMap || kind == holdsSometime):
			for name, child := range object {
				if _, names := child.([]any); !names || kind == holdsMap {
					f(child, keyword, name)
				}
			}
		}
	}
}

// eachPart calls f with a schema and all within it, each with its place. f may change the
// schema that it gets, and reports whether to go on with what is within.
func eachPart(schema any, at place, idKeyword string, f func(schema map[string]any, at place) bool) {
	object, ok := schema.(map[string]any)
	if !ok {
		return
	}
	if id, _ := object[idKeyword].(string); id != "" {
		if u, _, err := join(at.base, id); err == nil {
			at.base = u
		}
	}
	if !f(object, at) {
		return
	}
	children(object, func(child any, tokens ...string) { eachPart(child, at.below(tokens...), idKeyword, f) })
}

// join resolves a reference, and takes its fragment apart.
func join(base, reference string) (document, fragment string, err error) {
	b, err := url.Parse(base)
	if err != nil {
		return "", "", err
	}
	text, fragment, _ := strings.Cut(reference, "#")
	if fragment, err = url.PathUnescape(fragment); err != nil {
		return "", "", err
	}
	r, err := url.Parse(text)
	if err != nil {
		return "", "", err
	}
	resolved := b.ResolveReference(r)
	if !r.IsAbs() && b.Opaque != "" {
		resolved.Opaque = b.Opaque
	}
	return resolved.String(), fragment, nil
}

// lookup returns what a pointer leads to.
func lookup(doc any, pointer string) (any, bool) {
	if pointer == "" {
		return doc, true
	}
	if !strings.HasPrefix(pointer, "/") {
		return nil, false
	}
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = pointerUnescapes.Replace(token)
		switch container := doc.(type) {
		case map[string]any:
			child, ok := container[token]
			if !ok {
				return nil, false
			}
			doc = child
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(container) {
				return nil, false
			}
			doc = container[i]
		default:
			return nil, false
		}
	}
	return doc, true
}

// dialectOf returns the name of the dialect that a document says, or the newest one's.
func dialectOf(doc any) string {
	object, _ := doc.(map[string]any)
	text, _ := object["$schema"].(string)
	_, name, _ := strings.Cut(text, "://")
	if name = strings.TrimSuffix(name, "#"); slices.Contains(dialects, name) {
		return name
	}
	return dialects[0]
}

const draft4 = "json-schema.org/draft-04/schema"

// older reports whether a reference stands for all of its schema, and what is beside it
// does not count.
func older(dialect string) bool { return strings.HasPrefix(dialect, "json-schema.org/draft-0") }
