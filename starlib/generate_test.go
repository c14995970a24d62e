package starlib

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/engine"
	"slapstar/slap"
)

func nested(text engine.Text) *engine.Instance {
	return &engine.Instance{Name: "a", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started,
		Serialisation: slap.JSONInXML, Parameters: map[string]engine.Text{"_": text}}
}

// A document becomes nested values where the same values come back; else it stays text.
func TestWritingNested(t *testing.T) {
	for _, test := range []struct{ document, want string }{
		{`{}`, `{}`},
		{`{"b": [1, -2, 1.5, null, true], "a": {}}`, "{\n        \"a\": {},\n        \"b\": [1, -2, 1.5, None, True],\n    }"},
		{`{"a": {"long": "` + strings.Repeat("x", 60) + `"}}`, "{\n        \"a\": {\n            \"long\": \"" + strings.Repeat("x", 60) + "\",\n        },\n    }"},
		{`{"a": "\u0001"}`, "{\n        \"a\": \"\\x01\",\n    }"},
		{`{"a": 1e5}`, ""},
		{`{"a": 1.50}`, ""},
		{`{"a": -0}`, ""},
		{`{"a": 1e400}`, ""},
		{`{"a": "\ufffe"}`, ""},
		{`{"\ufffe": 1}`, ""},
		{`{"a": "(secret)"}`, ""},
		{`[1]`, ""},
		{`5`, ""},
		{`{"a": 1} x`, ""},
		{strings.Repeat(`{"a":`, 60) + "1" + strings.Repeat("}", 60), ""},
	} {
		w := Writing{Nested: true}.names(&engine.Config{})
		got, ok := w.document(nested(engine.Literal(test.document)))
		if ok != (test.want != "") || ok && got != test.want {
			t.Errorf("%s: got %t,\n%s\nwant\n%s", test.document, ok, got, test.want)
		}
	}
	// A secret is a value, and a number that is one cannot be written as such.
	w := Writing{Nested: true}.names(&engine.Config{})
	secret := engine.Secret("pw", "hush")
	if got, ok := w.document(nested(engine.Join(engine.Literal(`{"a": `), engine.Quote(secret), engine.Literal(`}`)))); !ok || got != "{\n        \"a\": secret(\"pw\"),\n    }" {
		t.Errorf("got %t, %s", ok, got)
	}
	if got, ok := w.document(nested(engine.Join(engine.Literal(`{"a": `), secret, engine.Literal(`}`)))); ok {
		t.Errorf("got %s", got)
	}
	// Unless it is asked for, a document is nested only where its text stays the same.
	for document, want := range map[string]bool{`{"a":1,"b":[]}`: true, `{"b":[],"a":1}`: false, `{"a": 1}`: false} {
		if _, ok := (Writing{}.names(&engine.Config{})).document(nested(engine.Literal(document))); ok != want {
			t.Errorf("%s: nested: %t, want %t", document, ok, want)
		}
	}
}

// Files load what they refer to, and look up what would make them load each other.
func TestWritingFiles(t *testing.T) {
	instance := func(name string, to ...string) *engine.Instance {
		i := &engine.Instance{Name: name, SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started, Parameters: map[string]engine.Text{}}
		for _, other := range to {
			i.Parameters[other] = engine.Refer(engine.Reference{Instance: other, Key: "url"})
		}
		return i
	}
	c := &engine.Config{Resources: []engine.Resource{
		&engine.Software{SoftwareRelease: "u", Computer: "C", State: slap.Available},
		instance("x-db"), instance("y-app", "x-db", "elsewhere"), instance("x-web", "y-app", "x-db"),
	}}
	files := Writing{Head: []string{"a\nb"}}.Files(c, "main.star", func(r engine.Resource) string {
		if i, ok := r.(*engine.Instance); ok {
			return i.Name[:1] + ".star"
		}
		return "x.star"
	})
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, []string{"main.star", "x.star", "y.star"}) {
		t.Errorf("got %q", got)
	}
	for name, want := range map[string]string{
		"main.star": "# a b\n\nload(\"x.star\", of_x = \"loaded\")\nload(\"y.star\", of_y = \"loaded\")\n",
		"x.star": `load("y.star", "y_app")

supply("u", "C")

x_db = request("u", "x-db")

request(
    "u",
    "x-web",
    partition_parameter_kw = {
        "x-db": x_db.getConnectionParameter("url"),
        "y-app": y_app.getConnectionParameter("url"),
    },
)

loaded = True  # for the file that loads this one
`,
		"y.star": `elsewhere = getInformation("elsewhere")

y_app = request(
    "u",
    "y-app",
    partition_parameter_kw = {
        "elsewhere": elsewhere.getConnectionParameter("url"),
        "x-db": getInformation("x-db").getConnectionParameter("url"),
    },
)

loaded = True  # for the file that loads this one
`,
	} {
		if diff := cmp.Diff(want, files[name]); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
