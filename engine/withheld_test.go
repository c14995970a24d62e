package engine

import (
	"context"
	"errors"
	"testing"

	"slapstar/slap"
)

func TestCouldBe(t *testing.T) {
	s := Withheld("s")
	for _, test := range []struct {
		text  Text
		value string
		want  bool
	}{
		{s, "anything", true},
		{s, "", true},
		{Join(Literal("x-"), s), "x-abc", true},
		{Join(Literal("x-"), s), "y-abc", false},
		{Join(s, Literal("@h")), "a@h", true},
		{Join(s, Literal("@h")), "a@g", false},
		{Join(Literal("a"), s, Literal("b"), s, Literal("a")), "a1b2a", true},
		{Join(Literal("a"), s, Literal("b"), s, Literal("a")), "a12a", false},
		{Join(Literal("ab"), s, Literal("ba")), "aba", false},
		{Join(Literal(`{"p":`), Quote(s), Literal(`,"n":1}`)), `{"n": 1, "p": "any<thing"}`, true},
		{Join(Literal(`{"p":`), Quote(s), Literal(`,"n":1}`)), `{"n": 2, "p": "any"}`, false},
		{Join(Literal(`{"p":`), Quote(s), Literal(`,"n":1}`)), `{"n": 1, "p": 5}`, false},
		{Join(Literal(`{"p":`), Quote(s), Literal(`}`)), `{"p": "a", "q": 1}`, false},
		{Join(Literal(`{"p":`), Quote(Join(Literal("<"), s)), Literal(`}`)), `{"p":"<a"}`, true},
		{Join(Literal(`[`), Quote(s), Literal(`,1]`)), `["x"]`, false},
		{Quote(Join(Literal("<"), s)), `"<a"`, true},
		{Quote(Join(Literal("<"), s)), `">a"`, false},
		{Join(s, Refer(Reference{Instance: "db", Key: "url"})), "x", false}, // a value to come is a difference
		// What stands for a secret is not written by a file: it would hide a difference.
		{Join(Literal("\uFDD2-"), s), "x-y", false},
		{Join(Literal(`{"n":"\ufdd2","p":`), Quote(s), Literal(`}`)), `{"n":"other","p":"x"}`, false},
		{Join(Literal(`{"p":"\ufdd2","p":`), Quote(s), Literal(`,"q":1}`)), `{"p":"x","q":2}`, false},
	} {
		if got := test.text.CouldBe(test.value); got != test.want {
			t.Errorf("%v and %q: got %t, want %t", test.text, test.value, got, test.want)
		}
	}
}

// Without its secrets a plan has the differences that it can see, and says what it did
// not compare; nothing carries it out.
func TestPlanWithoutSecrets(t *testing.T) {
	want := instance("a", map[string]Text{"p": Withheld("s"), "q": Join(Literal("x-"), Withheld("s")), "n": Literal("2")})
	for _, test := range []struct {
		name      string
		current   slap.Parameters
		action    Action
		different []string
	}{
		{"nothing else", slap.Parameters{"p": "v", "q": "x-v", "n": "2"}, NoOp, nil},
		{"another value", slap.Parameters{"p": "v", "q": "x-v", "n": "1"}, Update, []string{"n"}},
		{"another text around it", slap.Parameters{"p": "v", "q": "y-v", "n": "2"}, Update, []string{"q"}},
		{"an absent one", slap.Parameters{"q": "x-v", "n": "2"}, Update, []string{"p"}},
	} {
		c := &Config{Resources: []Resource{want}, Withheld: []string{"s"}}
		p, err := NewPlan(c, state(current("a", test.current)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var different []string
		for _, a := range compared(p.Changes[0].Attributes) {
			different = append(different, a.Name)
		}
		if p.Changes[0].Action != test.action || !equalNames(different, test.different) {
			t.Errorf("%s: got %s of %v, want %s of %v", test.name, p.Changes[0].Action, different, test.action, test.different)
		}
		if n, open := p.NotCompared(), 2-len(different)+count(different, "n"); n != open {
			t.Errorf("%s: got %d not compared, want %d", test.name, n, open)
		}
		if _, err := (Apply{Plan: p}).Run(context.Background()); !errors.Is(err, ErrWithheld) {
			t.Errorf("%s: applied with %v", test.name, err)
		}
	}
}

func equalNames(a, b []string) bool { return Quoted(a) == Quoted(b) }

func count(list []string, name string) (n int) {
	for _, s := range list {
		if s == name {
			n++
		}
	}
	return n
}

// A value under a key that held a secret is hidden when the secret is not there to be
// recognised.
func TestWithheldBefore(t *testing.T) {
	was := instance("a", map[string]Text{"k": Withheld("s")})
	now := instance("a", map[string]Text{"k": Literal("plain")})
	p, err := NewPlan(&Config{Resources: []Resource{now}}, state(current("a", slap.Parameters{"k": "marker"})),
		Options{Since: &Revision{Name: "HEAD", Config: &Config{Resources: []Resource{was}, Withheld: []string{"s"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if a := p.Changes[0].Attributes[0]; !a.HoldsSecret() {
		t.Errorf("%v is shown", a)
	}
}
