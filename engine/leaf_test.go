package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/slap"
)

// leavesText are the leaves of the change of an instance "a" of which a parameter was one
// text and is to be another.
func leavesText(t *testing.T, c *engine.Config, before string, after engine.Text, more ...slap.Instance) string {
	t.Helper()
	s := engine.NewState()
	s.Instances["a"] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "a", SoftwareRelease: "r", SoftwareType: "default", State: slap.Started, Parameters: slap.Parameters{"_": before}}}
	for _, i := range more {
		s.Instances[i.Name] = i
	}
	c.Resources = append(c.Resources, &engine.Instance{Name: "a", SoftwareRelease: "r", SoftwareType: "default", State: slap.Started, Parameters: map[string]engine.Text{"_": after}})
	p, err := engine.NewPlan(c, s, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, change := range p.Changes {
		if change.Address() != "instance a" {
			continue
		}
		for _, l := range change.Leaves {
			old := "-"
			if l.Before != nil {
				old = *l.Before
			}
			fmt.Fprintf(&b, "%v %s %s", l.At, old, l.After.Display())
			for mark, set := range map[string]bool{" secret": l.Hidden, " credential": l.Credential, " moved": l.Moved, " not compared": l.NotCompared} {
				if set {
					b.WriteString(mark)
				}
			}
			if l.MayChange != "" {
				b.WriteString(" may change by " + l.MayChange)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// What may change stands on its leaf, also where the value itself stays.
func TestMayChangeOnLeaf(t *testing.T) {
	db := &engine.Instance{Name: "db", SoftwareRelease: "r2", SoftwareType: "default", State: slap.Started}
	current := slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "db", SoftwareRelease: "r", SoftwareType: "default", State: slap.Started}}
	c := &engine.Config{Resources: []engine.Resource{db}}
	url := engine.PublishedText(engine.Published{Instance: "db", Key: "url", Value: "http://db.example"})
	after := engine.Join(engine.Literal(`{"n": 2, "same": "http://db.example", "u": `), engine.Quote(url), engine.Literal(`, "v": "`), url, engine.Literal(`/"}`))
	got := leavesText(t, c, `{"n": 1, "same": "http://db.example", "u": "http://db.example", "v": "x"}`, after, current)
	want := `["n"] 1 2
["u"] "http://db.example" "http://db.example" may change by db
["v"] "x" "http://db.example/" may change by db
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// A secret is compared with the value at its place, and with no other: a list of guesses
// would find it otherwise.
func TestSecretsAreNotLookedFor(t *testing.T) {
	secrets := []engine.Part{{Literal: "hunter2", Secret: "pw"}}
	for _, before := range []string{`["hunter2", "x"]`, `{"old": ["hunter2", "x"]}`} {
		after := strings.NewReplacer(`"hunter2", "x"`, `"x", "hunter2"`, "old", "new").Replace(before)
		if got := leavesText(t, &engine.Config{Secrets: secrets}, before, engine.Literal(after)); strings.Contains(got, "moved") {
			t.Errorf("%s and %s: got\n%s", before, after, got)
		}
	}
	got := leavesText(t, &engine.Config{}, `["x", "y"]`, engine.Join(engine.Literal(`["y",`), engine.Quote(engine.Secret("pw", "x")), engine.Literal(`]`)))
	if strings.Contains(got, "moved") || strings.Count(got, "\n") != 2 {
		t.Errorf("got\n%s", got)
	}
}

// A text that the Master has in the form of a mark is not taken for a value to come.
func TestForgedMarks(t *testing.T) {
	unknown := engine.Quote(engine.Refer(engine.Reference{Instance: "db", Key: "url"}))
	for _, before := range []string{`{"u": "\ufdd00\ufdd1"}`, "{\"u\": \"\uFDD00\uFDD1\"}", `{"u": "{\"a\": \"\\ufdd00\\ufdd1\"}"}`} {
		got := leavesText(t, &engine.Config{}, before, engine.Join(engine.Literal(`{"u":`), unknown, engine.Literal(`}`)))
		if !strings.Contains(got, "(known after db)") || strings.Contains(got, "moved") {
			t.Errorf("%s: got\n%s", before, got)
		}
	}
}

// A secret that is a document is not shown value by value once it is no longer one.
func TestSecretDocument(t *testing.T) {
	secret := `{"user": "someone", "code": "1234567"}`
	got := leavesText(t, &engine.Config{Secrets: []engine.Part{{Literal: secret, Secret: "doc"}}}, secret, engine.Literal(`{"user": "other", "code": "1"}`))
	if !strings.Contains(got, " secret") || strings.Count(got, "\n") != 1 {
		t.Errorf("got\n%s", got)
	}
}

// What is destroyed says who probably used it, by what the Master has; a creation like it may be a rename.
func TestUsersAndRenames(t *testing.T) {
	current := func(name string, p, published slap.Parameters) slap.Instance {
		return slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name, SoftwareRelease: "r", SoftwareType: "default", State: slap.Started, Parameters: p}, ConnectionParameters: published}
	}
	s := engine.NewState()
	for _, i := range []slap.Instance{
		current("old", slap.Parameters{"a": "1"}, slap.Parameters{"url": "http://old.example/", "n": "1"}),
		current("web", slap.Parameters{"u": "see http://old.example/"}, nil),
		current("other", slap.Parameters{"n": "1"}, nil),
	} {
		s.Instances[i.Name] = i
	}
	declared := func(name, a string) *engine.Instance {
		return &engine.Instance{Name: name, SoftwareRelease: "r", SoftwareType: "default", State: slap.Started, Parameters: map[string]engine.Text{"a": engine.Literal(a)}}
	}
	for a, want := range map[string]string{"1": `a rename of "old", which is destroyed? The data does not move`, "2": ""} {
		p, err := engine.NewPlan(&engine.Config{Resources: []engine.Resource{declared("new", a)}, Claims: []engine.Claim{{Pattern: "old"}, {Pattern: "new"}}}, s, engine.Options{AllowMassDestroy: true})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, n := range p.Notes {
			got += n.Message
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		for _, c := range p.Changes {
			if c.Action == engine.Delete && (len(c.UsedBy) > 0 || strings.Join(c.Perhaps, " ") != "web") {
				t.Errorf("%s: used by %q, and probably %q", c.Address(), c.UsedBy, c.Perhaps)
			}
		}
	}
}
