package engine

import (
	"encoding/json"
	"strings"
	"testing"

	"slapstar/slap"
)

// publishing is a Master on which the instance db has published something.
func publishing(p slap.Parameters) Lookup {
	s := NewState()
	s.Instances["db"] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "db"}, GUID: "SOFTINST-1", Partition: "slappart0", ConnectionParameters: p}
	return s.Find
}

// What a path leads to, in text and as JSON. "?" is not known yet, and "!" an error.
func TestFind(t *testing.T) {
	document := slap.Parameters{"_": `{"url": "https://x/", "a.b": {"": "dot"}, "n": 7, "f": 1.50, "big": 123456789012345678901234567890,
		"yes": true, "null": null, "list": ["a", {"b": "c"}, []], "text": "[1]", "less": "a<b&é\u0001"}`, "plain": "p", "other": `["x", {"y": 1}]`}
	for _, test := range []struct {
		key, path  string
		text, json string
	}{
		{"", `["url"]`, "https://x/", `"https://x/"`},
		{"_", `["url"]`, "https://x/", `"https://x/"`},
		{"", `["a.b",""]`, "dot", `"dot"`},
		{"", `["a.b"]`, "!", `{"":"dot"}`},
		{"", `["n"]`, "!", "7"},
		{"", `["f"]`, "!", "1.5"},
		{"", `["big"]`, "!", "123456789012345678901234567890"},
		{"", `["yes"]`, "!", "true"},
		{"", `["null"]`, "!", "null"},
		{"", `["null","more"]`, "?", "?"},
		{"", `["list",0]`, "a", `"a"`},
		{"", `["list",-2,"b"]`, "c", `"c"`},
		{"", `["list"]`, "!", `["a",{"b":"c"},[]]`},
		{"", `["list",3]`, "?", "?"},
		{"", `["list",-4]`, "?", "?"},
		{"", `["list",9223372036854775807]`, "?", "?"},
		{"", `["list","b"]`, "!", "!"},
		{"", `["url",0]`, "!", "!"},
		{"", `["url","x"]`, "!", "!"},
		{"", `["n","x"]`, "!", "!"},
		{"", `[0]`, "!", "!"},
		{"", `["nothing"]`, "?", "?"},
		{"", `["less"]`, "a<b&é\x01", `"a\u003cb\u0026é\u0001"`},
		{"", `["plain"]`, "p", `"p"`},
		{"_", `["plain"]`, "?", "?"},
		{"", `["other",1,"y"]`, "!", "1"},
		{"", `["plain","x"]`, "!", "!"},
		{"plain", `["x"]`, "!", "!"},
		{"other", `[0]`, "x", `"x"`},
		{"none", `[0]`, "?", "?"},
	} {
		path, err := ParsePath(test.path)
		if err != nil {
			t.Fatal(err)
		}
		for _, asJSON := range []bool{false, true} {
			got, want := "?", test.text
			if asJSON {
				want = test.json
			}
			text := Refer(Reference{Instance: "db", Key: test.key, Path: path, JSON: asJSON}).Resolve(publishing(document))
			if value, known := text.Known(); known {
				got = value
			} else if text.Fault() != nil {
				got = "!"
			}
			if got != want {
				t.Errorf("%s%s, JSON %t: got %s (%v), want %s", test.key, test.path, asJSON, got, text.Fault(), want)
			}
		}
	}
}

// Without a document an instance publishes each value as its own text.
func TestFindPlain(t *testing.T) {
	find := func(p slap.Parameters, r Reference) string {
		r.Instance, r.JSON = "db", r.Path != ""
		text := Refer(r).Resolve(publishing(p))
		if err := text.Fault(); err != nil {
			return "! " + err.Error()
		}
		value, known := text.Known()
		if !known {
			return "?"
		}
		return value
	}
	plain := slap.Parameters{"url": "x", "port": "7"}
	for _, test := range []struct {
		published slap.Parameters
		path      Path
		want      string
	}{
		{plain, NewPath("port"), `"7"`},
		{plain, Whole, `{"port":"7","url":"x"}`},
		{plain, NewPath("more"), "?"},
		{plain, NewPath("port", 0), `! output: connection parameter "port" of instance "db": the document is a number, and has no [0]`},
		{nil, Whole, "?"},
		{slap.Parameters{"_": "{"}, NewPath("url"), `! output: connection parameter "_" of instance "db" is no JSON document`},
		{slap.Parameters{"_": "{"}, Whole, `! output: connection parameter "_" of instance "db" is no JSON document`},
		{slap.Parameters{"_": "{", "url": "x"}, NewPath("url"), `"x"`},
		{slap.Parameters{"_": "{}", "url": "x"}, Whole, "{}"},
	} {
		if got := find(test.published, Reference{Path: test.path}); got != test.want {
			t.Errorf("%v of %v: got %s, want %s", test.path, test.published, got, test.want)
		}
	}
	if got := find(nil, Reference{Kind: GUID}) + find(nil, Reference{Kind: ID}); got != "SOFTINST-1slappart0" {
		t.Errorf("got %s", got)
	}
}

// Of a document only the leaves that look like credentials are hidden.
func TestFindCredential(t *testing.T) {
	lookup := publishing(slap.Parameters{"_": `{"admin": {"password": "hush", "user": "joe"}, "url": "https://joe:secret@x/", "token": {"a": ["t1"], "n": 12345}}`})
	for path, hidden := range map[string]bool{
		`["admin","password"]`: true, `["admin","user"]`: false, `["url"]`: true, `["token","a",0]`: true, `["token","n"]`: true, `["admin"]`: true, `[]`: true,
	} {
		text := Refer(Reference{Instance: "db", Path: Path(path), JSON: true}).Resolve(lookup)
		if text.Hidden() != hidden {
			t.Errorf("%s is hidden: %t", path, !hidden)
		}
		if _, known := text.Known(); !known {
			t.Errorf("%s is not known", path)
		}
		if shown := text.Display(); strings.Contains(shown, "hush") || strings.Contains(shown, "secret@") || strings.Contains(shown, "t1") || strings.Contains(shown, "12345") || path == "[]" && !strings.Contains(shown, "joe") {
			t.Errorf("%s is shown as %s", path, shown)
		}
	}
}

func TestPath(t *testing.T) {
	for _, test := range []struct {
		path Path
		want string
	}{
		{NewPath(), ""}, {NewPath("url"), "url"}, {NewPath("router", "ipv4", 0), "router.ipv4[0]"}, {NewPath("a.b", "", -1), `['a.b'][''][-1]`},
		{NewPath("é\n"), `["é\n"]`}, {Whole.Join("a").Join(2, "b"), "a[2].b"},
	} {
		if got := test.path.String(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
		var again Path
		if data, err := json.Marshal(test.path); err != nil || json.Unmarshal(data, &again) != nil || again != test.path {
			t.Errorf("%s: %s %v", test.path, data, err)
		}
	}
	for _, wrong := range []string{"x", "{}", "[1.5]", "[null]", `["a"`, "[[]]"} {
		if p, err := ParsePath(wrong); err == nil {
			t.Errorf("%q is the path %q", wrong, string(p))
		}
	}
}
