package diff

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/slap"
)

func create(attributes ...engine.Attribute) *engine.Change {
	c := &engine.Change{Action: engine.Create, Resource: &engine.Instance{Name: "db", State: slap.Started}, Attributes: attributes}
	c.TakeApart(nil)
	return c
}

// What is left out of a new text is said with its digest and where all of it is: two
// texts that begin alike read alike otherwise.
func TestLongValues(t *testing.T) {
	text := func(last string) string { return strings.Repeat("line\n", 500) + last }
	one := show(Rows(create(parameter("conf", nil, engine.Literal(text("a")))), Options{}))
	const want = "… 481 more lines, sha256 bb39faeec0ca…; slapstar plan --format json shows all\n"
	if !strings.HasSuffix(one, want) || strings.Count(one, "| line") != mostNewLines {
		t.Errorf("got\n%s\nwant %q at the end", one, want)
	}
	if other := show(Rows(create(parameter("conf", nil, engine.Literal(text("b")))), Options{})); other == one {
		t.Errorf("two texts read alike:\n%s", other)
	}
	if got := show(Rows(create(parameter("conf", nil, engine.Literal(text("a")))), Options{Whole: true})); strings.Count(got, "\n") != 503 {
		t.Errorf("not all of it is shown:\n%s", got)
	}

	list := make([]int, 300)
	document, _ := json.Marshal(map[string]any{"list": list})
	got := show(Rows(create(parameter("_", nil, engine.Literal(string(document)))), Options{}))
	if want := fmt.Sprintf("… 100 values more, %s; %s\n", Digest(string(document)), Elsewhere); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant %q at the end", got, want)
	}
	// JSON shows nothing of a value in which there is a credential: so all is here.
	document, _ = json.Marshal(map[string]any{"list": list, "password": "hush"})
	if got := show(Rows(create(parameter("_", nil, engine.Literal(string(document)))), Options{})); strings.Contains(got, "more") || strings.Contains(got, "hush") {
		t.Errorf("got\n%s", got)
	}
}

// The name of a parameter begins the line of a creation: an odd one is quoted.
func TestNamesOfParameters(t *testing.T) {
	for name, want := range map[string]string{
		"database-url": "database-url", "::add-mask::x": `"::add-mask::x"`, "Plan: 0": `"Plan: 0"`, "d\u0430ta": `d\u0430ta`, "a\u3164": `a\u3164`, "": `""`,
	} {
		got := show(Rows(create(parameter(name, nil, engine.Literal("v"))), Options{}))
		if !strings.Contains(got, "  "+want+"  v\n") {
			t.Errorf("%q: got\n%s\nwant %s", name, got, want)
		}
		document, _ := json.Marshal(map[string]string{name: "v"})
		got = show(Rows(create(parameter("_", nil, engine.Literal(string(document)))), Options{}))
		if !strings.Contains(got, " "+want+"  v\n") {
			t.Errorf("%q in a document: got\n%s\nwant %s", name, got, want)
		}
	}
}

// One long name does not move the values of the others out of sight.
func TestLongNames(t *testing.T) {
	got := show(Rows(create(parameter("b", nil, engine.Literal("2")), parameter(strings.Repeat("k", 200), nil, engine.Literal("1"))), Options{}))
	for line := range strings.Lines(got) {
		if len(line) > 60 && !strings.Contains(line, "kkk  1") {
			t.Errorf("got\n%s", got)
		}
	}
}

// Of a certificate or a key that moves its subject is shown.
func TestMovedKey(t *testing.T) {
	key := "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1aWxkLWhvc3QtMS1vZi10aGUtbGFiLXRlc3Q= build@lab"
	before, after := fmt.Sprintf(`[%q, "a", "b"]`, key), fmt.Sprintf(`["a", "b", %q]`, key)
	c := &engine.Change{Action: engine.Update, Resource: &engine.Instance{Name: "db", State: slap.Started}, Attributes: []engine.Attribute{parameter("_", &before, engine.Literal(after))}}
	c.TakeApart(nil)
	if got := show(Rows(c, Options{})); !strings.Contains(got, "ssh-ed25519 key, SHA256:") || !strings.Contains(got, "moved from [0]") {
		t.Errorf("got\n%s", got)
	}
}
