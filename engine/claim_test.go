package engine

import (
	"strings"
	"testing"

	"slapstar/slap"
)

// A name wins over what it matches as a pattern: once the claim "web[0]" destroyed web0.
func TestOwnership_Names(t *testing.T) {
	s := state(current("web0", nil), current("web[0]", nil), current(`a\b`, nil))
	for _, test := range []struct {
		pattern string
		covered string
	}{
		{"web[0]", "web[0]"},
		{`web\[0\]`, "web[0]"},
		{EscapeName("web[0]"), "web[0]"},
		{"web[01]", "web0"},
		{"web?", "web0"},
		{"web*", "web0 web[0]"},
		{`a\b`, `a\b`},
		{EscapeName(`a\b`), `a\b`},
		{"[", ""},
		{"none", ""},
	} {
		c := &Config{Claims: []Claim{{Pattern: test.pattern}}}
		owners := c.Ownership(s)
		var covered []string
		for _, name := range s.Names() {
			if owners.Claim(name) != nil {
				covered = append(covered, name)
			}
		}
		if got := strings.Join(covered, " "); got != test.covered {
			t.Errorf("%s covers %q, want %q", test.pattern, got, test.covered)
		}
	}
	declared := &Config{Claims: []Claim{{Pattern: "web[0]"}}, Resources: []Resource{instance("web[0]", nil)}}
	if o := declared.Ownership(nil); o.Claim("web0") != nil || o.Claim("web[0]") == nil {
		t.Error("a declared name is taken for a pattern")
	}
}

// A selection is of names, or else of patterns.
func TestSelection_Names(t *testing.T) {
	c := &Config{Resources: []Resource{instance("web0", nil), instance("web[0]", nil)}}
	only := &Config{Resources: []Resource{instance("web0", nil)}}
	create := func(name string) string {
		return "create instance " + name + " software_release=r software_type=default state=started"
	}
	for _, test := range []struct {
		name      string
		config    *Config
		state     *State
		pattern   string
		want      string
		unmatched bool
	}{
		{"a name", c, state(), "web[0]", create("web[0]"), false},
		{"an address", c, state(), "instance web[0]", create("web[0]"), false},
		{"a name that is escaped", c, state(), `web\[0\]`, create("web[0]"), false},
		{"a pattern", c, state(), "web?", create("web0"), false},
		{"a set", only, state(), "web[0]", create("web0"), false},
		{"the name of what is in no file", only, state(current("web[0]", nil)), "web[0]", "1 in no file", true},
		{"nothing", c, state(), "app*", "", true},
		{"what is malformed", c, state(), "web[", "", true},
		{"what is yet to be declared", &Config{Resources: c.Resources, More: &Boundary{Reference: Reference{Instance: "web0"}}}, state(current("late", nil)), "lat*", "1 in no file", false},
		{"a slip before more is declared", &Config{Resources: c.Resources, More: &Boundary{Reference: Reference{Instance: "web0"}}}, state(), "app", "", true},
	} {
		o := Options{Selection: Selection{Targets: []string{test.pattern}}}
		if got := planText(t, test.config, test.state, o); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
		p, err := NewPlan(test.config, test.state, o)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(p.Partial.Unmatched) > 0; got != test.unmatched {
			t.Errorf("%s: matches nothing: got %t", test.name, got)
		}
	}
}

// Protection stays when the declaration goes.
func TestProtection(t *testing.T) {
	protecting := []Claim{{Pattern: "own-*", Protect: []string{"own-1", "own-db*"}, Origin: at(1)}}
	plain := []Claim{{Pattern: "own-*", Origin: at(1)}}
	end := instance("own-1", nil)
	end.State = slap.Destroyed
	kept := instance("own-1", nil)
	kept.Protect = true
	before := func(c *Config) *Revision { return &Revision{Name: "HEAD", Config: c} }
	byArgument := before(&Config{Resources: []Resource{kept}})
	byName := before(&Config{Resources: []Resource{instance("own-1", nil)}, Claims: protecting})
	first := instance("own-0", nil)
	const gone, ended = "it is no longer declared", "its state is \"destroyed\""
	for _, test := range []struct {
		name   string
		config *Config
		o      Options
		want   string // the refusal, or the note
	}{
		{"claimed", &Config{Resources: []Resource{first}, Claims: protecting}, Options{}, `refused: it is protected by "own-1" in owns (main.star:1:1), and ` + gone},
		{"its end is declared", &Config{Resources: []Resource{first, end}, Claims: protecting}, Options{}, `refused: it is protected by "own-1" in owns (main.star:1:1), and ` + ended},
		{"slapstar destroy", &Config{Resources: []Resource{instance("own-1", nil)}, Claims: protecting}, Options{Destroy: true}, `refused: it is protected by "own-1" in owns (main.star:1:1), and ` + ended},
		{"forgotten since", &Config{Resources: []Resource{first}, Claims: plain}, Options{Since: byArgument}, "refused: it is protected, and " + gone},
		{"forgotten since the base", &Config{Resources: []Resource{first}, Claims: plain}, Options{Base: byArgument}, "refused: it is protected, and " + gone},
		{"the claim was forgotten as well", &Config{Resources: []Resource{first}}, Options{Since: byName}, "refused: it is protected, and " + gone},
		{"declared, and protected at the base", &Config{Resources: []Resource{first, end}}, Options{Base: byArgument}, "noted: it was protected at HEAD (main.star:1:1), and this plan destroys it"},
		{"declared, and protected since by name", &Config{Resources: []Resource{first, end}}, Options{Since: byName}, "noted: it was protected at HEAD (main.star:1:1), and this plan destroys it"},
		{"what is kept", &Config{Resources: []Resource{first, instance("own-1", nil)}, Claims: protecting}, Options{Since: byArgument}, ""},
		{"nothing known", &Config{Resources: []Resource{first, end}}, Options{Base: &Revision{Name: "HEAD"}}, ""},
	} {
		p, err := NewPlan(test.config, owned(2), test.o)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range p.Refusals {
			got = append(got, "refused: "+r.Message)
		}
		for _, n := range p.Notes {
			got = append(got, "noted: "+n.Message)
		}
		if said := strings.Join(got, "\n"); said != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, said, test.want)
		}
	}
}

// What belongs together does not go at once, be it one.
func TestBrake_All(t *testing.T) {
	claims := []Claim{{Pattern: "own-*", Origin: at(1)}, {Pattern: "other", Origin: at(2)}}
	other, next, end := instance("other", nil), instance("own-9", nil), instance("own-0", nil)
	end.State = slap.Destroyed
	supply := func(release string) *Software {
		return &Software{SoftwareRelease: release, Computer: "n", State: slap.Available}
	}
	installed := owned(1)
	installed.Software = map[string]map[string]string{"n": {"old": slap.Available, "older": slap.Available}}
	since := Options{Since: &Revision{Name: "HEAD", Config: &Config{Resources: []Resource{supply("old"), supply("older"), instance("own-0", nil)}}}}
	for _, test := range []struct {
		name   string
		config *Config
		state  *State
		o      Options
		want   string // the message of the first refusal
	}{
		{"all of one", &Config{Resources: []Resource{other}, Claims: claims}, owned(1), Options{}, `all instances that "own-*" in owns (main.star:1:1) covers (1) would be destroyed, and none is kept or created`},
		{"all of several, one as declared", &Config{Resources: []Resource{other, end}, Claims: claims}, owned(3), Options{}, `all instances that "own-*" in owns (main.star:1:1) covers (3) would be destroyed, and none is kept or created`},
		{"allowed", &Config{Resources: []Resource{other}, Claims: claims}, owned(1), Options{AllowMassDestroy: true}, ""},
		{"one is created", &Config{Resources: []Resource{other, next}, Claims: claims}, owned(1), Options{}, ""},
		{"what is created is left out", &Config{Resources: []Resource{other, next}, Claims: claims}, owned(1), Options{Selection: Selection{Targets: []string{"own-0"}}}, `all instances that "own-*" in owns (main.star:1:1) covers (1) would be destroyed, and none is kept or created`},
		{"one is kept", &Config{Resources: []Resource{other, instance("own-0", nil)}, Claims: claims}, owned(2), Options{}, ""},
		{"one is left out", &Config{Resources: []Resource{other}, Claims: claims}, owned(2), Options{Selection: Selection{Excludes: []string{"own-1"}}}, ""},
		{"as declared", &Config{Resources: []Resource{other, end}, Claims: claims}, owned(1), Options{}, ""},
		{"all software", &Config{Resources: []Resource{instance("own-0", nil)}}, installed, since, "all software that the files declare, now or at HEAD (2) would be destroyed, and none is kept or created"},
		{"some software", &Config{Resources: []Resource{instance("own-0", nil), supply("old")}}, installed, since, ""},
		{"other software", &Config{Resources: []Resource{instance("own-0", nil), supply("new")}}, installed, since, ""},
		{"all instances", &Config{Resources: []Resource{supply("old"), supply("older")}}, installed, since, "all instances that the files declare, now or at HEAD (1) would be destroyed, and none is kept or created"},
	} {
		p, err := NewPlan(test.config, test.state, test.o)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(p.Refusals) > 0 {
			got = p.Refusals[0].Message
		}
		if got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
	// Much of the software is as bad as much of the instances.
	many, kept := &Config{}, &Config{}
	installed.Software["n"] = map[string]string{}
	for _, release := range strings.Split("abcdefghij", "") {
		installed.Software["n"][release] = slap.Available
		many.Resources = append(many.Resources, supply(release))
	}
	kept.Resources = many.Resources[:6]
	p, err := NewPlan(kept, installed, Options{Since: &Revision{Name: "HEAD", Config: many}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "4 of 10 owned pieces of software would be destroyed, more than 30 %"; len(p.Refusals) != 1 || p.Refusals[0].Message != want {
		t.Errorf("got %v, want %s", p.Refusals, want)
	}
}
