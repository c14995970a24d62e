package view

import (
	"bytes"
	"testing"

	"slapstar/engine"
	"slapstar/engine/document"
)

// The JSON of a comparison is as its schema says, also where a side ends early.
func TestDiffSchema(t *testing.T) {
	s := compile(t, "diff.schema.json")
	needs := &engine.Boundary{Reference: engine.Reference{Instance: "db", Key: "url"}, Use: "==", Origin: engine.Origin{Stack: []engine.Frame{{Position: engine.Position{File: "main.star", Line: 3, Col: 1}}}}}
	before := &engine.Config{Resources: []engine.Resource{&engine.Instance{Name: "a", State: "started"}}, Claims: []engine.Claim{{Pattern: "a*"}}}
	after := &engine.Config{Resources: []engine.Resource{&engine.Instance{Name: "a", State: "stopped"}}, More: needs}
	plan, err := engine.Compare(before, after, engine.Comparison{Before: "HEAD", After: "the work tree"}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := PlanJSON(&b, plan, document.Context{}); err != nil {
		t.Fatal(err)
	}
	validate(t, s, "a comparison", b.Bytes())
	if got, want := Summary(plan), "Difference: 0 to create, 1 to update, 0 to destroy. 1 declaration is on one side alone, where the other one ends before: not compared. More was not compared."; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
