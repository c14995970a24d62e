package engine

import (
	"slices"
	"strings"
	"testing"

	"slapstar/slap"
)

// publishing is an instance of a Master that has published its url.
func publishingURL(name string, parameters slap.Parameters) slap.Instance {
	i := current(name, parameters)
	i.ConnectionParameters = slap.Parameters{"url": "https://" + name + ".example/", "port": "3306"}
	return i
}

func urlOf(name string) Text { return published(name, "https://"+name+".example/") }

// gone is what a plan destroys of an instance, with what goes before it and who uses it.
func gone(t *testing.T, c *Config, s *State, o Options, name string) string {
	t.Helper()
	o.AllowMassDestroy = true
	p, err := NewPlan(c, s, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.Changes {
		if c.Address() != InstanceAddress(name) && c.Resource.Address() != Address(name) {
			continue
		}
		if c.Action != Delete {
			t.Fatalf("%s: %s", c.Address(), c.Action)
		}
		var after []string
		for _, a := range c.DependsOn {
			after = append(after, strings.TrimPrefix(string(a), "instance "))
		}
		return "after " + strings.Join(after, " ") + "; used by " + strings.Join(c.UsedBy, " ") + "; probably " + strings.Join(c.Perhaps, " ")
	}
	t.Fatalf("%s is not destroyed: %v", name, c.Claims)
	return ""
}

// Who uses an instance lets go of it before it is destroyed: as the evaluation of an earlier
// revision says, or as it looks on the Master.
func TestLetGo(t *testing.T) {
	app := func(text Text) *Instance { return instance("app", map[string]Text{"db": text}) }
	toC := app(reference("c", "url"))
	old := &Config{Resources: []Resource{instance("b", nil), app(urlOf("b"))}}
	claims := []Claim{{Pattern: "b"}}
	shared := func(name, partition string) slap.Instance {
		i := current(name, nil)
		i.Shared, i.Computer, i.Partition = true, "COMP-1", partition
		return i
	}
	host := publishingURL("b", nil)
	host.Computer, host.Partition = "COMP-1", "slappart1"
	named := publishingURL("b", nil)
	named.GUID = "SOFTINST-1"
	chosen := shared("user", "")
	chosen.Computer, chosen.SLA = "", slap.Parameters{slap.SLAInstance: "SOFTINST-1"}
	end := instance("b", nil)
	end.State = slap.Destroyed
	user := instance("user", map[string]Text{"x": Literal("2")})
	user.Shared = true
	for _, test := range []struct {
		name   string
		config *Config
		master []slap.Instance
		since  *Config
		want   string
	}{
		{"since", &Config{Resources: []Resource{instance("c", nil), toC}}, []slap.Instance{publishingURL("b", nil), publishingURL("app", slap.Parameters{"db": "https://b.example/"})}, old, "after app; used by app; probably "},
		{"since, though the Master has no trace of it", &Config{Resources: []Resource{instance("c", nil), toC}}, []slap.Instance{publishingURL("b", nil), current("app", slap.Parameters{"db": "3306"})}, old, "after app; used by app; probably "},
		{"since, and it is not declared either", &Config{Resources: []Resource{instance("c", nil)}}, []slap.Instance{publishingURL("b", nil), current("app", slap.Parameters{"db": "3306"})}, old, "after app; used by app; probably "},
		{"owned", &Config{Claims: claims, Resources: []Resource{instance("c", nil), toC}}, []slap.Instance{publishingURL("b", nil), current("app", slap.Parameters{"db": "to https://b.example/"})}, nil, "after app; used by ; probably app"},
		{"owned, by its host", &Config{Claims: claims, Resources: []Resource{instance("c", nil), toC}}, []slap.Instance{publishingURL("b", nil), current("app", slap.Parameters{"_": `{"h": ["b.example"]}`})}, nil, "after app; used by ; probably app"},
		{"asked for", &Config{Resources: []Resource{instance("c", nil), toC, end}}, []slap.Instance{publishingURL("b", nil), current("app", slap.Parameters{"db": "https://b.example/"})}, nil, "after app; used by ; probably app"},
		{"both owned", &Config{Claims: []Claim{{Pattern: "*"}}, Resources: []Resource{instance("c", nil)}}, []slap.Instance{publishingURL("b", nil), current("app", slap.Parameters{"db": "https://b.example/"})}, nil, "after app; used by ; probably app"},
		{"unchanged, and it is a literal", &Config{Claims: claims, Resources: []Resource{app(Literal("https://b.example/"))}}, []slap.Instance{publishingURL("b", nil), current("app", slap.Parameters{"db": "https://b.example/"})}, nil, "after ; used by ; probably "},
		{"unchanged, and it is used", &Config{Claims: claims, Resources: []Resource{app(urlOf("b"))}}, []slap.Instance{publishingURL("b", nil), current("app", slap.Parameters{"db": "https://b.example/"})}, nil, "after ; used by app; probably "},
		{"in no file", &Config{Claims: claims, Resources: []Resource{instance("z", nil)}}, []slap.Instance{publishingURL("b", nil), current("web", slap.Parameters{"db": "https://b.example/x"})}, nil, "after ; used by ; probably web"},
		{"within a longer word", &Config{Claims: claims, Resources: []Resource{instance("z", nil)}}, []slap.Instance{publishingURL("b", nil), current("web", slap.Parameters{"db": "https://bb.example/", "x": "web.example"})}, nil, "after ; used by ; probably "},
		{"a short value", &Config{Claims: claims, Resources: []Resource{instance("z", nil)}}, []slap.Instance{publishingURL("b", nil), current("web", slap.Parameters{"db": "3306"})}, nil, "after ; used by ; probably "},
		{"what it is to carry", &Config{Claims: claims, Resources: []Resource{user}}, []slap.Instance{named, chosen}, nil, "after user; used by ; probably "},
		{"what it carries", &Config{Claims: claims, Resources: []Resource{user}}, []slap.Instance{host, shared("user", "slappart1"), shared("other", "slappart2")}, nil, "after user; used by ; probably "},
	} {
		o := Options{}
		if test.since != nil {
			o.Since = &Revision{Name: "before", Config: test.since}
		}
		if got := gone(t, test.config, state(test.master...), o, "b"); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// Of what carries shared instances it is said which of them a plan leaves without a place.
func TestLeftBehind(t *testing.T) {
	at := func(name string, shared bool, partition string) slap.Instance {
		i := current(name, nil)
		i.Shared, i.Computer, i.Partition = shared, "COMP-1", partition
		return i
	}
	end := func(name string, shared bool) *Instance {
		i := instance(name, nil)
		i.State, i.Shared = slap.Destroyed, shared
		return i
	}
	stays := instance("stays", nil)
	stays.Shared = true
	master := state(at("b", false, "slappart1"), at("stays", true, "slappart1"), at("goes", true, "slappart1"), at("free", true, "slappart1"),
		at("elsewhere", true, "slappart2"), at("c", false, "slappart3"))
	p, err := NewPlan(&Config{Resources: []Resource{end("b", false), stays, end("goes", true), end("c", false)}}, master, Options{AllowMassDestroy: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range p.Notes {
		got = append(got, string(n.Address)+": "+n.Message)
	}
	want := `instance b: it carries "free", "stays", which this plan does not destroy: a shared instance has no place without what carries it, and is not moved`
	if !slices.Equal(got, []string{want}) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A release is taken off a node when the instances that had it there are on another one.
func TestLetGoOfSoftware(t *testing.T) {
	app := instance("app", nil)
	app.SLA = slap.Parameters{slap.SLAComputer: "COMP-1"}
	app.SoftwareRelease = "https://lab.example/2.cfg"
	was := current("app", nil)
	was.SLA, was.SoftwareRelease, was.Computer = app.SLA, "https://lab.example/1.cfg", "" // as a slapproxy tells
	s := state(was)
	s.Software = map[string]map[string]string{"COMP-1": {was.SoftwareRelease: slap.Available}}
	old := &Software{SoftwareRelease: was.SoftwareRelease, Computer: "COMP-1", State: slap.Destroyed}
	c := &Config{Resources: []Resource{old, app, &Software{SoftwareRelease: app.SoftwareRelease, Computer: "COMP-1", State: slap.Available}}}
	p, err := NewPlan(c, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Changes[0].DependsOn; !slices.Equal(got, []Address{"instance app"}) {
		t.Errorf("the old release goes after %q", got)
	}
	if got := p.Changes[1].DependsOn; len(got) != 1 || got[0] != c.Resources[2].Address() {
		t.Errorf("the instance goes after %q", got)
	}
}

// The values "admin" and "administrators" have nothing to do with each other: no order, no
// note, and a file that is written has the literal.
func TestEqualTextIsNoOrigin(t *testing.T) {
	db := instance("db", map[string]Text{"size": Literal("2")})
	other := instance("other", map[string]Text{"group": Literal("administrators"), "same": Literal("admin"), "n": Literal("1")})
	master := current("db", nil)
	master.ConnectionParameters = slap.Parameters{"user": "admin"}
	c := &Config{Resources: []Resource{db, other}, Published: []Published{{Instance: "db", Key: "user", Value: "admin"}}}
	p, err := NewPlan(c, state(master, current("other", nil)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Changes[1].DependsOn)+len(p.Notes) > 0 || len(p.Graph()["instance other"]) > 0 {
		t.Errorf("after %q, with %v", p.Changes[1].DependsOn, p.Notes)
	}
	for key, text := range c.Referring().Instances()[1].Parameters {
		if value, known := text.Known(); !known || value == "" {
			t.Errorf("%s becomes %v", key, text)
		}
	}
}

// Two instances that have published the same are two sources.
func TestSameValueOfTwo(t *testing.T) {
	a, b := published("a", "same"), published("b", "same")
	c := &Config{Resources: []Resource{instance("a", nil), instance("b", nil), instance("x", map[string]Text{"p": b}), instance("y", map[string]Text{"p": Join(a, b)})}}
	p, err := NewPlan(c, state(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Graph(); !slices.Equal(got["instance x"], []Address{"instance b"}) || !slices.Equal(got["instance y"], []Address{"instance a", "instance b"}) {
		t.Errorf("got %q", got)
	}
}

// Known values that lead to a circle do not count within it, and outside of it they do.
func TestKnownCircle(t *testing.T) {
	c := &Config{Resources: []Resource{
		instance("a", map[string]Text{"p": urlOf("b"), "n": Literal("1")}), instance("b", map[string]Text{"p": urlOf("a"), "q": urlOf("c"), "n": Literal("1")}), instance("c", map[string]Text{"n": Literal("1")}),
	}}
	p, err := NewPlan(c, state(current("a", nil), current("b", nil), current("c", nil)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := p.Changes[0].DependsOn, p.Changes[1].DependsOn; len(a) > 0 || !slices.Equal(b, []Address{"instance c"}) {
		t.Errorf("got %q and %q", a, b)
	}
}

// What lets go has to be ready before what it used is destroyed, as far as the Master tells.
func TestLettingGo(t *testing.T) {
	end := &Change{Action: Delete, Resource: instance("b", nil), DependsOn: []Address{"instance app"}}
	for kind, want := range map[slap.StatusKind]int{slap.StatusUnknown: 0, slap.Running: 1, slap.NotReported: 1} {
		user := &Change{Action: Update, Resource: instance("app", nil), Current: &slap.Instance{Status: slap.Status{Kind: kind}}}
		plan := &Plan{Changes: []*Change{end, user}}
		r := newRun(Apply{Plan: plan})
		s := newSchedule(plan, r.wanted, r.failed, r.givenUp, r.lettingGo)
		if c := s.next(); c != user || s.next() != nil {
			t.Fatalf("%v: %v goes first", kind, c.Address())
		}
		r.done[user.Address()] = true
		s.finish(user, false)
		if got := s.missing(plan); len(got) != want {
			t.Errorf("%v: waits for %v", kind, got)
		}
		if c := s.next(); (c == end) != (want == 0) {
			t.Errorf("%v: the destroy is started: %t", kind, c == end)
		}
		r.seen[Reference{Instance: "app"}] = true
		if c := newSchedule(plan, r.wanted, r.failed, r.givenUp, r.lettingGo).next(); c != end {
			t.Errorf("%v: the destroy is not started", kind)
		}
		delete(r.seen, Reference{Instance: "app"})
		r.givenUp["app"] = true
		if c := newSchedule(plan, r.wanted, r.failed, r.givenUp, r.lettingGo).next(); (c == end) != (want == 0) {
			t.Errorf("%v: the destroy is started though nobody waits any more: %t", kind, c == end)
		}
	}
}
