package engine_test

import (
	"strings"
	"testing"

	"slapstar/engine"
)

// A denial is a refusal, a warning a note, and what is overridden is neither.
func TestPlanJudge(t *testing.T) {
	place := func(file string) engine.Origin {
		return engine.Origin{Stack: []engine.Frame{{Position: engine.Position{File: file, Line: 3, Col: 1}}}}
	}
	p := &engine.Plan{}
	by := engine.Policies{Overrides: []engine.Override{{Name: "deny_over", Reason: "so"}, {Name: "warn_x", Reason: "so"}}}
	p.Judge(by, []engine.Verdict{
		{Function: "deny_x", At: place("policy.star"), Denies: true, Address: "instance a", Origin: place("main.star"), Message: "no"},
		{Function: "deny_x", At: place("policy.star"), Denies: true, Message: "not at all"},
		{Function: "warn_x", At: place("policy.star"), Message: "hm"},
		{Function: "deny_over", At: place("policy.star"), Denies: true, Address: "instance b", Origin: place("main.star"), Message: "never"},
		{Function: "warn_broken", At: place("policy.star"), Denies: true, Failed: true, Message: "broken", Hint: "mend it"},
		{File: "other.star", At: place("other.star"), Denies: true, Failed: true, Message: "unreadable"},
	})
	var lines []string
	for _, r := range p.Refusals {
		lines = append(lines, string(r.Address)+" "+r.Origin.Position().String()+": "+r.Message)
	}
	want := `instance a main.star:3:1: policy deny_x (policy.star:3:1): no
policy deny_x policy.star:3:1: not at all
policy warn_broken policy.star:3:1: broken
policy other.star other.star:3:1: unreadable`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !strings.Contains(p.Refusals[0].Hint, "--override deny_x --reason") || p.Refusals[2].Hint != "mend it" || p.Refusals[3].Hint != "" {
		t.Errorf("got hints %q, %q and %q", p.Refusals[0].Hint, p.Refusals[2].Hint, p.Refusals[3].Hint)
	}
	if len(p.Notes) != 1 || p.Notes[0].Message != "hm" || p.Notes[0].Address != "policy warn_x" {
		t.Errorf("got notes %+v, want the warning", p.Notes)
	}
	over := p.Policies.Overrides
	if len(over[0].Denied) != 1 || over[0].Denied[0].Address != "instance b" || len(over[1].Denied) != 0 || len(by.Overrides[0].Denied) != 0 {
		t.Errorf("got overrides %+v, want what deny_over denies, in the plan alone", over)
	}
}

// The time of a run, in its time zone.
func TestClock(t *testing.T) {
	got, ok := engine.Circumstances{Time: "2026-11-27T00:30:00+01:00"}.Clock()
	if want := (engine.Clock{Weekday: "Friday", Date: "2026-11-27", Hour: 0, Minute: 30}); !ok || got != want {
		t.Errorf("got %+v, %t, want %+v", got, ok, want)
	}
	if got, ok := (engine.Circumstances{}).Clock(); ok {
		t.Errorf("got %+v without a time", got)
	}
}
