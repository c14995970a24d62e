package view

import (
	"bytes"
	"strings"
	"testing"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
)

func render(t *testing.T, x Text, p *engine.Plan) string {
	t.Helper()
	var b bytes.Buffer
	x.W = &b
	if err := x.Plan(p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	const want = `  + instance db                                                 main.star:1
      software_release  https://lab.example/software.cfg  product.kvm
      parameters
        note            2 lines
            one
            two
  ~ instance app                                                main.star:2 (from main.star:9)  edited here
      parameters
    ~   _
    ~     a     b → (known after db)
    +     n[1]  2
    ~   hidden    (secret) → <(secret)>, changed
    ~   password  (secret) → (secret), changed
    ~   from      a → b (may change: app is updated too)
    -   gone      was
  - instance shop-old                                           owned by "shop-*" (main.star:3), no longer declared
  - instance before                                             declared at HEAD~1 (main.star:4), no longer declared
  - software https://lab.example/old.cfg on COMP-1              main.star:5
  ! instance app (main.star:2:1): it cannot be
      hint: do something else
  … more depends on "url" of instance db, at main.star:8:1 (==); it is planned once that is known
  note: instance db (main.star:1:1): it stays
  note: the SLA of 1 instance cannot be read on this Master, so it was not compared
  This plan is partial: only "a*" and what has to go before it, without "b" and what waits for it; 3 changes are left out.

Plan: 1 to create, 1 to update, 3 to destroy. 1 refused. 1 unchanged. 2 instances on this Master are in no file. More to come.
`
	if got := render(t, Text{}, everything()); got != want {
		t.Errorf("got\n%s", got)
	}
	shown := render(t, Text{ShowSecrets: true}, everything())
	if !strings.Contains(shown, "password  old → new\n") || strings.Contains(shown, "hunter2") || strings.Contains(shown, "hidden    x") {
		t.Errorf("what looks like a credential is to be shown and no secret:\n%s", shown)
	}
	if got := render(t, Text{Color: true}, everything()); strings.NewReplacer("\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "", "\x1b[0m", "").Replace(got) != want {
		t.Errorf("colours change the text:\n%s", got)
	}
}

// Nothing is wider than the terminal but the last line, which scripts read, and no
// word is lost.
func TestTextWidth(t *testing.T) {
	words := func(s string) string { return strings.Join(strings.Fields(s), "") }
	whole := words(render(t, Text{}, everything()))
	for width := 24; width < 140; width++ {
		got := render(t, Text{Width: width}, everything())
		lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		for _, line := range lines[:len(lines)-1] {
			if term.Columns(line) > width {
				t.Errorf("width %d: %q has %d columns", width, line, term.Columns(line))
			}
		}
		if words(got) != whole {
			t.Errorf("width %d: some text is lost:\n%s", width, got)
		}
	}
	for _, width := range []int{1, 2, 5, 8, 12} { // no panic, no endless loop
		render(t, Text{Width: width}, large(30, "name", "日本語 \U0001F469\u200d\U0001F4BB a\nb"))
	}
}

func TestDocumentRows(t *testing.T) {
	for _, test := range []struct{ name, before, after, want string }{
		{"nothing but its form", `{"a": 1}`, `{"a":1}`, ""},
		{"a number and a text", `{"a": 1}`, `{"a": "1"}`, "~a  1 → \"1\"\n"},
		{"digits are kept", `{"a": 1.0}`, `{"a": 1.00}`, "~a  1.0 → 1.00\n"},
		{"null and absent", `{"a": null}`, `{}`, "-a  null\n"},
		{"odd keys", `{"a.b": 1, "": 1, "x y": 1}`, `{"a.b": 2, "": 2, "x y": 2}`, "~\"\"     1 → 2\n~\"a.b\"  1 → 2\n~\"x y\"  1 → 2\n"},
		{"another kind", `{"a": [1]}`, `{"a": {"b": 1}}`, "-a[0]  1\n+a.b   1\n"},
		{"nothing inside", `{"a": []}`, `{"a": {}}`, "~a  [] → {}\n"},
		{"a credential below its name", `{"token": {"deep": ["x"]}}`, `{"token": {"deep": ["y"]}}`, "~token.deep[0]  (secret) → (secret), changed\n"},
		{"a credential by its value", `{"u": "http://me:pw@host/"}`, `{"u": "http://host/"}`, "~u  (secret) → (secret), changed\n"},
		{"a list of lists", `[[1], [2]]`, `[[1], [3]]`, "~[1][0]  2 → 3\n"},
		{"marks", "{\"a\": \"\uFDD00\uFDD1\"}", `{"a": "b"}`, ""},
	} {
		rows, ok := documentRows(parameter("_", &test.before, engine.Literal(test.after)), false)
		for i := range rows {
			rows[i].indent = ""
		}
		if got := show(rows); got != test.want || ok == (test.name == "marks") {
			t.Errorf("%s: got %v and\n%swant\n%s", test.name, ok, got, test.want)
		}
	}
	broken := "{\"a\": 1"
	if _, ok := documentRows(parameter("_", &broken, engine.Literal(`{}`)), false); ok {
		t.Error("what is no JSON is taken for a document")
	}
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	if err := Table(&b, [][]string{{"A", "B"}, {"日本\x1b", ""}, {"", "x"}}); err != nil {
		t.Fatal(err)
	}
	if want := "A         B\n日本\\x1b\n          x\n"; b.String() != want {
		t.Errorf("got %q, want %q", &b, want)
	}
}
