package release

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// What a response schema says of paths.
func TestOutput(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"software.cfg.json": `{"serialisation": "json-in-xml", "software-type": {
			"default": {"request": "in.json", "response": "out.json"}, "open": {"request": "in.json", "response": "open.json"},
			"none": {"request": "in.json"}, "broken": {"request": "in.json", "response": "nothing.json"}, "plain": {"request": "in.json", "response": "out.json", "serialisation": "xml"}}}`,
		"in.json":   `{}`,
		"open.json": `{"properties": {"url": {"type": "string"}}}`,
		"out.json": `{"$schema": "http://json-schema.org/draft-07/schema", "type": "object", "additionalProperties": false, "required": ["url"],
			"properties": {"url": {"type": "string"}, "port": {"type": ["integer", "null"]}, "any": {}, "both": {"type": ["integer", "string"]},
				"list": {"type": "array", "items": {"$ref": "#/definitions/item"}}},
			"patternProperties": {"^site-": {"type": "boolean"}},
			"definitions": {"item": {"oneOf": [{"type": "object", "additionalProperties": false, "properties": {"a": {"type": "string"}}}]}}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	schemas := &Schemas{Root: dir}
	for _, test := range []struct {
		kind     string
		path     []any
		stranger string
		passes   bool
		notText  bool
	}{
		{"", []any{"url"}, "", false, false},
		{"", []any{"ulr"}, "ulr", false, false},
		{"", []any{"port"}, "", false, true},
		{"", []any{"both"}, "", false, false},
		{"", []any{"any", "x", 3, "y"}, "", false, false},
		{"", []any{"list", 7, "a"}, "", false, false},
		{"", []any{"list", -1, "b"}, "b", false, false},
		{"", []any{"list"}, "", false, true},
		{"", []any{"site-1"}, "", false, true},
		{"", []any{"a.b"}, "a.b", false, false},
		{"open", []any{"ulr"}, "ulr", true, false},
		{"open", []any{"url"}, "", false, false},
		{"plain", []any{"port"}, "", false, false}, // each is text there
		{"plain", []any{"prot"}, "prot", false, false},
		{"none", []any{"x"}, "", false, false},
		{"stranger", []any{"x"}, "", false, false},
	} {
		v, err := schemas.Output(context.Background(), OutputCheck{Release: "software.cfg", SoftwareType: test.kind, Path: test.path, Text: true})
		if err != nil {
			t.Errorf("%s %v: %v", test.kind, test.path, err)
			continue
		}
		var got OutputVerdict
		if v != nil {
			got = *v
		}
		stranger, passes := "", false
		if got.Stranger != nil {
			stranger, passes = got.Stranger.Name, got.Stranger.Passes
		}
		if stranger != test.stranger || passes != test.passes || got.NotText != test.notText {
			t.Errorf("%s %v: got stranger %q, passes %t, not text %t", test.kind, test.path, stranger, passes, got.NotText)
		}
	}
	if _, err := schemas.Output(context.Background(), OutputCheck{Release: "software.cfg", SoftwareType: "broken", Path: []any{"x"}}); err == nil {
		t.Error("a response schema that is not there is no error")
	}
}

// A key of what is no object, and an index of what is no list, lead nowhere.
func TestOutputAstray(t *testing.T) {
	for _, test := range []struct {
		schema string
		path   []any
		want   int // how many steps lead somewhere
	}{
		{`{"properties": {"url": {"type": "string"}}}`, []any{"url", "x"}, 1},
		{`{"properties": {"url": {"type": "string"}}}`, []any{"url", 0, "x"}, 1},
		{`{"properties": {"url": {"type": "string"}}}`, []any{"url"}, 1},
		{`{"properties": {"r": {"properties": {"l": {"type": "array", "items": {"type": "integer"}}}}}}`, []any{"r", "l", "x"}, 2},
		{`{"properties": {"r": {"properties": {"l": {"type": "array", "items": {"type": "integer"}}}}}}`, []any{"r", "l", -1}, 3},
		{`{"properties": {"r": {"properties": {"l": {"type": "array", "items": {"type": "integer"}}}}}}`, []any{"r", "l", 7, "x"}, 3},
		{`{"properties": {"r": {"type": "object"}}}`, []any{"r", 0}, 1},
		{`{"type": "object"}`, []any{0}, 0},
		{`{"properties": {"r": {"type": ["object", "null"]}}}`, []any{"r", "x"}, 2},
		{`{"properties": {"r": {"anyOf": [{"type": "string"}, {"type": "object"}]}}}`, []any{"r", "x"}, 2},
		{`{"anyOf": [{"properties": {"r": {"type": "string"}}}, {"required": ["k"]}]}`, []any{"r", "x"}, 2},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"software.cfg.json": `{"serialisation": "json-in-xml", "software-type": {"default": {"request": "in.json", "response": "out.json"}}}`,
			"in.json":           `{}`, "out.json": test.schema,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		v, err := (&Schemas{Root: dir}).Output(context.Background(), OutputCheck{Release: "software.cfg", Path: test.path})
		if err != nil || len(v.Astray) != test.want {
			t.Errorf("%s: %v: got %+v, %v, want %d steps", test.schema, test.path, v, err, test.want)
		}
	}
}
