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

func TestTable(t *testing.T) {
	var b bytes.Buffer
	if err := table(&b, [][]string{{"A", "B"}, {"日本\x1b", ""}, {"", "x"}}); err != nil {
		t.Fatal(err)
	}
	if want := "A         B\n日本\\x1b\n          x\n"; b.String() != want {
		t.Errorf("got %q, want %q", &b, want)
	}
}
