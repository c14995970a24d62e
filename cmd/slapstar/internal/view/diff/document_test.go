package diff

import (
	"testing"

	"slapstar/engine"
)

func parameter(name string, before *string, after engine.Text) engine.Attribute {
	return engine.Attribute{Group: "parameters", Name: name, Before: before, After: after}
}

func TestDocumentRows(t *testing.T) {
	for _, test := range []struct{ name, before, after, want string }{
		{"nothing but its form", `{"a": 1}`, `{"a":1}`, "~_  the same values, written in another way\n"},
		{"no JSON", `{"a": 1`, `{}`, "~_  {\"a\": 1 → {}\n"},
		{"a number and a text", `{"a": 1}`, `{"a": "1"}`, "~a  1 → \"1\"\n"},
		{"digits are kept", `{"a": 1.0}`, `{"a": 1.00}`, "~a  1.0 → 1.00\n"},
		{"null and absent", `{"a": null}`, `{}`, "-a  null\n"},
		{"odd keys", `{"a.b": 1, "": 1, "x y": 1}`, `{"a.b": 2, "": 2, "x y": 2}`, "~\"\"     1 → 2\n~\"a.b\"  1 → 2\n~\"x y\"  1 → 2\n"},
		{"another kind", `{"a": [1]}`, `{"a": {"b": 1}}`, "-a[0]  1\n+a.b   1\n"},
		{"nothing inside", `{"a": []}`, `{"a": {}}`, "~a  [] → {}\n"},
		{"a credential below its name", `{"token": {"deep": ["x"]}}`, `{"token": {"deep": ["y"]}}`, "~token.deep[0]  (secret) → (secret), changed\n"},
		{"a credential by its value", `{"u": "http://me:pw@host/"}`, `{"u": "http://host/"}`, "~u  (secret) → (secret), changed\n"},
		{"what only reads like one", `{"ssh-key": "a", "max-token": 1, "use-key": true}`, `{"ssh-key": "ssh-ed25519 AAAAC3 me", "max-token": 2, "use-key": false}`,
			"~max-token  1 → 2\n~ssh-key    (secret) → (secret), changed\n~use-key    true → false\n"},
		{"public keys", `{"ssh-key": "ssh-ed25519 AAAAC3 you"}`, `{"ssh-key": "ssh-ed25519 AAAAC3 me"}`, "~ssh-key  ssh-ed25519 AAAAC3 you → ssh-ed25519 AAAAC3 me\n"},
		{"a token by its look", `{"a": "b"}`, `{"a": "glpat-0123456789abcdefghij"}`, "~a  (secret) → (secret), changed\n"},
		{"a list of lists", `[[1], [2]]`, `[[1], [3]]`, "~[1][0]  2 → 3\n"},
		{"marks", "{\"a\": \"\uFDD00\uFDD1\"}", `{"a": "b"}`, "~_  \"{\\\"a\\\": \\\"\\ufdd00\\ufdd1\\\"}\" → {\"a\": \"b\"}\n"},
	} {
		if got := documentText(parameter("_", &test.before, engine.Literal(test.after)), Options{}); got != test.want {
			t.Errorf("%s: got\n%swant\n%s", test.name, got, test.want)
		}
	}
}

// documentText are the rows of a change of one parameter.
func documentText(a engine.Attribute, o Options) string {
	c := update(a)
	rows := Rows(c, o)[1:]
	for i := range rows {
		if rows[i].Indent != below {
			rows[i].Indent = ""
		}
	}
	return show(rows)
}

func update(attributes ...engine.Attribute) *engine.Change {
	c := create(attributes...)
	c.Action = engine.Update
	c.TakeApart(nil)
	return c
}

// A credential of the Master in a document is hidden under any name, and where it was
// before; on request it is shown.
func TestCredentialInDocument(t *testing.T) {
	before := `{"dsn": "old", "other": "hush", "n": 1}`
	after := engine.Join(engine.Literal(`{"dsn":`), engine.Quote(engine.Join(engine.Literal("x-"), engine.PublishedText(engine.Published{Instance: "db", Key: "password", Value: "hush"}))), engine.Literal(`,"n":2,"other":"o"}`))
	for shown, want := range map[bool]string{
		false: "~dsn    (secret) → (secret), changed\n~n      1 → 2\n~other  (secret) → (secret), changed\n",
		true:  "~dsn    old → x-hush\n~n      1 → 2\n~other  hush → o\n",
	} {
		if got := documentText(parameter("_", &before, after), Options{ShowSecrets: shown}); got != want {
			t.Errorf("shown %t: got\n%swant\n%s", shown, got, want)
		}
	}
}
