package jsonschema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a schema does not name, and whether it lets it pass.
func TestStrangers(t *testing.T) {
	for _, test := range []struct {
		schema, value string
		open          bool
		want          []string
	}{
		{`{"properties": {"port": {}}}`, `{"prot": 1, "port": 2}`, true, []string{`"" prot port passes`}},
		{`{"properties": {"port": {}}, "additionalProperties": false}`, `{"prot": 1}`, false, []string{`"" prot port`}},
		{`{"properties": {"port": {}}, "additionalProperties": true}`, `{"prot": 1}`, true, []string{`"" prot port`}}, // it says so
		{`{"properties": {"port": {}}, "additionalProperties": {"type": "string"}}`, `{"prot": "x"}`, false, nil},
		{`{"properties": {"port": {}}, "patternProperties": {"^pro": {}}}`, `{"prot": "x"}`, true, nil},
		{`{"type": "object"}`, `{"prot": 1}`, true, nil}, // it names nothing
		{`{}`, `{"prot": 1}`, true, nil},
		{`{"unevaluatedProperties": false, "allOf": [{"properties": {"port": {}}}]}`, `{"prot": 1, "port": 1}`, false, []string{`"" prot port`}},
		{`{"$ref": "#/$defs/a", "$defs": {"a": {"properties": {"port": {}}}}, "properties": {"b": {}}}`, `{"prot": 1, "port": 1}`, true, []string{`"" prot b,port passes`}},
		{`{"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}], "if": {"properties": {"c": {}}}, "then": {"properties": {"d": {}}}, "dependentSchemas": {"x": {"properties": {"x": {}}}}}`,
			`{"a": 1, "b": 1, "c": 1, "d": 1, "x": 1, "e": 1}`, true, []string{`"" e a,b,c,d,x passes`}},
		{`{"properties": {"list": {"items": {"properties": {"host": {}}}}, "map": {"additionalProperties": {"properties": {"n": {}}}}}}`,
			`{"list": [{"host": 1}, {"hots": 1}], "map": {"any": {"m": 1}}}`, true, []string{`"list[1]" hots host passes`, `"map.any" m n passes`}},
		{`{"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/a", "properties": {"no": {}}, "definitions": {"a": {"properties": {"port": {}}, "items": [{}]}}}`, `{"no": 1}`, true, []string{`"" no port passes`}},
		{`{"properties": {"again": {"$ref": "#"}}}`, `{"again": {"again": {"x": 1}}}`, true, []string{`"again.again" x again passes`}},
	} {
		doc, err := Parse([]byte(test.value))
		if err != nil {
			t.Fatal(err)
		}
		list, open := compile(t, test.schema).Strangers(doc)
		var got []string
		for _, s := range list {
			line := fmt.Sprintf("%q %s %s", s.Path, s.Name, strings.Join(s.Known, ","))
			if s.Passes {
				line += " passes"
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(test.want, got); diff != "" || open != test.open {
			t.Errorf("%s with %s: open %t, want %t (-want +got):\n%s", test.schema, test.value, open, test.open, diff)
		}
	}
}
