package jsonschema

import (
	"errors"
	"fmt"
	"testing"
)

// Schemas that are compiled together say the same as each alone, also where one of them
// applies a part that makes no sense and another does not, and where a file comes later.
func TestPool(t *testing.T) {
	files := map[string]string{
		"https://lab.example/a.json":      `{"properties": {"n": {"$ref": "common.json#/$defs/number"}}}`,
		"https://lab.example/b.json":      `{"properties": {"n": {"$ref": "common.json#/$defs/number"}, "o": {"$ref": "common.json#/$defs/odd"}}}`,
		"https://lab.example/c.json":      `{"properties": {"n": {"$ref": "common.json#/$defs/list"}}}`,
		"https://lab.example/d.json":      `{"properties": {"n": {"$ref": "late.json"}}}`,
		"https://lab.example/e.json":      `{"properties": {"n": {"$ref": "common.json#/$defs/number"}}, "type": "objekt"}`,
		"https://lab.example/common.json": `{"$defs": {"number": {"type": "integer", "maximum": 9}, "odd": {"$ref": "#/nowhere"}, "list": {"type": "array", "items": {"$ref": "#/$defs/number"}}}}`,
	}
	late := false
	read := func(location string) ([]byte, error) {
		if location == "https://lab.example/late.json" && late {
			return []byte(`{"type": "integer", "maximum": 9}`), nil
		}
		if text, ok := files[location]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("it is not there")
	}
	var together Documents
	check := func(name string) {
		t.Helper()
		said := func(s *Schema, err error) string {
			if err != nil {
				return err.Error()
			}
			text := fmt.Sprint(s.Unchecked())
			for _, value := range []string{`{"n": 3}`, `{"n": 10}`, `{"n": "x", "o": 1}`, `{"n": [10, "x"]}`, `[]`} {
				doc, err := Parse([]byte(value))
				if err != nil {
					t.Fatal(err)
				}
				violations, err := s.Validate(doc, nil)
				text += fmt.Sprintf("\n%s: %v, %v", value, violations, err)
			}
			return text
		}
		location := "https://lab.example/" + name + ".json"
		got, want := said(together.Compile(location, read)), said(Compile(location, read))
		if got != want {
			t.Errorf("%s: got %s\nwant %s", name, got, want)
		}
	}
	for _, name := range []string{"a", "b", "c", "d", "e", "a", "c"} {
		check(name)
	}
	late = true
	check("d")
	if together.pool == nil || together.pool.docs["https://lab.example/common.json"] == nil {
		t.Error("the pool is not used")
	}
}
