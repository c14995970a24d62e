package engine

import (
	"testing"

	"slapstar/internal/function"
	"slapstar/slap"
)

// What is compared of two configurations that files declare, and what does not count.
func TestCompare(t *testing.T) {
	instance := func(change func(*Instance)) *Config {
		i := &Instance{Name: "a", SoftwareRelease: "https://lab.example/a.cfg", SoftwareType: slap.DefaultType, State: slap.Started,
			Parameters: map[string]Text{"n": Literal("3"), "u": Refer(Reference{Instance: "db", Key: "url", Position: Position{Line: 1}})}}
		if change != nil {
			change(i)
		}
		return &Config{Resources: []Resource{i}}
	}
	end := func(key string) *Config {
		c := instance(nil)
		c.More = &Boundary{Reference: Reference{Instance: "db", Key: key}, Use: "=="}
		return c
	}
	derived := func(name, key string) Text {
		text, err := Derive(function.Function{Name: name}, Refer(Reference{Instance: "db", Key: key}))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	param := func(text Text) func(*Instance) { return func(i *Instance) { i.Parameters["n"] = text } }
	claim := func(c Claim) *Config { return &Config{Claims: []Claim{c}} }
	for _, c := range []struct {
		name          string
		before, after *Config
		want          bool // it differs
	}{
		{"nothing", &Config{}, &Config{}, false},
		{"the same", instance(nil), instance(nil), false},
		{"elsewhere", instance(nil), instance(func(i *Instance) {
			i.Origin = Origin{Stack: []Frame{{Position: Position{File: "b.star", Line: 9}}}}
			i.Parameters["u"] = Refer(Reference{Instance: "db", Key: "url", Position: Position{Line: 2}})
		}), false},
		{"a parameter", instance(nil), instance(param(Literal("4"))), true},
		{"a value to come", instance(nil), instance(func(i *Instance) { i.Parameters["u"] = Refer(Reference{Instance: "db", Key: "url2"}) }), true},
		{"a value to come that is text by now", instance(nil), instance(func(i *Instance) { i.Parameters["u"] = Literal("x") }), true},
		{"a function of a value to come", instance(param(derived("int", "port"))), instance(param(derived("int", "port"))), false},
		{"a function of another one", instance(param(derived("int", "port"))), instance(param(derived("int", "port2"))), true},
		{"another function", instance(param(derived("int", "port"))), instance(param(derived(".lower", "port"))), true},
		{"a secret", instance(param(Secret("A", "stand-in A"))), instance(param(Secret("A", "stand-in A"))), false},
		{"another secret", instance(param(Secret("A", "stand-in A"))), instance(param(Secret("B", "stand-in B"))), true},
		{"quotes around a value to come", instance(param(Quote(Refer(Reference{Instance: "db", Key: "url"})))), instance(param(Quote(Refer(Reference{Instance: "db", Key: "url"})))), false},
		{"shared", instance(nil), instance(func(i *Instance) { i.Shared = true }), true},
		{"project", instance(nil), instance(func(i *Instance) { i.Project = "P" }), true},
		{"depends_on", instance(nil), instance(func(i *Instance) { i.DependsOn = []string{"b"} }), true},
		{"the order of depends_on", instance(func(i *Instance) { i.DependsOn = []string{"b", "c"} }), instance(func(i *Instance) { i.DependsOn = []string{"c", "b", "b"} }), false},
		{"names with commas", instance(func(i *Instance) { i.DependsOn = []string{"b", "c"} }), instance(func(i *Instance) { i.DependsOn = []string{"b, c"} }), true},
		{"protect", instance(nil), instance(func(i *Instance) { i.Protect = true }), true},
		{"ignore_changes", instance(nil), instance(func(i *Instance) { i.IgnoreChanges = []string{"state"} }), true},
		{"wait_for", instance(nil), instance(func(i *Instance) { i.WaitFor = []Reference{{Key: "url"}} }), true},
		{"timeout", instance(nil), instance(func(i *Instance) { i.Timeout = 1 }), true},
		{"sla", instance(nil), instance(func(i *Instance) { i.SLA = map[string]string{"computer_guid": "COMP-1"} }), true},
		{"sla to come", instance(nil), instance(func(i *Instance) { i.SLALater = map[string]Text{"g": Refer(Reference{Instance: "db", Kind: GUID})} }), true},
		{"gone", instance(nil), &Config{}, true},
		{"new", &Config{}, instance(nil), true},
		{"software", &Config{}, &Config{Resources: []Resource{&Software{SoftwareRelease: "https://lab.example/a.cfg", Computer: "C", State: slap.Available}}}, true},
		{"the state of software", &Config{Resources: []Resource{&Software{Computer: "C", State: slap.Destroyed}}}, &Config{Resources: []Resource{&Software{Computer: "C", State: slap.Available}}}, true},
		{"a claim", &Config{}, claim(Claim{Pattern: "a*"}), true},
		{"what a claim protects", claim(Claim{Pattern: "a*"}), claim(Claim{Pattern: "a*", Protect: []string{"ab"}}), true},
		{"what a claim leaves out", claim(Claim{Pattern: "a*"}), claim(Claim{Pattern: "a*", But: []string{"ab"}}), true},
		{"a claim twice", claim(Claim{Pattern: "a*"}), &Config{Claims: []Claim{{Pattern: "a*"}, {Pattern: "a*"}}}, false},
		{"both end", end("url"), end("url"), true}, // what follows was not compared
		{"they end elsewhere", end("url"), end("port"), true},
		{"one ends", end("url"), instance(nil), true},
	} {
		plan, err := Compare(c.before, c.after, Comparison{Before: "HEAD", After: "the work tree"}, Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := plan.Differs(); got != c.want {
			t.Errorf("%s: got %t, want %t: %+v", c.name, got, c.want, plan.Changes)
		}
		back, err := Compare(c.after, c.before, Comparison{Before: "HEAD", After: "the work tree"}, Options{})
		if err != nil || back.Differs() != c.want {
			t.Errorf("%s, the other way round: %v", c.name, err)
		}
	}
	if plan, err := Compare(end("url"), end("url"), Comparison{Identical: true}, Options{}); err != nil || plan.Differs() {
		t.Errorf("the same text up to a value that is not known: %v", err)
	}
}
