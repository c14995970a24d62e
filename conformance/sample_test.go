package conformance

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A sampler makes parameters from the JSON schemas of releases: some are valid, some are
// nearly so. It is rough, as others judge what it makes.
type sampler struct {
	docs map[string]any // by path
}

func (s *sampler) doc(path string) any {
	if doc, ok := s.docs[path]; ok {
		return doc
	}
	var doc any
	if data, err := os.ReadFile(path); err == nil {
		json.Unmarshal(data, &doc)
	}
	s.docs[path] = doc
	return doc
}

// resolve follows the references of a schema, and puts what stands beside them over what
// they lead to.
func (s *sampler) resolve(schema any, path string) (map[string]any, string) {
	all := map[string]any{}
	for range 10 {
		object, _ := schema.(map[string]any)
		for key, value := range object {
			if _, ok := all[key]; !ok && key != "$ref" {
				all[key] = value
			}
		}
		reference, ok := object["$ref"].(string)
		if !ok {
			break
		}
		file, pointer, _ := strings.Cut(reference, "#")
		if file != "" {
			path = filepath.Join(filepath.Dir(path), file)
		}
		schema = s.doc(path)
		for _, step := range strings.Split(pointer, "/")[1:] {
			step, _ = url.PathUnescape(strings.NewReplacer("~1", "/", "~0", "~").Replace(step))
			object, _ := schema.(map[string]any)
			schema = object[step]
		}
	}
	return all, path
}

// value makes a value of a schema. choice says which form, and how much of it.
func (s *sampler) value(schema any, path string, choice, depth int) any {
	o, path := s.resolve(schema, path)
	if depth > 7 {
		return map[string]any{}
	}
	pick := func(list any) (any, bool) {
		l, _ := list.([]any)
		if len(l) == 0 {
			return nil, false
		}
		return l[choice%len(l)], true
	}
	if v, ok := o["const"]; ok {
		return v
	}
	if v, ok := o["default"]; ok && choice%3 == 1 {
		return v
	}
	if v, ok := pick(o["enum"]); ok {
		return v
	}
	if v, ok := pick(o["examples"]); ok && choice%2 == 0 {
		return v
	}
	object := map[string]any{}
	var other any
	merge := func(v any) {
		if m, ok := v.(map[string]any); ok {
			maps.Copy(object, m)
		} else {
			other = v
		}
	}
	if list, ok := o["allOf"].([]any); ok {
		for _, sub := range list {
			merge(s.value(sub, path, choice, depth+1))
		}
	}
	for _, keyword := range []string{"oneOf", "anyOf"} {
		if sub, ok := pick(o[keyword]); ok {
			merge(s.value(sub, path, choice/2, depth+1))
		}
	}
	kind, _ := o["type"].(string)
	if v, ok := pick(o["type"]); ok {
		kind, _ = v.(string)
	}
	properties, _ := o["properties"].(map[string]any)
	if kind == "" && properties != nil {
		kind = "object"
	}
	number := func(fallback float64) float64 {
		for keyword, add := range map[string]float64{"minimum": 0, "exclusiveMinimum": 1, "multipleOf": 0, "maximum": 0} {
			if n, ok := o[keyword].(float64); ok {
				return n + add
			}
		}
		return fallback
	}
	switch kind {
	case "object":
		required, _ := o["required"].([]any)
		for i, name := range slices.Sorted(maps.Keys(properties)) {
			if slices.Contains(required, any(name)) || choice%4 == 0 || (i+choice)%3 == 0 {
				object[name] = s.value(properties[name], path, choice+i*(choice%2), depth+1)
			}
		}
		others, _ := o["additionalProperties"].(map[string]any)
		patterns, _ := o["patternProperties"].(map[string]any)
		for _, sub := range append(slices.Collect(maps.Values(patterns)), any(others)) {
			if sub, ok := sub.(map[string]any); ok && len(sub) > 0 {
				object["any"] = s.value(sub, path, choice, depth+1)
			}
		}
	case "array":
		list := []any{}
		for i := range choice % 3 {
			list = append(list, s.value(o["items"], path, choice+i, depth+1))
		}
		return list
	case "string":
		if other == nil {
			least, _ := o["minLength"].(float64)
			return []string{"x", "text", "https://lab.example/", "2001:db8::1"}[choice%4] + strings.Repeat("y", int(min(least, 1000)))
		}
	case "integer":
		if other == nil {
			return float64(int(number(float64(choice))))
		}
	case "number":
		if other == nil {
			return number(float64(choice) + 0.5)
		}
	case "boolean":
		return choice%2 == 0
	case "null":
		return nil
	}
	if other != nil && len(object) == 0 {
		return other
	}
	return object
}

// substitutes stand in the place of what a schema wants.
var substitutes = []any{"text", "", "17", "True", "1.5", 17.0, -1.0, 1.5, 70000.0, true, nil, []any{}, []any{1.0}, map[string]any{}, map[string]any{"stranger": 1.0}}

// broken makes variants of parameters in which one thing is another.
func broken(v any, emit func(any)) {
	switch v := v.(type) {
	case map[string]any:
		emit(with(v, "stranger", "x"))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			less := maps.Clone(v)
			delete(less, name)
			emit(less)
			for _, other := range substitutes {
				emit(with(v, name, other))
			}
			broken(v[name], func(other any) { emit(with(v, name, other)) })
		}
	case []any:
		for i := range v {
			replaced := func(other any) {
				list := slices.Clone(v)
				list[i] = other
				emit(list)
			}
			for _, other := range substitutes {
				replaced(other)
			}
			broken(v[i], replaced)
		}
		emit(append(slices.Clone(v), v...))
	}
}

func with(m map[string]any, name string, v any) map[string]any {
	m = maps.Clone(m)
	m[name] = v
	return m
}

// parameters returns at most n different parameters of a schema: nothing, forms of all
// sizes, and variants of these.
func (s *sampler) parameters(path string, xml bool, n int) []map[string]any {
	var list []map[string]any
	seen := map[string]bool{}
	add := func(v any) {
		m, ok := v.(map[string]any)
		if !ok || m[""] != nil {
			return
		}
		for _, value := range m {
			switch value.(type) {
			case map[string]any, []any:
				if xml { // it cannot travel
					return
				}
			}
		}
		if text, err := json.Marshal(m); err == nil && !seen[string(text)] {
			seen[string(text)] = true
			list = append(list, m)
		}
	}
	schema := s.doc(path)
	add(map[string]any{})
	var bases []any
	for choice := range 24 {
		v := s.value(schema, path, choice, 0)
		if m, ok := v.(map[string]any); ok && xml {
			maps.DeleteFunc(m, func(_ string, v any) bool {
				_, isMap := v.(map[string]any)
				_, isList := v.([]any)
				return isMap || isList
			})
		}
		bases = append(bases, v)
		add(v)
	}
	kept := len(list)
	for _, v := range bases {
		broken(v, add)
	}
	r := rand.New(rand.NewPCG(1, 2))
	rest := list[min(kept, len(list)):]
	r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	return list[:min(n, len(list))]
}

// starlark writes a JSON value as the files have it.
func starlark(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case float64:
		if v == float64(int64(v)) {
			return strconv.FormatInt(int64(v), 10)
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, starlark(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		var items []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			items = append(items, starlark(name)+": "+starlark(v[name]))
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	text, _ := json.Marshal(v)
	return string(text)
}
