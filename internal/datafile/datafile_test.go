package datafile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// shown writes a value with its members in order.
func shown(v any) string {
	switch v := v.(type) {
	case *Object:
		list := make([]string, len(v.Keys))
		for i, key := range v.Keys {
			list[i] = fmt.Sprintf("%q: %s", key, shown(v.Values[key]))
		}
		return "{" + strings.Join(list, ", ") + "}"
	case []any:
		list := make([]string, len(v))
		for i := range v {
			list[i] = shown(v[i])
		}
		return "[" + strings.Join(list, ", ") + "]"
	case string:
		return fmt.Sprintf("%q", v)
	case json.Number:
		return v.String()
	}
	return fmt.Sprint(v)
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a.json", `{"b": [1, 2.5, "x", true, null], "a": {}}`, `{"b": [1, 2.5, "x", true, <nil>], "a": {}}`},
		{"a.json", "\uFEFF[1]", "[1]"},
		{"a.yaml", "\uFEFFb: [1, 0x1F, 0o17, 1_000, 2.5, 1e3, x, yes, true, null, ~]\na:\n  - {c: d}\n", `{"b": [1, 31, 15, 1000, 2.5, 1000.0, "x", "yes", true, <nil>, <nil>], "a": [{"c": "d"}]}`},
		{"a.yml", "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: *x", `{"x": {"a": 1, "b": 2}, "y": {"b": 3, "a": 1}, "z": {"a": 1, "b": 2}}`},
		{"a.yaml", "y: {<<: [{a: 1}, {a: 2, b: 3}]}\nd: 2026-01-02\n\"1\": |\n  a\n  b\n", `{"y": {"a": 1, "b": 3}, "d": "2026-01-02", "1": "a\nb\n"}`},
		{"a.yaml", "", "<nil>"},
		{"a.yaml", "# nothing\n", "<nil>"},
		{"a.yaml", "123456789012345678901234567890", "123456789012345678901234567890"},
		{"A.TOML", "b = [1, 2.5, 2.0]\na.c = \"x\"\n[[s]]\nn = true\nd = 2026-01-02T03:04:05Z\nt = 03:04:05\n", `{"a": {"c": "x"}, "b": [1, 2.5, 2.0], "s": [{"d": "2026-01-02T03:04:05Z", "n": true, "t": "03:04:05"}]}`},
		{"a.csv", "name,size\nweb,\"3,\"\"a\"\"\"\r\ndb,\n", `[{"name": "web", "size": "3,\"a\""}, {"name": "db", "size": ""}]`},
		{"a.csv", "", "[]"},
		{"a.csv", "\uFEFFname\n", "[]"},
	} {
		v, err := Parse(c.name, []byte(c.text))
		if s, isTime := v.(time.Time); isTime {
			t.Errorf("a time came through: %v", s)
		}
		if err != nil || shown(v) != c.want {
			t.Errorf("%s of %q: got %s, %v, want %s", c.name, c.text, shown(v), err, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%[3]c,*%[3]c,*%[3]c,*%[3]c,*%[3]c,*%[3]c,*%[3]c,*%[3]c,*%[3]c]\n", c, c, c-1)
	}
	for _, c := range []struct{ name, text, want string }{
		{"a.json", `{"a": 1,` + "\n" + ` "b": }`, `a.json:2:7: invalid character '}'`},
		{"a.json", `{"a": 1, "a": 2}`, `a.json:1:12: the key "a" is there already`},
		{"a.json", `[1`, `a.json:1:3: the file ends in the middle of a value`},
		{"a.json", `[1] 2`, `a.json:1:6: there is something behind the value`},
		{"a.json", strings.Repeat("[", 100_000), "nested more than 200 deep"},
		{"a.json", "[" + strings.Repeat("1", 6000) + "]", "more than 5000 digits"},
		{"a.json", "[" + strings.Repeat("0,", 600_000) + "0]", "there are more than 500000 values"},
		{"a.json", "\xff", "a.json:1:1: this is not UTF-8"},
		{"a.csv", "a\n\x00", "a.csv:2:1: there is a NUL byte"},
		{"a.yaml", "a: 1\n  b: 2\n", "a.yaml:2: mapping values are not allowed"},
		{"a.yaml", "a: [1\n", "a.yaml:1: did not find expected ',' or ']'"},
		{"a.yaml", "a: 1\na: 2\n", `a.yaml:2:1: the key "a" is there already`},
		{"a.yaml", "x:\n  80: 1\n", `a.yaml:2:3: the key 80 is no text: write it in quotes`},
		{"a.yaml", "x:\n  ? [a]\n  : 1\n", `a.yaml:2:5: a key has to be text`},
		{"a.yaml", "x: !thing 1\n", `a.yaml:1:4: the tag !thing is not known`},
		{"a.yaml", "x: !thing {}\n", `a.yaml:1:4: the tag !thing is not known`},
		{"a.yaml", "x: !!binary aGk=\n", `a.yaml:1:4: the tag !!binary is not known`},
		{"a.yaml", "x: .inf\n", `a.yaml:1:4: got .inf, want a finite number`},
		{"a.yaml", "a: 1\n---\nb: 2\n", `there is more than one document`},
		{"a.yaml", "a: *b\n", `unknown anchor 'b'`},
		{"a.yaml", "a: &a [*a]\n", "nested more than 200 deep"},
		{"a.yaml", "a: &a [*a, *a]\n", "nested more than 200 deep"},
		{"a.yaml", "x: {<<: 1}\n", "a.yaml:1:9: << wants a mapping"},
		{"a.yaml", bomb, "there are more than 500000 values, with what aliases repeat"},
		{"a.yaml", strings.Repeat("[", 100_000), "a.yaml:1: "},
		{"a.yaml", strings.Repeat("- ", 5000), "nested more than 200 deep"},
		{"a.toml", "a = 1\nb = \n", "a.toml:2:"},
		{"a.toml", "a = 1\na = 2\n", "a.toml:"},
		{"a.toml", "a = inf\n", "want a finite number"},
		{"a.toml", "a = " + strings.Repeat("[", 1_000_000), "a.toml:1:205: values are nested more than 200 deep"},
		{"a.toml", strings.Repeat("a.", 1_000_000) + "a = 1", "a.toml:1:402: values are nested more than 200 deep"},
		{"a.toml", "[" + strings.Repeat("a.", 1_000_000) + "a]", "values are nested more than 200 deep"},
		{"a.csv", "a,a\n", `a.csv:1:3: the first row has the name "a" of a column twice`},
		{"a.csv", "a,b\n1\n", "a.csv:2:1: wrong number of fields"},
		{"a.csv", "a\n\"x", "a.csv:2:3: extraneous or missing \" in quoted-field"},
		{"a.txt", "", "a.txt: the name does not say what kind of data it is: it has to end with one of .csv, .json, .toml, .yaml, .yml"},
	} {
		_, err := Parse(c.name, []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %.60q: got %v, want %s", c.name, c.text, err, c.want)
		}
	}
}

// FuzzParse: whatever a file holds, it is read or refused with a place in it.
func FuzzParse(f *testing.F) {
	for _, text := range []string{`{"a": [1]}`, "a: [b, *c]\nd: &c {<<: *c}", "a = [1]\n[b.c]\nd = '''x'''", "a,b\n1,\"2\"", "\uFEFF", "a: >\n  b"} {
		for kind := range kinds {
			f.Add(kind, text)
		}
	}
	f.Fuzz(func(t *testing.T, kind, text string) {
		if kinds[kind] == nil || len(text) > 1<<16 {
			t.Skip()
		}
		v, err := ParseAs(kind, "f", []byte(text))
		wrong, ok := errors.AsType[*Error](err)
		switch {
		case err == nil:
			shown(v)
		case !ok:
			t.Errorf("the error has no place: %v", err)
		default:
			lines := 1
			for _, r := range text { // YAML has more ends of lines than others
				if strings.ContainsRune("\n\r\u0085\u2028\u2029", r) {
					lines++
				}
			}
			if wrong.Line < 1 || wrong.Line > lines+1 || wrong.Column < 0 || strings.Contains(wrong.Message, "panic") {
				t.Errorf("%v in a file of %d lines", wrong, lines)
			}
		}
	})
}
