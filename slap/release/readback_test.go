package release

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the file gives as a number is a number; a text is what the recipe of the release
// makes of it.
func TestReadBack(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"software.cfg.json": `{"serialisation": "xml", "software-type": {"default": {"request": "in.json", "response": "out.json"}}}`,
		"in.json": `{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": false,
			"properties": {
				"port": {"type": "integer", "minimum": 1, "maximum": 65535}, "ratio": {"type": "number"}, "ssh-key": {"type": "string"}, "debug": {"type": "boolean"},
				"size": {"enum": [1, 3, 5]}, "word": {"enum": ["1", "3", "True"]}, "const": {"const": 7}, "none": {"type": ["null", "integer"]}, "name": {"type": "string", "pattern": "^[a-z]+$"},
				"either": {"type": ["integer", "string"]}, "list": {"type": "array"}, "half": {"type": "number", "multipleOf": 0.5},
				"form": {"oneOf": [{"type": "integer", "minimum": 10}, {"type": "boolean"}]}, "certificate": {"type": "string"}},
			"patternProperties": {"^port-": {"type": "integer"}},
			"if": {"properties": {"debug": {"const": true}}, "required": ["debug"]}, "then": {"required": ["port"]}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	type parameters = map[string]any
	number := func(s string) any { return json.Number(s) }
	schemas := &Schemas{Root: dir}
	for _, test := range []struct {
		given parameters
		want  []Violation
	}{
		{parameters{"port": 8022}, nil},
		{parameters{"port": "8022"}, nil},
		{parameters{"port": "+08022"}, nil},
		{parameters{"port": "2.0"}, nil}, // a whole number, as 2.0 is
		{parameters{"port": number("2.0")}, nil},
		{parameters{"port": "2.5"}, []Violation{{"port", "got text, want a whole number"}}},
		{parameters{"port": "many"}, []Violation{{"port", "got text, want a whole number"}}},
		{parameters{"port": ""}, []Violation{{"port", "got text, want a whole number"}}},
		{parameters{"port": "70000"}, []Violation{{"port", "want at most 65535"}}},
		{parameters{"port": 0}, []Violation{{"port", "want at least 1"}}},
		{parameters{"port": "-1"}, []Violation{{"port", "want at least 1"}}},
		{parameters{"port": "1 "}, []Violation{{"port", "got text, want a whole number"}}},
		{parameters{"port": "0x10"}, []Violation{{"port", "got text, want a whole number"}}},
		{parameters{"port": "True"}, []Violation{{"port", "got text, want a whole number"}}},
		{parameters{"port": true}, []Violation{{"port", "got a truth value, want a whole number"}}},
		{parameters{"port": nil}, []Violation{{"port", "got None, want a whole number"}}},
		{parameters{"ratio": "1e-05"}, nil},
		{parameters{"ratio": ".5"}, nil},
		{parameters{"ratio": "5."}, nil},
		{parameters{"ratio": "."}, []Violation{{"ratio", "got text, want a number"}}},
		{parameters{"ratio": "-"}, []Violation{{"ratio", "got text, want a number"}}},
		{parameters{"ratio": "nan"}, []Violation{{"ratio", "got text, want a number"}}},
		{parameters{"ratio": "1e9999999"}, []Violation{{"ratio", "got text, want a number"}}},
		{parameters{"half": "0.75"}, []Violation{{"half", "want a multiple of 0.5"}}},
		{parameters{"ssh-key": 17}, []Violation{{"ssh-key", "got a number, want text"}}},
		{parameters{"ssh-key": "17"}, nil},
		{parameters{"ssh-key": "True"}, nil},
		{parameters{"ssh-key": true}, []Violation{{"ssh-key", "got a truth value, want text"}}},
		{parameters{"ssh-key": number("1.5")}, []Violation{{"ssh-key", "got a number, want text"}}},
		{parameters{"ssh-key": nil}, []Violation{{"ssh-key", "got None, want text"}}},
		{parameters{"debug": true, "port": 1}, nil},
		{parameters{"debug": "False"}, nil},
		{parameters{"debug": "true"}, []Violation{{"debug", "got text, want True or False"}}},
		{parameters{"debug": 1}, []Violation{{"debug", "got a number, want True or False"}}},
		{parameters{"debug": "True"}, []Violation{{"", `"port" is missing`}}},
		{parameters{"size": 3}, nil},
		{parameters{"size": "3"}, nil},
		{parameters{"size": "4"}, []Violation{{"size", "want 1, 3 or 5"}}},
		{parameters{"word": "3"}, nil},
		{parameters{"word": 3}, []Violation{{"word", `want "1", "3" or "True"`}}},
		{parameters{"word": "True"}, nil},
		{parameters{"const": "7"}, nil},
		{parameters{"const": "8"}, []Violation{{"const", "want 7"}}},
		{parameters{"none": nil}, nil},
		{parameters{"none": "5"}, nil},
		{parameters{"name": "17"}, []Violation{{"name", "does not match the pattern ^[a-z]+$"}}},
		{parameters{"either": "17", "ssh-key": "17", "port": "17", "name": "a"}, nil},
		{parameters{"list": "[1]"}, []Violation{{"list", "got text, want a list"}}},
		{parameters{"list": []any{1}}, nil}, // of the caller; no file can give it
		{parameters{"form": "11"}, nil},
		{parameters{"form": "True"}, nil},
		{parameters{"port-a": "17", "port-b": 18, "port-c": "x"}, []Violation{{"port-c", "got text, want a whole number"}}},
		{parameters{"prot": "17"}, []Violation{{"", `"prot" is not known here`}}},
		{parameters{"port": "<later>", "debug": "<later>", "ssh-key": "<later>", "size": "<later>", "form": "<later>"}, nil},
	} {
		got, err := schemas.Validate(context.Background(), ParameterCheck{Release: "software.cfg", Parameters: test.given, Unknown: func(text string) bool { return text == "<later>" }})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got.Violations); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.given, diff)
		}
	}
}
