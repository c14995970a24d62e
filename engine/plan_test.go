package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
)

func at(line int) Origin {
	return Origin{Stack: []Frame{{Function: "<toplevel>", Position: Position{File: "main.star", Line: line, Col: 1}}}}
}

func reference(instance, key string) Text {
	return Refer(Reference{Instance: instance, Key: key, Position: Position{File: "main.star", Line: 9, Col: 9}})
}

func instance(name string, parameters map[string]Text) *Instance {
	return &Instance{Name: name, SoftwareRelease: "r", SoftwareType: "default", State: slap.Started, Parameters: parameters, Origin: at(1)}
}

func current(name string, parameters slap.Parameters) slap.Instance {
	return slap.Instance{
		InstanceRequest: slap.InstanceRequest{Name: name, SoftwareRelease: "r", SoftwareType: "default", State: slap.Started, Parameters: parameters},
		Computer:        "n",
	}
}

func state(instances ...slap.Instance) *State {
	s := NewState()
	for _, i := range instances {
		s.Instances[i.Name] = i
	}
	return s
}

// summary writes a plan as lines, for comparison.
func summary(p *Plan) string {
	var b strings.Builder
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "%s %s", c.Action, c.Address())
		for _, a := range c.Attributes {
			fmt.Fprintf(&b, " [%s %s]", strings.TrimPrefix(a.Group+"."+a.Name, "."), describe(a))
		}
		if len(c.DependsOn) > 0 {
			fmt.Fprintf(&b, " after %q", c.DependsOn)
		}
		b.WriteString("\n")
	}
	for _, r := range p.Refusals {
		fmt.Fprintf(&b, "refused %s: %s\n", r.Address, r.Message)
	}
	for _, n := range p.Notes {
		fmt.Fprintf(&b, "note %s: %s\n", n.Address, n.Message)
	}
	return b.String()
}

func TestNewPlan(t *testing.T) {
	software := func(state string) *Software {
		return &Software{SoftwareRelease: "r", Computer: "n", State: state, Origin: at(2)}
	}
	with := func(s *State, change func(*State)) *State { change(s); return s }
	edit := func(i *Instance, change func(*Instance)) *Instance { change(i); return i }
	onNode := func(i *Instance) { i.SLA = map[string]string{"computer_guid": "n"} }
	for _, test := range []struct {
		name     string
		declared []Resource
		state    *State
		want     string
	}{
		{
			"create", []Resource{instance("a", map[string]Text{"k": Literal("v")})}, state(),
			"create instance a [software_release absent → \"r\"] [software_type absent → \"default\"] [state absent → \"started\"] [parameters.k absent → \"v\"]\n",
		},
		{
			"no-op", []Resource{instance("a", map[string]Text{"k": Literal("v"), "empty": Literal("")})},
			state(current("a", slap.Parameters{"k": "v", "empty": ""})), "no-op instance a\n",
		},
		{
			"parameters key by key", []Resource{instance("a", map[string]Text{"same": Literal("1"), "new": Literal("2"), "edited": Literal("3")})},
			state(current("a", slap.Parameters{"same": "1", "edited": "2", "gone": "x"})),
			"update instance a [parameters.edited \"2\" → \"3\"] [parameters.gone \"x\" → absent] [parameters.new absent → \"2\"]\n",
		},
		{
			"JSON is compared as JSON", []Resource{instance("a", map[string]Text{"_": Literal(`{"a": [1, 2]}`)})},
			state(current("a", slap.Parameters{"_": "{\"a\":[1,2]}\n"})), "no-op instance a\n",
		},
		{
			"other JSON", []Resource{instance("a", map[string]Text{"_": Literal(`{"a": [1, 2]}`), "b": Literal("{ }")})},
			state(current("a", slap.Parameters{"_": `{"a":[2,1]}`, "b": "{}"})),
			"update instance a [parameters._ \"{\\\"a\\\":[2,1]}\" → \"{\\\"a\\\": [1, 2]}\"] [parameters.b \"{}\" → \"{ }\"]\n",
		},
		{
			"every attribute", []Resource{edit(instance("a", nil), func(i *Instance) { i.SoftwareRelease, i.SoftwareType, i.State = "r2", "t2", slap.Stopped })},
			state(current("a", nil)),
			"update instance a [software_release \"r\" → \"r2\"] [software_type \"default\" → \"t2\"] [state \"started\" → \"stopped\"]\n",
		},
		{
			"an SLA that the Master does not store is no change", []Resource{edit(instance("a", nil), func(i *Instance) { i.SLA = map[string]string{"computer_guid": "x"} })},
			state(current("a", nil)), "no-op instance a\nnote instance a: it stays on n: computer_guid \"x\" counts only when an instance is created\n",
		},
		{
			"an SLA that it stores", []Resource{edit(instance("a", nil), func(i *Instance) { i.SLA = map[string]string{"computer_guid": "x"} })},
			state(func() slap.Instance {
				i := current("a", nil)
				i.SLAKnown, i.SLA = true, slap.Parameters{"computer_guid": "y"}
				return i
			}()),
			"update instance a [sla.computer_guid \"y\" → \"x\"]\nnote instance a: it stays on n: computer_guid \"x\" counts only when an instance is created\n",
		},
		{
			"destroy", []Resource{edit(instance("a", nil), func(i *Instance) { i.State = slap.Destroyed })}, state(current("a", nil)),
			"destroy instance a [state \"started\" → \"destroyed\"]\n",
		},
		{
			"what does not exist is not destroyed", []Resource{edit(instance("a", nil), func(i *Instance) { i.State = slap.Destroyed }), software(slap.Destroyed)}, state(),
			"no-op instance a\nno-op software r on n\n",
		},
		{
			"what is being destroyed is not destroyed again", []Resource{edit(instance("a", nil), func(i *Instance) { i.State = slap.Destroyed })},
			state(func() slap.Instance { i := current("a", nil); i.State = slap.Destroyed; return i }()), "no-op instance a\n",
		},
		{
			"not readable yet", []Resource{instance("a", map[string]Text{"k": Literal("v")})},
			with(state(), func(s *State) { s.NotReady["a"] = true }),
			"no-op instance a\nnote instance a: it is on the Master and not ready: its attributes cannot be read yet, so nothing was compared\n",
		},
		{
			"a shared instance cannot be stopped where its state is not kept", []Resource{edit(instance("a", nil), func(i *Instance) { i.Shared, i.State = true, slap.Stopped })},
			with(state(), func(s *State) { s.SharedStateLost = true }),
			"create instance a [software_release absent → \"r\"] [software_type absent → \"default\"] [state absent → \"stopped\"] [shared absent → \"true\"]\n" +
				"refused instance a: this Master keeps no state of shared instances: it cannot be stopped\n",
		},
		{
			"JSON with something behind it", []Resource{instance("a", map[string]Text{"_": Literal(`{"a":1}`)})},
			state(current("a", slap.Parameters{"_": `{"a":1}}`})),
			"update instance a [parameters._ \"{\\\"a\\\":1}}\" → \"{\\\"a\\\":1}\"]\n",
		},
		{
			"a slip in a key", []Resource{instance("db", nil), instance("a", map[string]Text{"u": reference("db", "ulr")})},
			with(state(current("db", nil), current("a", slap.Parameters{"u": ""})), func(s *State) {
				i := s.Instances["db"]
				i.ConnectionParameters = slap.Parameters{"url": "x", "ipv6": "y"}
				s.Instances["db"] = i
			}),
			"no-op instance db\nupdate instance a [parameters.u \"\" → \"(known after db)\"]\n" +
				"note instance a: it waits for \"ulr\" of instance \"db\" (main.star:9:9), which has published \"ipv6\", \"url\"\n",
		},
		{
			"an unknown value is a change until it is known", []Resource{instance("db", nil), instance("a", map[string]Text{"url": Join(Literal("x/"), reference("db", "url"))})},
			state(current("db", nil), current("a", slap.Parameters{"url": "x/1"})),
			"no-op instance db\nupdate instance a [parameters.url \"x/1\" → \"x/(known after db)\"]\n",
		},
		{
			"order", []Resource{edit(instance("a", map[string]Text{"u": reference("db", "url"), "v": reference("db", "port")}), onNode), software(slap.Available), edit(instance("db", nil), onNode), instance("anywhere", nil)}, state(),
			"create instance a [software_release absent → \"r\"] [software_type absent → \"default\"] [state absent → \"started\"] [sla.computer_guid absent → \"n\"] [parameters.u absent → \"(known after db)\"] [parameters.v absent → \"(known after db)\"] after [\"software r on n\" \"instance db\"]\n" +
				"create software r on n [state absent → \"available\"]\n" +
				"create instance db [software_release absent → \"r\"] [software_type absent → \"default\"] [state absent → \"started\"] [sla.computer_guid absent → \"n\"] after [\"software r on n\"]\n" +
				"create instance anywhere [software_release absent → \"r\"] [software_type absent → \"default\"] [state absent → \"started\"]\n",
		},
		{
			"software goes after the instances that use it", []Resource{software(slap.Destroyed), edit(instance("a", nil), func(i *Instance) { i.State = slap.Destroyed }), edit(instance("b", nil), func(i *Instance) { i.SoftwareRelease = "r2" })},
			with(state(current("a", nil), current("b", nil)), func(s *State) { s.Software["n"] = map[string]string{"r": slap.Available} }),
			"destroy software r on n [state \"available\" → \"destroyed\"] after [\"instance a\" \"instance b\"]\n" +
				"destroy instance a [state \"started\" → \"destroyed\"]\n" +
				"update instance b [software_release \"r\" → \"r2\"]\n",
		},
		{
			"software comes back", []Resource{software(slap.Available)},
			with(state(), func(s *State) { s.Software["n"] = map[string]string{"r": slap.Destroyed} }),
			"update software r on n [state \"destroyed\" → \"available\"]\n",
		},
		{
			"unregistered node", []Resource{software(slap.Available)},
			with(state(), func(s *State) { s.Unregistered["n"] = true }),
			"create software r on n\nrefused software r on n: this Master knows no compute node \"n\"\n",
		},
		{
			"shared cannot be changed", []Resource{edit(instance("a", nil), func(i *Instance) { i.Shared = true })}, state(current("a", nil)),
			"no-op instance a\nrefused instance a: shared cannot be changed: it is false on the Master and true here\n",
		},
		{
			"a value of what is destroyed", []Resource{edit(instance("db", nil), func(i *Instance) { i.State = slap.Destroyed }), instance("a", map[string]Text{"u": reference("db", "url")})}, state(current("a", slap.Parameters{"u": "1"})),
			"no-op instance db\nupdate instance a [parameters.u \"1\" → \"(known after db)\"]\n" +
				"refused instance a: it needs the connection parameter \"url\" of instance \"db\" (main.star:9:9), which is to be destroyed\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := NewPlan(&Config{Resources: test.declared}, test.state, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, summary(p)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestUndeclared(t *testing.T) {
	gone := current("gone", nil)
	gone.State = slap.Destroyed
	s := state(current("a", nil), current("b", nil), gone)
	s.Unread["c"] = true
	p, err := NewPlan(&Config{Resources: []Resource{instance("a", nil)}}, s, Options{})
	if err != nil || p.Undeclared.Instances != 2 {
		t.Errorf("got %v undeclared, %v, want 2", p.Undeclared, err)
	}
}

func TestCycle(t *testing.T) {
	a := instance("a", map[string]Text{"x": reference("c", "url")})
	b := instance("b", map[string]Text{"x": reference("a", "url")})
	c := instance("c", map[string]Text{"x": reference("b", "url")})
	first := instance("first", map[string]Text{"x": reference("b", "url")})
	_, err := NewPlan(&Config{Resources: []Resource{first, a, b, c}}, state(), Options{})
	var cycle *CycleError
	if !errors.As(err, &cycle) {
		t.Fatalf("got error %v, want a cycle", err)
	}
	want := "these wait for each other:\n  instance b (main.star:1:1)\n  instance a (main.star:1:1)\n  instance c (main.star:1:1)\n  instance b (main.star:1:1)"
	if err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestText(t *testing.T) {
	text := Join(Literal("a"), reference("db", "url"), Literal(""), Literal("b"), Literal("c"))
	if want := (Text{{Literal: "a"}, text[1], {Literal: "bc"}}); !cmp.Equal(text, want) {
		t.Errorf("got %v, want %v", text, want)
	}
	if _, known := text.Known(); known {
		t.Error("a text with a reference is known")
	}
	resolved := text.Resolve(func(r Reference) (string, bool) { return r.Instance + "." + r.Key, true })
	if value, known := resolved.Known(); !known || value != "adb.urlbc" {
		t.Errorf("got %q, %t", value, known)
	}
	if value, known := Join(Literal(""), Literal("")).Known(); !known || value != "" {
		t.Errorf("the empty text: got %q, %t", value, known)
	}
	var absent Text
	if absent.Resolve(nil) != nil || absent.Equal(Literal("")) || !absent.Equal(nil) || !text.Equal(text) || text.Equal(resolved) {
		t.Error("an absent text is nothing but itself")
	}
}

func TestCheckRefines(t *testing.T) {
	lookup := func(r Reference) (string, bool) { return "U", r.Instance == "db" && r.Key == "url" }
	plan := func(s *State, r ...Resource) *Plan {
		p, err := NewPlan(&Config{Resources: r}, s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	unknown := instance("a", map[string]Text{"u": Join(Literal("<"), reference("db", "url"), Literal(">"))})
	for _, test := range []struct {
		name           string
		approved, next *Plan
		want           string
	}{
		{
			"less than was shown", plan(state(), instance("a", map[string]Text{"k": Literal("v")})), plan(state(), instance("a", nil)),
			`main.star:1:1: instance a: k: it was "v", and evaluated again it is absent`,
		},
		{
			"no longer declared", plan(state(), instance("a", nil)), plan(state()),
			"main.star:1:1: instance a: the approved plan shows create, now it would be no longer declared",
		},
		{
			"declared otherwise, and done by somebody else", plan(state(), instance("a", map[string]Text{"k": Literal("v")})),
			plan(state(current("a", slap.Parameters{"k": "w"})), instance("a", map[string]Text{"k": Literal("w")})),
			`main.star:1:1: instance a: k: it was "v", and evaluated again it is "w"`,
		},
		{"the same", plan(state(), unknown), plan(state(), unknown), ""},
		{"filled in", plan(state(), unknown), plan(state(), instance("a", map[string]Text{"u": Literal("<U>")})), ""},
		{"done", plan(state(), unknown), plan(state(current("a", slap.Parameters{"u": "<U>"})), instance("a", map[string]Text{"u": Literal("<U>")})), ""},
		{
			"filled in with something else", plan(state(), unknown), plan(state(), instance("a", map[string]Text{"u": Literal("<V>")})),
			`main.star:1:1: instance a: u: it was "<(known after db)>", and evaluated again it is "<V>"`,
		},
		{
			"another instance", plan(state(), unknown), plan(state(), unknown, instance("b", nil)),
			"main.star:1:1: instance b: it was absent, and evaluated again it is declared",
		},
		{
			"another action", plan(state(current("a", slap.Parameters{"k": "1"})), instance("a", nil)), plan(state(), instance("a", nil)),
			"main.star:1:1: instance a: the approved plan shows update, now it would be create",
		},
		{
			"another attribute", plan(state(current("a", slap.Parameters{"k": "1"})), instance("a", nil)),
			plan(state(current("a", slap.Parameters{"k": "1", "l": "2"})), instance("a", nil)),
			`main.star:1:1: instance a: l: the approved plan shows no change of it, now it would be "2" → absent`,
		},
		{
			"the Master has another value", plan(state(current("a", slap.Parameters{"k": "1"})), instance("a", nil)),
			plan(state(current("a", slap.Parameters{"k": "2"})), instance("a", nil)),
			`main.star:1:1: instance a: k: the approved plan shows "1" → absent, now it would be "2" → absent`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			moved, err := checkRefines(test.approved, test.next, nil, lookup)
			if err == nil && len(moved) == 1 {
				err = moved["instance a"]
			}
			if got := fmt.Sprint(err); got != test.want && !(err == nil && test.want == "") {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

// Where the difference comes from, with and without the files of an earlier
// revision.
func TestCauses(t *testing.T) {
	was := current("a", slap.Parameters{"k": "old"})
	stopped := current("a", nil)
	stopped.State = slap.Stopped
	moved := instance("a", nil)
	moved.SoftwareRelease, moved.Product = "r2", "kvm"
	given := instance("a", nil)
	given.StateGiven = true
	for _, test := range []struct {
		name    string
		want    *Instance
		current slap.Instance
		before  *Instance // at an earlier revision
		cause   Cause
	}{
		{"parameters", instance("a", map[string]Text{"k": Literal("new")}), was, nil, Differs},
		{"another release of a product", moved, current("a", nil), nil, ProductMoved},
		{"stopped by the Master", instance("a", nil), stopped, nil, ChangedOnMaster},
		{"started here", given, stopped, nil, Differs},
		{"edited since", instance("a", map[string]Text{"k": Literal("new")}), was, instance("a", map[string]Text{"k": Literal("old")}), EditedHere},
		{"not edited since", instance("a", map[string]Text{"k": Literal("new")}), was, instance("a", map[string]Text{"k": Literal("new")}), ChangedOnMaster},
		{"both", instance("a", map[string]Text{"k": Literal("new")}), was, instance("a", map[string]Text{"k": Literal("older")}), BothChanged},
		{"not declared before", instance("a", map[string]Text{"k": Literal("new")}), was, instance("other", nil), FirstDeclared},
	} {
		o := Options{}
		if test.before != nil {
			o.Since = &Revision{Name: "HEAD", Config: &Config{Resources: []Resource{test.before}}}
		}
		p, err := NewPlan(&Config{Resources: []Resource{test.want}}, state(test.current), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Changes[0].Cause; got != test.cause {
			t.Errorf("%s: got %q, want %q", test.name, got, test.cause)
		}
	}
}

// Software that an instance runs is not removed under it.
func TestRefuseUsedSoftware(t *testing.T) {
	user := current("a", nil)
	user.Computer = "COMP-1"
	s := state(user)
	s.Software = map[string]map[string]string{"COMP-1": {"r": slap.Available}}
	gone := &Software{SoftwareRelease: "r", Computer: "COMP-1", State: slap.Destroyed, Origin: at(1)}
	end, elsewhere := instance("a", nil), instance("a", nil)
	end.State, elsewhere.SoftwareRelease = slap.Destroyed, "r2"
	for name, test := range map[string]struct {
		resources []Resource
		want      string
	}{
		"in use":        {[]Resource{gone}, `instances on this node need it: "a"`},
		"declared":      {[]Resource{gone, instance("a", nil)}, `instances on this node need it: "a"`},
		"destroyed":     {[]Resource{gone, end}, ""},
		"other release": {[]Resource{gone, elsewhere}, ""},
	} {
		p, err := NewPlan(&Config{Resources: test.resources}, s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if !p.CanApply() {
			got = p.Refusals[0].Message
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// published is the url of an instance.
func published(instance, value string) Text {
	return PublishedText(Published{Instance: instance, Key: "url", Value: value})
}

// A value that an instance published which is updated may change: who uses it goes
// after it. A circle of values that are known is none.
func TestMayChange(t *testing.T) {
	db, app := instance("db", map[string]Text{"size": Literal("2")}), instance("app", map[string]Text{"db": Join(Literal("to "), published("db", "https://db/"), Literal(" now")), "n": Literal("1")})
	c := &Config{Resources: []Resource{app, db}}
	p, err := NewPlan(c, state(current("db", nil), current("app", nil)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a := p.Changes[0].Attributes[0]; a.Name != "db" || a.MayChange != "db" || !slices.Contains(p.Changes[0].DependsOn, "instance db") {
		t.Errorf("got %+v, after %q", a, p.Changes[0].DependsOn)
	}
	db.Parameters["app"] = published("app", "https://app/")
	if p, err = NewPlan(c, state(current("db", nil), current("app", nil)), Options{}); err != nil || len(p.Changes[0].DependsOn)+len(p.Changes[1].DependsOn) > 0 {
		t.Errorf("got %v", err)
	}
}

// What would be shown of a secret, or of what was published as a credential, in
// errors.
func TestMasks(t *testing.T) {
	was := current("a", slap.Parameters{"was": "hunter2", "auth": "s3same", "password": "third"})
	want := instance("a", map[string]Text{"auth": Literal("s3cret-pub"), "cfg": Literal("pw=s3cret-pub"), "password": Literal("fourth")})
	c := &Config{Resources: []Resource{want}, Secrets: []Part{{Literal: "hunter2", Secret: "pw"}},
		Published: []Published{{Instance: "db", Key: "password", Value: "s3cret-pub"}}}
	p, err := NewPlan(c, state(was), Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, a := range p.Changes[0].Attributes {
		all += describe(a)
	}
	other := instance("a", map[string]Text{"auth": Literal("x"), "cfg": Literal("x"), "password": Literal("fifth")})
	all += fmt.Sprint((&Config{Resources: []Resource{other}}).Extends(&Config{Resources: []Resource{instance("a", map[string]Text{"password": Literal("fourth")})}}, func(Reference) (string, bool) { return "", false }))
	for _, secret := range []string{"hunter2", "s3cret-pub", "third", "fourth", "fifth"} {
		if strings.Contains(all, secret) {
			t.Errorf("it shows %s:\n%s", secret, all)
		}
	}
}

// What is unchanged and uses what an updated instance has published may need an
// update after that: the plan says so.
func TestNoteDependants(t *testing.T) {
	was := current("app", slap.Parameters{"db": "https://db/"})
	c := &Config{Resources: []Resource{instance("db", map[string]Text{"size": Literal("2")}), instance("app", map[string]Text{"db": published("db", "https://db/")})}}
	p, err := NewPlan(c, state(current("db", nil), was), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Notes) != 1 || p.Notes[0].Address != "instance app" || !strings.Contains(p.Notes[0].Message, `it uses what "db" published`) {
		t.Errorf("got %+v", p.Notes)
	}
}

// Software that an instance of the same plan comes to is not removed.
func TestRefuseSoftwareThatIsComeTo(t *testing.T) {
	s := state()
	s.Software = map[string]map[string]string{"COMP-1": {"r": slap.Available}}
	comes := instance("new", nil)
	comes.SLA = map[string]string{"computer_guid": "COMP-1"}
	p, err := NewPlan(&Config{Resources: []Resource{comes, &Software{SoftwareRelease: "r", Computer: "COMP-1", State: slap.Destroyed, Origin: at(1)}}}, s, Options{})
	if err != nil || p.CanApply() {
		t.Errorf("got %+v, %v", p, err)
	}
}

// The order of the end of many instances and of those that they carry costs no more
// than there are instances.
func TestOrderOfTheEndOfSharedInstances(t *testing.T) {
	c, s := &Config{}, state()
	const n = 400
	for i := range n {
		for _, shared := range []bool{false, true} {
			end := instance(fmt.Sprintf("%d %t", i, shared), nil)
			end.State, end.Shared = slap.Destroyed, shared
			c.Resources = append(c.Resources, end)
			there := current(end.Name, nil)
			there.Shared, there.Computer = shared, "COMP-1"
			s.Instances[end.Name] = there
		}
	}
	p, err := NewPlan(c, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	edges := 0
	for _, ch := range p.Changes {
		edges += len(ch.DependsOn)
	}
	if edges != n+n-1 {
		t.Errorf("%d instances and as many shared ones have %d edges, want %d", n, edges, n+n-1)
	}
}
