package document_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/engine"
	"slapstar/engine/document"
)

// judged is a plan that policies have judged.
func judged(t *testing.T, by engine.Policies, verdicts ...engine.Verdict) *engine.Plan {
	t.Helper()
	p := plan(t, &engine.Config{Resources: []engine.Resource{instance("a", nil)}})
	p.Judge(by, verdicts)
	return p
}

// The digest covers the text of the policies and what is overridden, not when they judged,
// how they are named, nor in which order.
func TestDigestOfPolicies(t *testing.T) {
	by := engine.Policies{
		Files:         []engine.PolicyFile{{Name: "policy.star", Sum: "11"}, {Name: "other.star", Sum: "22"}},
		Circumstances: engine.Circumstances{Time: "2026-11-27T16:00:00Z", Branch: "main", Environment: "prod"},
		Overrides:     []engine.Override{{Name: "deny_x", Reason: "so"}, {Name: "deny_y", Reason: "so"}},
	}
	same := document.Digest(judged(t, by))
	for name, test := range map[string]struct {
		change func(*engine.Policies)
		same   bool
	}{
		"another time":      {func(p *engine.Policies) { p.Circumstances = engine.Circumstances{Time: "2026-11-28T16:00:00Z"} }, true},
		"another order":     {func(p *engine.Policies) { slices.Reverse(p.Files); slices.Reverse(p.Overrides) }, true},
		"another name":      {func(p *engine.Policies) { p.Files[0].Name = "sub/policy.star" }, true},
		"another text":      {func(p *engine.Policies) { p.Files[0].Sum = "33" }, false},
		"one less":          {func(p *engine.Policies) { p.Files = p.Files[1:] }, false},
		"another reason":    {func(p *engine.Policies) { p.Overrides[0].Reason = "not so" }, false},
		"no override":       {func(p *engine.Policies) { p.Overrides = p.Overrides[1:] }, false},
		"another override":  {func(p *engine.Policies) { p.Overrides[0].Name = "deny_z" }, false},
		"reasons exchanged": {func(p *engine.Policies) { p.Overrides[0].Reason, p.Overrides[1].Reason = "a", "b" }, false},
	} {
		other := by
		other.Files, other.Overrides = slices.Clone(by.Files), slices.Clone(by.Overrides)
		test.change(&other)
		if got := document.Digest(judged(t, other)); (got == same) != test.same {
			t.Errorf("%s: the digest is the same: %t, want %t", name, got == same, test.same)
		}
	}
	if none := plan(t, &engine.Config{Resources: []engine.Resource{instance("a", nil)}}); document.Digest(none) == same {
		t.Error("the digest without policies is the same")
	}
}

// What has judged a plan comes back from its JSON, and a refusal says what differs.
func TestPolicyOfPlan(t *testing.T) {
	by := engine.Policies{
		Files:         []engine.PolicyFile{{Name: "policy.star", Sum: "0123456789abcdef"}},
		Circumstances: engine.Circumstances{Time: "2026-11-27T16:00:00Z", Branch: "main", Environment: "prod", Command: "plan"},
		Overrides:     []engine.Override{{Name: "deny_x", Reason: "so"}},
	}
	p := judged(t, by, engine.Verdict{Function: "deny_x", Denies: true, Address: "instance a", At: at(2), Message: "no",
		Origin: engine.Origin{Stack: []engine.Frame{{Position: engine.Position{File: "main.star", Line: 1, Col: 1}}}}})
	data, err := json.Marshal(document.New(p))
	if err != nil {
		t.Fatal(err)
	}
	var read document.Plan
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p.Policies, read.Restore().Policies); diff != "" {
		t.Errorf("after a round trip (-want +got):\n%s", diff)
	}
	if read.Policy.Context.Weekday != "Friday" {
		t.Errorf("got weekday %q, want Friday", read.Policy.Context.Weekday)
	}
	by.Files, by.Overrides = []engine.PolicyFile{{Name: "policy.star", Sum: "fedcba9876543210"}}, nil
	err = document.CheckApproved(&read, document.New(judged(t, by)))
	for _, want := range []string{"the policies: approved policy.star 0123456789ab, now policy.star fedcba987654", "the overrides of policies: approved deny_x (so), now none"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}
