package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"slapstar/slap"
)

// planText is a plan in a few words, and its refusals.
func planText(t *testing.T, c *Config, s *State, o Options) string {
	t.Helper()
	p, err := NewPlan(c, s, o)
	if err != nil {
		return err.Error()
	}
	var list []string
	for _, ch := range p.Changes {
		if ch.Action == NoOp {
			continue
		}
		text := fmt.Sprintf("%s %s", ch.Action, ch.Address())
		for _, a := range ch.Attributes {
			text += fmt.Sprintf(" %s=%s", a.Name, a.After.Display())
		}
		if len(ch.DependsOn) > 0 {
			text += fmt.Sprintf(" after %s", ch.DependsOn)
		}
		list = append(list, text)
	}
	for _, r := range p.Refusals {
		list = append(list, "refused "+string(r.Address)+": "+r.Message)
	}
	if p.Undeclared.Instances > 0 {
		list = append(list, fmt.Sprintf("%d in no file", p.Undeclared.Instances))
	}
	return strings.Join(list, "\n")
}

func owned(n int) *State {
	var list []slap.Instance
	for i := range n {
		list = append(list, current(fmt.Sprintf("own-%d", i), nil))
	}
	return state(append(list, current("other", nil))...)
}

// What may be destroyed, and what may not.
func TestOwnership(t *testing.T) {
	claims := []Claim{{Pattern: "own-*", Origin: at(1)}}
	declare := func(names ...string) []Resource {
		var list []Resource
		for _, name := range names {
			list = append(list, instance(name, nil))
		}
		return list
	}
	protected := instance("own-0", nil)
	protected.Protect, protected.State = true, slap.Destroyed
	gone := state(current("own-0", nil))
	dead := gone.Instances["own-0"]
	dead.State = slap.Destroyed
	gone.Instances["own-0"] = dead
	unread := state()
	unread.Unread = map[string]bool{"own-9": true, "other": true}
	nine := declare("own-0", "own-1", "own-2", "own-3", "own-4", "own-5", "own-6", "own-7", "own-8")
	for _, test := range []struct {
		name   string
		config *Config
		state  *State
		o      Options
		want   string
	}{
		{"nothing is destroyed because it is in no file", &Config{Resources: declare("own-0")}, owned(3), Options{}, "3 in no file"},
		{"what is claimed and not declared goes", &Config{Resources: declare("own-0"), Claims: claims}, owned(2), Options{}, "destroy instance own-1 state=destroyed\n1 in no file"},
		{"also what was not read", &Config{Resources: declare("own-0"), Claims: claims}, unread, Options{}, "create instance own-0 software_release=r software_type=default state=started\ndestroy instance own-9\n1 in no file"},
		{"not what is gone already", &Config{Resources: declare("own-1"), Claims: claims}, gone, Options{}, "create instance own-1 software_release=r software_type=default state=started"},
		{"not while there is more to come", &Config{Resources: declare("own-0"), Claims: claims, More: &Boundary{}}, owned(2), Options{}, "2 in no file"},
		{"an evaluation that declares nothing destroys nothing", &Config{Claims: claims}, owned(2), Options{}, "refused instance own-0: the files declare nothing, which would destroy all that they own (2)\n1 in no file"},
		{"the brake", &Config{Resources: nine[:6], Claims: claims}, owned(10), Options{},
			"destroy instance own-6 state=destroyed\ndestroy instance own-7 state=destroyed\ndestroy instance own-8 state=destroyed\ndestroy instance own-9 state=destroyed\n" +
				"refused instance own-6: 4 of 10 owned instances would be destroyed, more than 30 %\n1 in no file"},
		{"no brake on a third of few", &Config{Resources: nine[:7], Claims: claims}, owned(10), Options{},
			"destroy instance own-7 state=destroyed\ndestroy instance own-8 state=destroyed\ndestroy instance own-9 state=destroyed\n1 in no file"},
		{"the brake let go", &Config{Resources: nine[:1], Claims: claims}, owned(10), Options{AllowMassDestroy: true}, ""},
		{"the brake on a part", &Config{Resources: nine[:1], Claims: claims}, owned(10), Options{Selection: Selection{Excludes: []string{"own-9"}}},
			"destroy instance own-1 state=destroyed\ndestroy instance own-2 state=destroyed\ndestroy instance own-3 state=destroyed\ndestroy instance own-4 state=destroyed\n" +
				"destroy instance own-5 state=destroyed\ndestroy instance own-6 state=destroyed\ndestroy instance own-7 state=destroyed\ndestroy instance own-8 state=destroyed\n" +
				"refused instance own-1: 8 of 10 owned instances would be destroyed, more than 30 %\n1 in no file"},
		{"a part that is small", &Config{Resources: nine[:1], Claims: claims}, owned(10), Options{Selection: Selection{Targets: []string{"own-9"}}},
			"destroy instance own-9 state=destroyed\n1 in no file"},
		{"nothing declared, and a part", &Config{Claims: claims}, owned(2), Options{Selection: Selection{Targets: []string{"own-1"}}},
			"refused instance own-1: the files declare nothing, which would destroy all that they own (1)\n1 in no file"},
		{"what is protected stays", &Config{Resources: []Resource{protected}}, owned(1), Options{}, "destroy instance own-0\nrefused instance own-0: it is protected, and its state is \"destroyed\"\n1 in no file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := planText(t, test.config, test.state, test.o)
			if test.want == "" { // all of them, which is a long list
				if n := strings.Count(got, "destroy instance"); n != 9 || strings.Contains(got, "refused") {
					t.Errorf("got\n%s", got)
				}
				return
			}
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// Of what is to be left alone the Master's value counts, also in what is sent.
func TestIgnoreChanges(t *testing.T) {
	now := current("a", slap.Parameters{"p": "1", "q": "1", "gone": "1"})
	now.SLAKnown, now.SLA = true, slap.Parameters{"computer_guid": "n"}
	for _, test := range []struct {
		ignore []string
		want   string
	}{
		{nil, "update instance a software_release=new state=stopped computer_guid=m gone= p=2 q=2"},
		{[]string{"parameters.p", "parameters.gone"}, "update instance a software_release=new state=stopped computer_guid=m q=2"},
		{[]string{"parameters", "sla"}, "update instance a software_release=new state=stopped"},
		{[]string{"parameters", "sla.computer_guid", "state", "software_release", "software_type"}, ""},
	} {
		want := instance("a", map[string]Text{"p": Literal("2"), "q": Literal("2")})
		want.SoftwareRelease, want.State, want.SLA, want.IgnoreChanges = "new", slap.Stopped, map[string]string{"computer_guid": "m"}, test.ignore
		s := state(now)
		if got := planText(t, &Config{Resources: []Resource{want}}, s, Options{}); got != test.want {
			t.Errorf("%q: got\n%s\nwant\n%s", test.ignore, got, test.want)
		}
		p, err := NewPlan(&Config{Resources: []Resource{want}}, s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		sent := instanceRequest(p.Changes[0].Resource.(*Instance), p.Changes[0])
		if ignored := len(test.ignore) > 0 && test.ignore[0] == "parameters"; ignored && (sent.Parameters["p"] != "1" || sent.Parameters["gone"] != "1") {
			t.Errorf("%q: sent %v", test.ignore, sent.Parameters)
		}
		if want.Parameters["p"][0].Literal != "2" {
			t.Error("the declaration was changed")
		}
	}
	// Whose end is asked for is not kept.
	end := instance("a", nil)
	end.State, end.IgnoreChanges = slap.Destroyed, []string{"state"}
	if got := planText(t, &Config{Resources: []Resource{end}}, state(now), Options{}); got != "destroy instance a state=destroyed" {
		t.Errorf("got %s", got)
	}
}

// depends_on orders what no value does, and the other way round at the end.
func TestDependsOn(t *testing.T) {
	a, b := instance("a", nil), instance("b", nil)
	a.DependsOn = []string{"b", "nothing of this plan"}
	if got, want := planText(t, &Config{Resources: []Resource{a, b}}, state(), Options{}),
		"create instance a software_release=r software_type=default state=started after [instance b]\ncreate instance b software_release=r software_type=default state=started"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	a.State, b.State = slap.Destroyed, slap.Destroyed
	if got, want := planText(t, &Config{Resources: []Resource{b, a}}, state(current("a", nil), current("b", nil)), Options{}),
		"destroy instance b state=destroyed after [instance a]\ndestroy instance a state=destroyed"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	b.DependsOn = []string{"a"}
	a.State, b.State = slap.Started, slap.Started
	if got := planText(t, &Config{Resources: []Resource{a, b}}, state(), Options{}); !strings.HasPrefix(got, "these wait for each other:") {
		t.Errorf("got %s", got)
	}
}

// What is written, quoted, secret or to come, and what people see of it.
func TestTextParts(t *testing.T) {
	secret := Secret("password", `hu"sh`)
	url := reference("db", "url")
	document := Join(Literal(`{"p":`), Quote(secret), Literal(`,"u":`), Quote(Join(Literal("<"), url)), Literal("}"))
	if got, want := document.Display(), `{"p":"(secret)","u":"<(known after db)"}`; got != want {
		t.Errorf("shown: got %s, want %s", got, want)
	}
	if refs := document.References(); len(refs) != 1 || !document.HasSecret() {
		t.Errorf("got references %v", refs)
	}
	filled := document.Resolve(func(Reference) (string, bool) { return "é\n", true })
	if got, known := filled.Known(); !known || got != `{"p":"hu\"sh","u":"\u003cé\n"}` {
		t.Errorf("got %s, %t", got, known)
	}
	if !filled.HasSecret() || strings.Contains(filled.Display(), "sh") {
		t.Errorf("the secret is shown: %s", filled.Display())
	}
	if document.Equal(filled) || !document.Equal(document) || Quote(Literal("a")).Equal(Quote(secret)) {
		t.Error("texts that differ are equal")
	}
}

// Every string is quoted as JSON. DEL was once written as Go writes it, and the
// text \x7f has to stay what it is.
func TestQuote(t *testing.T) {
	texts := []string{"", `\x7f`, `\` + "\x7f", "é<\x7f>", "\u2028"}
	for c := range rune(0x100) {
		texts = append(texts, string(c), "<"+string(c))
	}
	for _, text := range texts {
		quoted, _ := Quote(Literal(text)).Known()
		var got string
		if err := json.Unmarshal([]byte(quoted), &got); err != nil || got != text {
			t.Errorf("%q: quoted as %s, read as %q, %v", text, quoted, got, err)
		}
	}
}
