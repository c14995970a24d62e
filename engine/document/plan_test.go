package document_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/slap"
)

func at(line int) engine.Origin {
	return engine.Origin{Stack: []engine.Frame{{Function: "<toplevel>", Position: engine.Position{File: "main.star", Line: line, Col: 1}}}}
}

func instance(name string, parameters map[string]engine.Text) *engine.Instance {
	return &engine.Instance{Name: name, SoftwareRelease: "r", SoftwareType: "default", State: slap.Started, Parameters: parameters, Origin: at(1)}
}

func current(name string, parameters slap.Parameters) slap.Instance {
	return slap.Instance{
		InstanceRequest: slap.InstanceRequest{Name: name, SoftwareRelease: "r", SoftwareType: "default", State: slap.Started, Parameters: parameters},
		Computer:        "n",
	}
}

// plan compares a Config with a Master that has these instances.
func plan(t *testing.T, c *engine.Config, instances ...slap.Instance) *engine.Plan {
	t.Helper()
	s := engine.NewState()
	for _, i := range instances {
		s.Instances[i.Name] = i
	}
	p, err := engine.NewPlan(c, s, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The same inputs give the same bytes, whatever the order of maps.
func TestDeterministic(t *testing.T) {
	c := &engine.Config{Claims: []engine.Claim{{Pattern: "own-*"}}}
	master := []slap.Instance{current("other", nil)}
	for i := range 8 {
		master = append(master, current(fmt.Sprintf("own-%d", i), nil))
	}
	for i := range 30 {
		in := instance(fmt.Sprintf("new-%d", i), map[string]engine.Text{"a": engine.Literal("1"),
			"b": engine.Refer(engine.Reference{Instance: "new-3", Key: "url"}), "c": engine.Literal("published by 3")})
		in.SLA = map[string]string{"computer_guid": "COMP-1", "group": "x", "region": "y"}
		if i == 3 {
			in.Parameters = nil
		}
		c.Resources = append(c.Resources, in)
	}
	for i := range 6 {
		c.Resources = append(c.Resources, instance(fmt.Sprintf("own-%d", i), map[string]engine.Text{"p": engine.Literal("v"), "q": engine.Literal("w")}))
		c.Published = append(c.Published, engine.Published{Instance: fmt.Sprintf("own-%d", i), Key: "url", Value: "published by 3"})
	}
	first := ""
	for range 20 {
		text := marshal(t, document.New(plan(t, c, master...)))
		if first == "" {
			first = text
		}
		if text != first {
			t.Fatalf("got\n%s\nand\n%s", first, text)
		}
	}
}

// A secret that the Master has under another key is not shown.
func TestSecretUnderAnotherKey(t *testing.T) {
	was := current("a", slap.Parameters{"old": "hunter2", "url": "x-hunter2-y", "plain": "1"})
	p := plan(t, &engine.Config{Resources: []engine.Resource{instance("a", map[string]engine.Text{"new": engine.Secret("m", "hunter2")})}}, was)
	text := marshal(t, []any{document.New(p), document.Seal(p, []byte("salt"))})
	if strings.Contains(text, "hunter2") || !strings.Contains(text, `"before":"1"`) {
		t.Errorf("got %s", text)
	}
}

// What would be shown of a secret, or of what was published as a credential, in
// plans and seals.
func TestMasks(t *testing.T) {
	was := current("a", slap.Parameters{"was": "hunter2", "auth": "s3same", "password": "third"})
	want := instance("a", map[string]engine.Text{"auth": engine.Literal("s3cret-pub"), "cfg": engine.Literal("pw=s3cret-pub"), "password": engine.Literal("fourth")})
	p := plan(t, &engine.Config{Resources: []engine.Resource{want}, Secrets: []engine.Part{{Literal: "hunter2", Secret: "pw"}},
		Published: []engine.Published{{Instance: "db", Key: "password", Value: "s3cret-pub"}}}, was)
	text := marshal(t, []any{document.New(p), document.Seal(p, []byte("salt"))})
	for _, secret := range []string{"hunter2", "s3cret-pub", "third", "fourth"} {
		if strings.Contains(text, secret) {
			t.Errorf("it shows %s:\n%s", secret, text)
		}
	}
}
