package jsonschema

import (
	"fmt"
	"strings"
	"testing"
)

// describe writes properties, one a line.
func describe(list []Property) string {
	var b strings.Builder
	for _, p := range list {
		fmt.Fprintf(&b, "%s %v", p.Name, p.Types)
		if p.Pattern {
			b.WriteString(" pattern")
		}
		if len(p.Values) > 0 {
			fmt.Fprintf(&b, " of %v", p.Values)
		}
		if p.Default != nil {
			fmt.Fprintf(&b, " = %v", *p.Default)
		}
		if p.Required {
			b.WriteString(" required")
		}
		if p.Nested {
			b.WriteString(" nested")
		}
		if p.Title+p.Description != "" {
			fmt.Fprintf(&b, " %q", p.Title+p.Description)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestProperties(t *testing.T) {
	files := map[string]string{
		"https://lab.example/in.json": `{
		  "$schema": "https://json-schema.org/draft/2020-12/schema",
		  "allOf": [{"$ref": "more.json#/$defs/common"}],
		  "required": ["size"],
		  "properties": {
		    "size": {"type": "integer", "default": 0, "title": "Size", "enum": [0, 2]},
		    "disk": {"$ref": "#/$defs/disk", "description": "Where it is."},
		    "sites": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
		    "pair": {"type": "array", "prefixItems": [{"properties": {"first": {}}}]},
		    "by name": {"type": "object", "patternProperties": {"^a": {"type": "boolean"}}, "additionalProperties": {"type": "string", "const": "x"}},
		    "sites by": {"patternProperties": {"^s": {"$ref": "#/properties/sites"}}},
		    "self": {"$ref": "#"}
		  },
		  "oneOf": [{"properties": {"kind": {"const": "a"}}}, {"properties": {"kind": {"const": "b"}, "only-b": true}, "required": ["only-b"]}],
		  "$defs": {"disk": {"type": ["string", "null"], "description": "A disk."}}
		}`,
		"https://lab.example/more.json": `{"$defs": {"common": {"required": ["shared"], "properties": {"shared": {"default": null}, "size": {"type": "integer", "enum": [2]}}}}}`,
		"https://lab.example/old.json": `{
		  "$schema": "http://json-schema.org/draft-07/schema#",
		  "properties": {"a": {"$ref": "#/definitions/a", "title": "does not count"}, "items": {"items": [{"properties": {"first": {}}}], "additionalItems": {"properties": {"rest": {}}}}},
		  "definitions": {"a": {"type": "string", "title": "counts"}}
		}`,
	}
	read := func(location string) ([]byte, error) { return []byte(files[location]), nil }
	for _, c := range []struct {
		location string
		path     []string
		want     string
	}{
		{"in", nil, `by name [object] nested
disk [null string] "Where it is."
kind [] of [a b]
only-b []
pair [array] nested
self [] nested
shared [] = <nil> required
sites [array] nested
sites by [] nested
size [integer] of [0 2] = 0 required "Size"
`},
		{"in", []string{"sites", Items}, "name [string] required\n"},
		{"in", []string{"pair", Items}, "first []\n"},
		{"in", []string{"by name"}, "^a [boolean] pattern\n [string] pattern of [x]\n"},
		{"in", []string{"sites by", Matching("^s"), Items}, "name [string] required\n"},
		{"in", []string{"sites by", Matching("^t")}, ""},
		{"in", []string{"self", "self", "sites", Items}, "name [string] required\n"},
		{"in", []string{"size"}, ""},
		{"in", []string{"nothing", "below"}, ""},
		{"old", nil, "a [string] \"counts\"\nitems [] nested\n"},
		{"old", []string{"items", Items}, "first []\nrest []\n"},
	} {
		s, err := Compile("https://lab.example/"+c.location+".json", read)
		if err != nil {
			t.Fatal(err)
		}
		if got := describe(s.Properties(c.path...)); got != c.want {
			t.Errorf("%s %q: got\n%swant\n%s", c.location, c.path, got, c.want)
		}
	}
}
