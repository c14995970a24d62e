package engine

import (
	"strings"
	"testing"

	"slapstar/slap"
)

// What two sets of files want of one Master, and only one of them can have.
func TestClashes(t *testing.T) {
	owning := func(pattern string, but ...string) *Config {
		return &Config{Claims: []Claim{{Pattern: pattern, But: but, Origin: at(1)}}}
	}
	declaring := func(c *Config, names ...string) *Config {
		for _, name := range names {
			c.Resources = append(c.Resources, instance(name, nil))
		}
		return c
	}
	software := func(state string) *Config {
		return &Config{Resources: []Resource{&Software{SoftwareRelease: "r", Computer: "n", State: state, Origin: at(1)}}}
	}
	for _, test := range []struct {
		name string
		a, b *Config
		want string // the messages
	}{
		{"nothing", declaring(&Config{}, "a"), declaring(&Config{}, "b"), ""},
		{"a name", declaring(&Config{}, "a", "b"), declaring(&Config{}, "b"), `request: instance "b" is declared by stage as well`},
		{"claims", owning("dev-*"), owning("dev-data-*"), `owns: "dev-*" covers names that "dev-data-*" in owns of stage covers as well: what one declares the other would destroy`},
		{"claims with an exception", owning("dev-*", "dev-data-*"), owning("dev-data-*"), ""},
		{"claims with an exception there", owning("dev-*"), owning("dev-data-*", "dev-data-*"), ""},
		{"claims that never meet", owning("dev-*"), owning("stage-*"), ""},
		{"a claim on what the other declares", owning("*"), declaring(&Config{}, "b"), `owns: "*" covers instance "b", which stage declares: this plan would destroy it`},
		{"its exception", owning("*", "b"), declaring(&Config{}, "b"), ""},
		{"the other's claim", declaring(&Config{}, "b"), owning("*"), `request: instance "b" is covered by "*" in owns of stage, which would destroy it`},
		{"the name of an instance", declaring(owning("web[0]"), "web[0]"), owning("web0"), ""},
		{"software of both", software(slap.Available), software(slap.Available), ""},
		{"software", software(slap.Available), software(slap.Destroyed), `supply: software r on n is available here, and destroyed in stage`},
	} {
		var got []string
		for _, c := range test.a.Clashes(test.b, "stage", state()) {
			got = append(got, c.Message)
			if len(c.Here.Stack) == 0 || len(c.There.Stack) == 0 || c.Hint == "" {
				t.Errorf("%s: a place or a hint is missing: %+v", test.name, c)
			}
		}
		if said := strings.Join(got, "\n"); said != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, said, test.want)
		}
	}
}

// What others declare or claim is in a file.
func TestOthersCount(t *testing.T) {
	s := state(current("mine", nil), current("theirs", nil), current("claimed-1", nil), current("nobodys", nil))
	s.Software = map[string]map[string]string{"n": {"r": slap.Available, "q": slap.Available}}
	theirs := &Config{Resources: []Resource{instance("theirs", nil), &Software{SoftwareRelease: "r", Computer: "n", State: slap.Available}}, Claims: []Claim{{Pattern: "claimed-*"}}}
	p, err := NewPlan(&Config{Resources: []Resource{instance("mine", nil)}}, s, Options{Others: []*Config{theirs}})
	if err != nil {
		t.Fatal(err)
	}
	if p.Undeclared != (Undeclared{Instances: 1, Software: 1}) {
		t.Errorf("got %+v in no file, want one of each", p.Undeclared)
	}
}

// What a revision has added since the fork is not destroyed, claimed or not.
func TestSinceFork(t *testing.T) {
	s := state(current("old", nil), current("new", nil), current("own-new", nil), current("own-gone", nil))
	s.Software = map[string]map[string]string{"n": {"r": slap.Available}}
	release := &Software{SoftwareRelease: "r", Computer: "n", State: slap.Available, Origin: at(9)}
	mine := &Config{Resources: []Resource{instance("kept", nil), instance("own-kept", nil)}, Claims: []Claim{{Pattern: "own-*", Origin: at(1)}}}
	mine.Claims = append(mine.Claims, Claim{Pattern: "kept", Origin: at(1)})
	then := &Config{Resources: []Resource{instance("old", nil), instance("new", nil), instance("own-new", nil), release}}
	o := Options{AllowMassDestroy: true, Since: &Revision{Name: "main", Config: then, Fork: &Fork{Config: &Config{Resources: []Resource{instance("old", nil)}}, Behind: 3}}}
	p, err := NewPlan(mine, s, o)
	if err != nil {
		t.Fatal(err)
	}
	gone := map[Address]bool{}
	for _, c := range p.Changes {
		gone[c.Address()] = c.Action == Delete
	}
	if !gone["instance old"] || !gone["instance own-gone"] || gone["instance new"] || gone["instance own-new"] || gone[release.Address()] {
		t.Errorf("got destroyed %v, want old and own-gone", gone)
	}
	noted := 0
	for _, n := range p.Notes {
		if n.Message == "main declares it: added there since, this branch is 3 behind: rebase" {
			noted++
		}
	}
	if noted != 3 || p.Undeclared.Instances != 0 {
		t.Errorf("got %d notes and %d instances in no file, want 3 and none", noted, p.Undeclared.Instances)
	}
}
