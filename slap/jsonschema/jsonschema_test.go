package jsonschema

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// files is a Reader over a map. What is not in it does not exist.
func files(m map[string]string) Reader {
	return func(location string) ([]byte, error) {
		if text, ok := m[location]; ok {
			return []byte(text), nil
		}
		return nil, fmt.Errorf("%s: %w", location, errMissing)
	}
}

var errMissing = errors.New("there is no such file")

const root = "https://lab.example/in.json"

func compile(t *testing.T, text string) *Schema {
	t.Helper()
	s, err := Compile(root, files(map[string]string{root: text}))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

func lines(t *testing.T, s *Schema, value string, unknown func(string) bool) []string {
	t.Helper()
	doc, err := Parse([]byte(value))
	if err != nil {
		t.Fatal(err)
	}
	violations, err := s.Validate(doc, unknown)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, v := range violations {
		list = append(list, v.Path+": "+v.Message)
	}
	return list
}

func TestViolations(t *testing.T) {
	for _, test := range []struct {
		schema, value string
		want          []string
	}{
		{`{"type": "object"}`, `{}`, nil},
		{`{"type": "object"}`, `3`, []string{": got a number, want a dictionary"}},
		{`{"properties": {"ram": {"type": "integer"}}}`, `{"ram": "4096"}`, []string{"ram: got text, want a whole number"}},
		{`{"properties": {"ram": {"type": "integer"}}}`, `{"ram": 1.5}`, []string{"ram: got a number, want a whole number"}},
		{`{"properties": {"ram": {"type": ["integer", "null"]}}}`, `{"ram": true}`, []string{"ram: got a truth value, want None or a whole number"}},
		{`{"required": ["a", "b", "c"]}`, `{"b": 1}`, []string{`: "a" and "c" are missing`}},
		{`{"properties": {"x": {"items": {"required": ["port"]}}}}`, `{"x": [{"port": 1}, {}]}`, []string{`x[1]: "port" is missing`}},
		{`{"properties": {"a": {}}, "additionalProperties": false}`, `{"a": 1, "c d": 2, "b": 3}`, []string{`: "b" and "c d" are not known here`}},
		{`{"unevaluatedProperties": false, "allOf": [{"properties": {"a": {}}}]}`, `{"a": 1, "b": 3}`, []string{`b: is not allowed`}},
		{`{"additionalProperties": {"minimum": 10, "exclusiveMaximum": 10.5, "multipleOf": 0.5}}`, `{"a b": 9.7, "c.d": {"é": 1}, "é": 11}`,
			[]string{`["a b"]: want at least 10`, `["a b"]: want a multiple of 0.5`, `é: want less than 10.5`}},
		{`{"properties": {"s": {"enum": ["started", "stopped", 3, null]}}}`, `{"s": "secret"}`, []string{`s: want "started", "stopped", 3 or null`}},
		{`{"properties": {"s": {"const": {"a": 1}}}}`, `{"s": 1}`, []string{`s: want {"a":1}`}},
		{`{"items": {"pattern": "^[a-z]+$", "minLength": 1, "maxLength": 3}}`, `["", "ABCD", "abc"]`,
			[]string{"[0]: want a text that is not empty", "[0]: does not match the pattern ^[a-z]+$", "[1]: got 4 characters, want at most 3", "[1]: does not match the pattern ^[a-z]+$"}},
		{`{"minItems": 3, "uniqueItems": true, "contains": {"const": 5}}`, `[1, 1]`,
			[]string{": too few of the items are of the form that has to be among them", ": got 2 items, want at least 3", ": items 0 and 1 are the same"}},
		{`{"prefixItems": [{}], "items": false}`, `[1, 2]`, []string{"[1]: is not allowed"}},
		{`{"$schema": "http://json-schema.org/draft-07/schema#", "items": [{}], "additionalItems": false}`, `[1, 2, 3]`, []string{": 2 items too many"}},
		{`{"minProperties": 2, "maxProperties": 0, "propertyNames": {"maxLength": 2}}`, `{"abc": 1}`,
			[]string{": got 1 key, want at most 0", ": got 1 key, want at least 2", `: the name "abc" is not allowed here: got 3 characters, want at most 2`}},
		{`{"dependentRequired": {"cert": ["key"]}}`, `{"cert": 1}`, []string{`: "key" is missing, which "cert" needs`}},
		{`{"not": {"required": ["a"]}}`, `{"a": 1}`, []string{": is not allowed"}},
		{`{"if": {"properties": {"ssl": {"const": true}}}, "then": {"required": ["key"]}}`, `{"ssl": true}`, []string{`: "key" is missing`}},
		// Which of the forms was meant.
		{`{"anyOf": [{"type": "string"}, {"type": "integer"}]}`, `[]`, []string{": got a list, want text or a whole number"}},
		{`{"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 5}]}`, `3`, []string{": want at least 5"}},
		{`{"oneOf": [{"properties": {"t": {"const": "a"}, "x": {"type": "string"}}}, {"properties": {"t": {"const": "b"}, "y": {"type": "string"}}}]}`,
			`{"t": "b", "x": 1, "y": 1}`, []string{`y: got a number, want text (with t = "b")`}},
		{`{"oneOf": [{"properties": {"t": {"const": "a"}, "m": {"enum": ["x"]}}}, {"properties": {"t": {"enum": ["b", "c"]}, "m": {"enum": ["y"]}}}]}`,
			`{"t": "c", "m": "z"}`, []string{`m: want "y" (with t = "c")`}},
		{`{"oneOf": [{"properties": {"t": {"const": "a"}}}, {"properties": {"t": {"enum": ["b", "c"]}}}]}`, `{"t": "d"}`, []string{`t: want "a", "b" or "c"`}},
		{`{"properties": {"l": {"items": {"anyOf": [{"$ref": "#/$defs/a"}, {"allOf": [{"$ref": "#/$defs/b"}]}]}}}, "$defs": {"a": {"required": ["x"], "properties": {"t": {"const": 1}}}, "b": {"required": ["y"], "properties": {"t": {"$ref": "#/$defs/two"}}}, "two": {"const": 2}}}`,
			`{"l": [{"t": 1}, {"t": 2}]}`, []string{`l[0]: "x" is missing (with t = 1)`, `l[1]: "y" is missing (with t = 2)`}},
		// What is beside something wrong is not wrong for that.
		{`{"unevaluatedProperties": false, "allOf": [{"properties": {"ram": {"type": "integer"}, "cpu": {"type": "integer"}}}]}`, `{"ram": "many", "cpu": 2}`, []string{"ram: got text, want a whole number"}},
		{`{"unevaluatedProperties": false, "allOf": [{"properties": {"ram": {"type": "integer"}, "cpu": {"type": "integer"}}}]}`, `{"ram": "many", "cpu": 2, "x": 1}`, []string{"ram: got text, want a whole number", "x: is not allowed"}},
		{`{"unevaluatedProperties": false, "$ref": "#/$defs/a", "$defs": {"a": {"required": ["ram"], "properties": {"ram": {}, "cpu": {}}, "patternProperties": {"^d": {}}}}}`, `{"cpu": 2, "disk": 1}`, []string{`: "ram" is missing`}},
		{`{"properties": {"vm": {"unevaluatedProperties": false, "anyOf": [{"properties": {"a": {"type": "string"}, "b": {}}}]}}}`, `{"vm": {"a": 1, "b": 1}}`, []string{"vm.a: got a number, want text"}},
		{`{"unevaluatedProperties": false, "oneOf": [{"properties": {"t": {"const": 1}, "a": {}}}, {"properties": {"t": {"const": 2}, "b": {}}}]}`, `{"t": 1, "b": 1}`, []string{"b: is not allowed"}},
		{`{"unevaluatedItems": false, "allOf": [{"prefixItems": [{"type": "string"}, {"type": "string"}]}]}`, `["a", 5]`, []string{"[1]: got a number, want text"}},
		{`{"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}`, `{"c": 1}`, []string{`: fits none of the forms that are allowed: "a" is missing; or "b" is missing`}},
		{`{"properties": {"p": {"anyOf": [{"properties": {"a": {"maximum": 1}}}, {"properties": {"a": {"minimum": 9}}}]}}}`, `{"p": {"a": 5}}`,
			[]string{`p: fits none of the forms that are allowed: p.a: want at most 1; or p.a: want at least 9`}},
		{`{"oneOf": [{"type": "integer"}, {"type": "string"}, {"minimum": 1}]}`, `3`, []string{": fits forms 1 and 3, of which only one may fit"}},
		// Found twice, said once; the tenth item after the second.
		{`{"allOf": [{"items": {"type": "string"}}, {"items": {"type": "string"}}]}`, `["", "", 1, "", "", "", "", "", "", "", 2]`,
			[]string{"[2]: got a number, want text", "[10]: got a number, want text"}},
		// The dialects. In draft-04 exclusiveMinimum is a truth value, from 2019-09 on
		// what stands beside $ref counts, and the newest one is the default.
		{`{"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 3, "exclusiveMinimum": true}`, `3`, []string{": want more than 3"}},
		{`{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"a": {}}, "$ref": "#/definitions/a", "type": "string"}`, `3`, nil},
		{`{"$schema": "https://json-schema.org/draft/2019-09/schema", "definitions": {"a": {}}, "$ref": "#/definitions/a", "type": "string"}`, `3`, []string{": got a number, want text"}},
		{`{"dependentRequired": {"a": ["b"]}, "prefixItems": [{"type": "string"}]}`, `[3]`, []string{"[0]: got a number, want text"}},
		{`{"$schema": "http://lab.example/my-own#", "prefixItems": [{"type": "string"}]}`, `[3]`, []string{"[0]: got a number, want text"}},
		// As the stock client: formats assert nothing, in no dialect.
		{`{"$schema": "http://json-schema.org/draft-07/schema#", "format": "ipv4"}`, `"x"`, nil},
		{`{"format": "ipv4"}`, `"x"`, nil},
		// Numbers keep their digits.
		{`{"const": 12345678901234567890}`, `12345678901234567891`, []string{": want 12345678901234567890"}},
	} {
		for range 5 { // the library walks maps
			if diff := cmp.Diff(test.want, lines(t, compile(t, test.schema), test.value, nil)); diff != "" {
				t.Errorf("%s with %s (-want +got):\n%s", test.schema, test.value, diff)
				break
			}
		}
	}
}

// A text that is not known yet is a text, and no more is said of it.
func TestUnknown(t *testing.T) {
	unknown := func(text string) bool { return strings.Contains(text, "?") }
	for _, test := range []struct {
		schema, value string
		want          []string
	}{
		{`{"properties": {"a": {"pattern": "^x$", "minLength": 99, "enum": ["b"]}}}`, `{"a": "?"}`, nil},
		{`{"properties": {"a": {"pattern": "^x$"}, "b": {"pattern": "^x$"}}}`, `{"a": "http://?/", "b": "y"}`, []string{"b: does not match the pattern ^x$"}},
		{`{"properties": {"a": {"type": "integer"}}}`, `{"a": "?"}`, []string{"a: got text, want a whole number"}},
		{`{"required": ["b"], "additionalProperties": false}`, `{"a": "?"}`, []string{`: "a" is not known here`, `: "b" is missing`}},
		{`{"oneOf": [{"properties": {"a": {"const": "x"}}}, {"properties": {"a": {"const": "y"}}}]}`, `{"a": "?"}`, nil},
		{`{"oneOf": [{"properties": {"t": {"const": "x"}, "a": {"type": "integer"}, "b": {"minLength": 3}}}, {"properties": {"t": {"const": "y"}}}]}`, `{"a": "z", "b": "?", "t": "x"}`,
			[]string{`a: got text, want a whole number (with t = "x")`}},
		{`{"not": {"properties": {"a": {"maxLength": 5}}}}`, `{"a": "?"}`, nil},
		{`{"enum": [{"a": "x"}]}`, `{"a": "?"}`, nil},
		{`{"uniqueItems": true, "maxItems": 1}`, `["?", "?"]`, []string{": got 2 items, want at most 1"}},
		// Of some not even the type is known.
		{`{"properties": {"a": {"type": "integer", "minimum": 3}, "b": {"type": "integer"}}}`, `{"a": "*", "b": "x"}`, []string{"b: got text, want a whole number"}},
		{`{"properties": {"a": {"oneOf": [{"type": "integer"}, {"type": "object", "required": ["x"]}]}}, "additionalProperties": false}`, `{"a": "*", "b": 1}`, []string{`: "b" is not known here`}},
		{`{"type": "object", "required": ["a"]}`, `"*"`, nil},
		{`{"anyOf": [{"properties": {"a": {"type": "integer"}, "b": {"const": 1}}}, {"properties": {"a": {"type": "array"}}}]}`, `{"a": "*", "b": 2}`, nil},
		{`{"items": {"type": "integer"}}`, `["*", "x"]`, []string{"[1]: got text, want a whole number"}},
	} {
		value := strings.ReplaceAll(test.value, `"*"`, strings.ReplaceAll(`"`+AnyValue+`"`, "\x00", `\u0000`))
		if diff := cmp.Diff(test.want, lines(t, compile(t, test.schema), value, unknown)); diff != "" {
			t.Errorf("%s with %s (-want +got):\n%s", test.schema, test.value, diff)
		}
	}
}

// Patterns that package regexp has not are named, and not applied.
func TestUnchecked(t *testing.T) {
	s := compile(t, `{"properties": {"a": {"pattern": "^(?!x)"}, "b": {"pattern": "^b"}}, "patternProperties": {"(": {"type": "string"}}}`)
	want := []Part{
		{Location: root + "#/patternProperties/(", Reason: "the pattern ( cannot be applied"},
		{Location: root + "#/properties/a/pattern", Reason: "the pattern ^(?!x) cannot be applied"},
	}
	if diff := cmp.Diff(want, s.Unchecked()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b: does not match the pattern ^b"}, lines(t, s, `{"a": "x", "b": "c"}`, nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReferences(t *testing.T) {
	for _, test := range []struct {
		name, root string
		files      map[string]string
	}{
		{"beside", root, map[string]string{
			root:                                   `{"properties": {"port": {"$ref": "common/port.json#/definitions/port"}}}`,
			"https://lab.example/common/port.json": `{"definitions": {"port": {"type": "integer"}}}`}},
		{"$id", root, map[string]string{
			root:                                `{"$id": "https://other.example/a/in.json", "properties": {"port": {"$ref": "port.json"}}}`,
			"https://other.example/a/port.json": `{"type": "integer"}`}},
		{"id of draft-04", root, map[string]string{
			root:                                `{"$schema": "http://json-schema.org/draft-04/schema#", "id": "https://other.example/a/in.json", "properties": {"port": {"$ref": "port.json"}}}`,
			"https://other.example/a/port.json": `{"type": "integer"}`}},
		{"path", "/srv/100%/in #1.json", map[string]string{
			"/srv/100%/in #1.json": `{"properties": {"port": {"$ref": "../port.json"}}}`,
			"/srv/port.json":       `{"type": "integer"}`}},
		{"path to the web", "/srv/in.json", map[string]string{
			"/srv/in.json":                  `{"properties": {"port": {"$ref": "https://lab.example/port.json"}}}`,
			"https://lab.example/port.json": `{"type": "integer"}`}},
		{"cycle", root, map[string]string{
			root:                            `{"properties": {"port": {"$ref": "port.json"}, "again": {"$ref": "#"}}}`,
			"https://lab.example/port.json": `{"type": "integer", "properties": {"x": {"$ref": "in.json"}}}`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := Compile(test.root, files(test.files))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"port: got text, want a whole number"}, lines(t, s, `{"port": "80"}`, nil)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	endless := func(location string) ([]byte, error) {
		return fmt.Appendf(nil, `{"$ref": "%sx"}`, location[strings.LastIndex(location, "/")+1:]), nil
	}
	secret := map[string]string{"/etc/secret.json": `{"type": "integer"}`}
	web := func(text string) Reader {
		m := maps.Clone(secret)
		m[root] = text
		return files(m)
	}
	for _, test := range []struct {
		name, location string
		read           Reader
		want           string
	}{
		{"missing", root, files(nil), "https://lab.example/in.json: there is no such file"},
		{"no JSON", root, web(`{"a": `), "https://lab.example/in.json: unexpected EOF"},
		{"web page", root, web(`<html>`), "https://lab.example/in.json: invalid character '<'"},
		{"no schema", root, web(`[]`), "at https://lab.example/in.json#/: got a list, want True or False or a dictionary"},
		{"local file", root, web(`{"$ref": "file:///etc/secret.json"}`), "a schema from the web cannot refer to the local file"},
		{"local file by its $id", root, web(`{"$id": "FILE:///etc/x", "$ref": "secret.json"}`), "a schema from the web cannot refer to the local file"},
		{"local file by the id of draft-04", root, web(`{"$schema": "http://json-schema.org/draft-04/schema", "properties": {"a": {"id": "file:/etc/x", "allOf": [{"$ref": "secret.json"}]}}}`),
			"a schema from the web cannot refer to the local file"},
		{"local file through a local schema", "/srv/in.json", files(map[string]string{"/srv/in.json": `{"$ref": "https://lab.example/x.json"}`,
			"https://lab.example/x.json": `{"$ref": "file:///srv/secret.json"}`, "/srv/secret.json": `{}`}), "a schema from the web cannot refer to the local file"},
		{"other scheme", root, web(`{"$ref": "ftp://lab.example/x.json"}`), "the schema refers to ftp://lab.example/x.json, want an http(s) URL or a path"},
		{"other host's files", "/srv/in.json", files(map[string]string{"/srv/in.json": `{"$ref": "file://host/x.json"}`}), "want an http(s) URL or a path"},
		{"endless files", root, endless, "spread over more than 100 files"},
		{"deep", root, web(strings.Repeat(`{"not":`, 300) + "{}" + strings.Repeat("}", 300)), "nested more than 200 deep"},
		{"huge", root, web(`{"definitions": {"a": [` + strings.Repeat("{},", 20_000) + `{}]}}`), "more than 10000 parts"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Compile(test.location, test.read)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one that contains %q", err, test.want)
			}
			if test.name == "missing" && !errors.Is(err, errMissing) {
				t.Errorf("got error %v, want %v", err, errMissing)
			}
		})
	}
}

// Schemas that are small and would be validated for ever, or read so.
func TestHostile(t *testing.T) {
	chain := func(keyword, each, end string) string {
		var b strings.Builder
		b.WriteString(`{"$ref": "#/$defs/d0", "$defs": {`)
		for n := range 60 {
			next := fmt.Sprintf(`{"$ref": "#/$defs/d%d"}`, n+1)
			fmt.Fprintf(&b, `"d%d": {%q: %s}, `, n, keyword, strings.ReplaceAll(each, "NEXT", next))
		}
		fmt.Fprintf(&b, `"d60": %s}}`, end)
		return b.String()
	}
	wide := func(n int, part string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"p%d": %s, `, i, strings.ReplaceAll(part, "N", fmt.Sprint(i)))
		}
		return b.String()
	}
	for _, test := range []struct{ name, schema, want string }{
		{"cycle", `{"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}}`, "the schema refers to itself without end"},
		{"itself", `{"allOf": [{"$ref": "#"}]}`, "the schema refers to itself without end"},
		{"all twice", chain("allOf", "[NEXT, NEXT]", `{"minimum": 1}`), "too much work"},
		{"any twice", chain("anyOf", "[NEXT, NEXT]", `{"required": ["b"]}`), "too much work"},
		{"any twice, inside of not", strings.Replace(chain("anyOf", "[NEXT, NEXT]", `{"required": ["b"]}`), `{"$ref": "#/$defs/d0"`, `{"not": {"$ref": "#/$defs/d0"}`, 1), "too much work"},
		{"dependent twice, inside of not", strings.Replace(chain("dependentSchemas", `{"a": NEXT, "c": NEXT}`, `{"required": ["b"]}`), `{"$ref": "#/$defs/d0"`, `{"not": {"$ref": "#/$defs/d0"}`, 1), "too much work"},
		{"forms twice", strings.Replace(chain("allOf", "[NEXT, NEXT]", `{"properties": {"a": {"const": 2}}}`), `{"$ref": "#/$defs/d0"`, `{"oneOf": [{"$ref": "#/$defs/d0"}, {"$ref": "#/$defs/d0"}]`, 1), "too much work"},
		{"left over", `{"unevaluatedProperties": false, "allOf": [{"properties": {` + wide(4000, `{"type": "string"}`) + `"a": {"type": "string"}}}]}`, ""},
		{"many parts", `{"properties": {` + wide(9000, `{"type": "string"}`) + `"x": {}}}`, ""},
		{"many references to nowhere in particular", `{"x": {` + wide(2000, `{"a": {"type": "string"}}`) + `"x": {}}, "properties": {` + wide(2000, `{"$ref": "#/x/pN/a"}`) + `"x": {}}}`, ""},
		{"patterns", `{"properties": {` + wide(5000, `{"pattern": "(.{1000})(.{1000})N"}`) + `"x": {}}}`, "the patterns of the schema"},
		{"many resources", `{"$defs": {` + wide(3000, `{"$id": "https://lab.example/N"}`) + `"x": {}}}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			start := time.Now()
			s, err := Compile(root, files(map[string]string{root: test.schema}))
			if err == nil {
				doc, _ := Parse([]byte(`{"a": 1, "c": 2}`))
				_, err = s.Validate(doc, nil)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got error %v, want one that contains %q", err, test.want)
			}
			t.Logf("took %v, error %v", time.Since(start), err)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// A pattern that is short, and a text that is long: each is harmless without the other.
func TestHostileMatching(t *testing.T) {
	for name, schema := range map[string]string{
		"pattern": `{"additionalProperties": {"pattern": "(?:a?){1000}b"}}`,
		"names":   `{"properties": {"x": {"patternProperties": {"(?:a?){1000}b": false}}}}`,
	} {
		s := compile(t, schema)
		long := strings.Repeat("a", 64<<20)
		if _, err := s.Validate(map[string]any{"x": map[string]any{long: true}, "y": long}, nil); !errors.Is(err, errMatching) {
			t.Errorf("%s: got error %v, want %v", name, err, errMatching)
		}
		if violations, err := s.Validate(map[string]any{"x": map[string]any{"a": true}, "y": "b"}, nil); err != nil || len(violations) > 0 {
			t.Errorf("%s: then got %v, error %v", name, violations, err)
		}
	}
}

// Numbers are compared digit by digit, and an exponent stands for many.
func TestHostileNumbers(t *testing.T) {
	for _, number := range []string{"3e-999999", "3e999999", "1E+4301", strings.Repeat("9", 4301), "1e99999999999999999999"} {
		_, err := Compile(root, files(map[string]string{root: `{"multipleOf": ` + number + `}`}))
		if err == nil || !strings.Contains(err.Error(), "has more than 4300 digits") {
			t.Errorf("in a schema: %.20s: got error %v", number, err)
		}
		if _, err := Parse([]byte(`{"a": [` + number + `]}`)); err == nil || !strings.Contains(err.Error(), "has more than 4300 digits") {
			t.Errorf("in a value: %.20s: got error %v", number, err)
		}
	}
	s := compile(t, `{"multipleOf": 3e-300}`)
	if got := lines(t, s, "3e300", nil); len(got) > 0 {
		t.Errorf("got %v", got)
	}
}

// Values may be validated concurrently, and each has all steps for itself.
func TestConcurrent(t *testing.T) {
	s := compile(t, `{"items": {"type": "integer"}}`)
	doc, err := Parse([]byte("[" + strings.Repeat("1, ", 100_000) + `""]`))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			violations, err := s.Validate(doc, nil)
			if err != nil || len(violations) != 1 || violations[0].Path != "[100000]" {
				t.Errorf("got %v, error %v", violations, err)
			}
		})
	}
	wg.Wait()
}

func TestDefinitions(t *testing.T) {
	schemas, err := Definitions([]byte(`{"$defs": {"a": {"type": "string", "maxLength": 1}, "b": {"required": ["x", "y"], "additionalProperties": false}}}`))
	if err != nil || len(schemas) != 2 {
		t.Fatalf("got %d schemas, error %v", len(schemas), err)
	}
	doc, _ := Parse([]byte(`{"d": 1, "c": 2}`))
	got, err := schemas["b"].Validate(doc, nil)
	want := []Violation{
		{Location: []string{}, Keyword: "additionalProperties", Names: []string{"c", "d"}, Message: `"c" and "d" are not known here`},
		{Location: []string{}, Keyword: "required", Names: []string{"x", "y"}, Message: `"x" and "y" are missing`},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if _, err := Definitions([]byte(`{"definitions": {}}`)); err == nil {
		t.Error("got no error without $defs")
	}
}
