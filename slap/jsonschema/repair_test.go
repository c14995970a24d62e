package jsonschema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// One bad corner of a schema does not switch the rest off.
func TestRepair(t *testing.T) {
	const draft = `"$schema": "http://json-schema.org/draft-0%d/schema#", `
	drafts := []string{fmt.Sprintf(draft, 4), fmt.Sprintf(draft, 6), fmt.Sprintf(draft, 7), `"$schema": "https://json-schema.org/draft/2019-09/schema", `, `"$schema": "https://json-schema.org/draft/2020-12/schema", `, ""}
	other := map[string]string{"https://lab.example/other.json": `{"properties": {"deep": {"$ref": "nothing.json"}, "fine": {"type": "integer"}}}`, "https://lab.example/bad.json": `{"a": `, "https://lab.example/list.json": `[]`}
	for name, test := range map[string]struct {
		schema    string
		unchecked string // pointers
		value     string
		want      []string
	}{
		"dangling pointer": {`"properties": {"a": {"$ref": "#/definitions/no"}, "b": {"type": "integer"}}`, "#/properties/a/$ref", `{"a": 1, "b": "x"}`, []string{"b: got text, want a whole number"}},
		"dangling file":    {`"properties": {"a": {"$ref": "no.json"}, "b": {"type": "integer"}}`, "#/properties/a/$ref", `{"a": 1, "b": "x"}`, []string{"b: got text, want a whole number"}},
		"dangling anchor":  {`"properties": {"a": {"$ref": "#no"}, "b": {"type": "integer"}}`, "#/properties/a/$ref", `{"a": 1, "b": "x"}`, []string{"b: got text, want a whole number"}},
		"no JSON":          {`"properties": {"a": {"$ref": "bad.json"}, "b": {"type": "integer"}}`, "#/properties/a/$ref", `{"a": 1, "b": "x"}`, []string{"b: got text, want a whole number"}},
		"no schema":        {`"properties": {"a": {"$ref": "list.json"}, "b": {"type": "integer"}}`, "#/properties/a/$ref", `{"a": 1, "b": "x"}`, []string{"b: got text, want a whole number"}},
		"to a text":        {`"title": "x", "properties": {"a": {"$ref": "#/title"}, "b": {"type": "integer"}}`, "#/properties/a/$ref", `{"a": 1, "b": "x"}`, []string{"b: got text, want a whole number"}},
		"in what is referred to": {`"properties": {"a": {"$ref": "other.json"}, "b": {"type": "integer"}}`, "other.json#/properties/deep/$ref", `{"a": {"deep": 1, "fine": "x"}, "b": "x"}`,
			[]string{"a.fine: got text, want a whole number", "b: got text, want a whole number"}},
		"misplaced reference":      {`"properties": {"$ref": "#/definitions/x", "b": {"type": "integer"}}`, "#/properties/$ref", `{"a": 1, "b": "x"}`, []string{"b: got text, want a whole number"}},
		"misplaced, closed":        {`"additionalProperties": false, "properties": {"$ref": "#/definitions/x", "b": {"type": "integer"}}`, "#/properties/$ref", `{"a": 1, "b": "x"}`, []string{`: "a" is not known here`, "b: got text, want a whole number"}},
		"keyword of another type":  {`"properties": {"a": {"type": "int"}, "b": {"type": "integer", "minimum": "5"}}`, "#/properties/a/type #/properties/b/minimum", `{"a": 1, "b": "x"}`, []string{"b: got text, want a whole number"}},
		"required of draft 3":      {`"properties": {"b": {"type": "integer", "required": true}}`, "#/properties/b/required", `{"b": "x"}`, []string{"b: got text, want a whole number"}},
		"list with a bad one":      {`"allOf": [5, {"properties": {"b": {"type": "integer"}}}]`, "#/allOf/0", `{"b": "x"}`, []string{"b: got text, want a whole number"}},
		"no list":                  {`"allOf": 5, "properties": {"b": {"type": "integer"}}`, "#/allOf", `{"b": "x"}`, []string{"b: got text, want a whole number"}},
		"properties of a list":     {`"properties": {"a": {"properties": ["x"]}, "b": {"type": "integer"}}`, "#/properties/a/properties", `{"a": {}, "b": "x"}`, []string{"b: got text, want a whole number"}},
		"pattern":                  {`"properties": {"a": {"type": "string", "pattern": "^(?!root$)", "maxLength": 5}, "b": {"type": "integer"}}`, "#/properties/a/pattern", `{"a": "too long", "b": "x"}`, []string{"a: got 8 characters, want at most 5", "b: got text, want a whole number"}},
		"pattern of names":         {`"patternProperties": {"^(?!x)/": {"type": "integer"}}, "properties": {"b": {"type": "integer"}}, "additionalProperties": false`, "#/patternProperties/^(?!x)~1", `{"a": "x", "b": "x"}`, []string{"b: got text, want a whole number"}},
		"pattern in not":           {`"properties": {"a": {"not": {"pattern": "^(?!x)"}}}`, "#/properties/a/not/pattern", `{"a": "y"}`, nil},
		"pattern in oneOf":         {`"properties": {"a": {"oneOf": [{"pattern": "^(?!x)"}, {"type": "string"}]}, "b": {"type": "integer"}}`, "#/properties/a/oneOf/0/pattern", `{"a": "y", "b": "x"}`, []string{"b: got text, want a whole number"}},
		"pattern in anyOf":         {`"properties": {"a": {"anyOf": [{"type": "string", "pattern": "^(?!x)"}, {"type": "boolean"}]}}`, "#/properties/a/anyOf/0/pattern", `{"a": 5}`, []string{"a: got a number, want text or True or False"}},
		"reference in oneOf":       {`"oneOf": [{"$ref": "#/no"}, {"required": ["b"]}]`, "#/oneOf/0/$ref", `{"b": 1}`, nil},
		"reference in not":         {`"not": {"$ref": "#/no"}`, "#/not/$ref", `{"b": 1}`, nil},
		"what nothing refers to":   {`"definitions": {"x": {"$ref": "#/no"}, "y": {"type": 5}}, "properties": {"b": {"type": "integer"}}`, "", `{"b": "x"}`, []string{"b: got text, want a whole number"}},
		"notes of another type":    {`"title": 5, "description": [], "properties": {"b": {"type": "integer"}}`, "", `{"b": "x"}`, []string{"b: got text, want a whole number"}},
		"nothing required":         {`"required": [], "properties": {"b": {"type": "integer", "enum": ["a", "a", 5]}}`, "", `{"b": 6}`, []string{`b: want "a" or 5`}},
		"required twice":           {`"required": ["a", "a"]`, "", `{"b": 6}`, []string{`: "a" is missing`}},
		"truth values":             {`"properties": {"a": true, "b": false}`, "", `{"a": 1, "b": 6}`, []string{"b: is not allowed"}},
		"what dangles lower down":  {`"properties": {"a": {"type": "int", "properties": {"c": {"$ref": "#/no"}, "d": {"type": "integer"}}}}`, "#/properties/a/properties/c/$ref #/properties/a/type", `{"a": {"c": 1, "d": "x"}}`, []string{"a.d: got text, want a whole number"}},
		"not a schema at all":      {`"properties": {"a": "text", "b": {"type": "integer"}}`, "#/properties/a", `{"a": 1, "b": "x"}`, []string{"b: got text, want a whole number"}},
		"items that are no schema": {`"properties": {"a": {"items": 5}, "b": {"items": {"type": "integer"}}}`, "#/properties/a/items", `{"a": [1], "b": ["x"]}`, []string{"b[0]: got text, want a whole number"}},
	} {
		for _, dialect := range drafts {
			reader := files(map[string]string{root: `{` + dialect + test.schema + `}`, "https://lab.example/other.json": other["https://lab.example/other.json"], "https://lab.example/bad.json": other["https://lab.example/bad.json"], "https://lab.example/list.json": other["https://lab.example/list.json"]})
			s, err := Compile(root, reader)
			if err != nil {
				t.Errorf("%s, %s: %v", name, dialect, err)
				continue
			}
			var unchecked []string
			for _, part := range s.Unchecked() {
				unchecked = append(unchecked, strings.TrimPrefix(strings.TrimPrefix(part.Location, root), "https://lab.example/"))
			}
			if got := strings.Join(unchecked, " "); got != test.unchecked {
				t.Errorf("%s, %s: not checked: got %s, want %s", name, dialect, got, test.unchecked)
			}
			if diff := cmp.Diff(test.want, lines(t, s, test.value, nil)); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, dialect, diff)
			}
		}
	}
}

// What a part that is not applied would have evaluated is not unevaluated.
func TestRepairUnevaluated(t *testing.T) {
	s := compile(t, `{"unevaluatedProperties": false, "allOf": [{"$ref": "no.json"}], "properties": {"b": {"type": "integer"}}}`)
	if diff := cmp.Diff([]string{"b: got text, want a whole number"}, lines(t, s, `{"a": 1, "b": "x"}`, nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
