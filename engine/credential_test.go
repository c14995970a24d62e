package engine

import (
	"testing"

	"slapstar/slap"
)

// A value that comes is the text that it would have been, had it been there.
func TestCredentialText(t *testing.T) {
	for _, test := range []struct {
		key, value string
		hidden     bool
	}{
		{"password", "p", true},
		{"url", "https://me:p@host/", true},
		{"document", `{"a": {"token": "t"}}`, true},
		{"host", "h", false},
		{"document", `{"a": 1}`, false},
	} {
		published := PublishedText(Published{Instance: "db", Key: test.key, Value: test.value})
		resolved := Refer(Reference{Instance: "db", Key: test.key}).Resolve(func(Reference) (string, bool) { return test.value, true })
		if !published.Equal(resolved) || published.Hidden() != test.hidden || resolved.Hidden() != test.hidden {
			t.Errorf("%s = %s: got %v and resolved %v, want hidden: %t", test.key, test.value, published, resolved, test.hidden)
		}
		joined := Join(Literal("<"), Quote(published), Literal(">"))
		value, known := joined.Known()
		if !known || value != "<"+quoteJSON(test.value)+">" || joined.Hidden() != test.hidden {
			t.Errorf("%s = %s: got %q, %t, hidden: %t", test.key, test.value, value, known, joined.Hidden())
		}
		if test.hidden && joined.Display() != `<"(secret)">` {
			t.Errorf("%s = %s: got %s shown", test.key, test.value, joined.Display())
		}
	}
}

// A leaf of a plan that holds a credential is one that looks like it, whatever its own
// name is; the Master is compared with the value.
func TestCredentialInPlan(t *testing.T) {
	text := Join(PublishedText(Published{Instance: "db", Key: "password", Value: "hush"}), Literal("@h"))
	want := instance("a", map[string]Text{"dsn": text})
	for before, changes := range map[string]int{"hush@h": 0, "hush@g": 1} {
		p, err := NewPlan(&Config{Resources: []Resource{want}}, state(current("a", slap.Parameters{"dsn": before})), Options{})
		if err != nil {
			t.Fatal(err)
		}
		list := p.Changes[0].Attributes
		if len(list) != changes {
			t.Errorf("%s: got %v, want %d differences", before, list, changes)
		}
		for _, a := range list {
			if !a.LooksCredential() || a.HoldsSecret() {
				t.Errorf("%s: %v does not look like a credential, or is taken for a secret", before, a)
			}
		}
	}
}

// Where a credential comes from is written into a file, and not its value.
func TestCredentialReferred(t *testing.T) {
	from := PublishedText(Published{Instance: "db", Key: "pw", Value: "abc"}) // too short to be found by its value
	c := (&Config{
		Resources: []Resource{instance("a", map[string]Text{"p": Join(Literal("x"), from)})},
		Published: []Published{{Instance: "db", Key: "host", Value: "[::1]"}},
	}).Referring()
	if got := c.Instances()[0].Parameters["p"]; !got.Equal(Join(Literal("x"), Refer(Reference{Instance: "db", Key: "pw"}))) {
		t.Errorf("got %v, want a reference", got)
	}
}
