package adopt

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/engine"
	"slapstar/slap"
)

// state is a State with instances of one release.
func state(list ...slap.Instance) *engine.State {
	s := engine.NewState()
	for _, i := range list {
		if i.SoftwareRelease == "" {
			i.SoftwareRelease = "https://lab.example/kvm/software.cfg"
		}
		if i.SoftwareType == "" {
			i.SoftwareType = slap.DefaultType
		}
		if i.State == "" {
			i.State = slap.Started
		}
		s.Instances[i.Name] = i
	}
	return s
}

func has(name string, parameters, published slap.Parameters) slap.Instance {
	return slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name, Parameters: parameters}, ConnectionParameters: published}
}

const url = "https://[2001:db8::1]:8443/db"

// A value is a reference only where instance and key are certain.
func TestReference(t *testing.T) {
	user := has("web", slap.Parameters{"backend": url}, nil)
	for _, test := range []struct {
		name string
		want bool
		list []slap.Instance
	}{
		{"one publisher", true, []slap.Instance{user, has("db", nil, slap.Parameters{"url": url})}},
		{"none", false, []slap.Instance{user}},
		{"itself", false, []slap.Instance{has("web", slap.Parameters{"backend": url}, slap.Parameters{"url": url})}},
		{"two publishers", false, []slap.Instance{user, has("db", nil, slap.Parameters{"url": url}), has("db2", nil, slap.Parameters{"url": url})}},
		{"two keys", false, []slap.Instance{user, has("db", nil, slap.Parameters{"url": url, "address": url})}},
		{"also in a document", false, []slap.Instance{user, has("db", nil, slap.Parameters{"url": url}), has("x", nil, slap.Parameters{"_": `{"a": ["` + url + `"]}`})}},
		{"in a document only", false, []slap.Instance{user, has("db", nil, slap.Parameters{"_": `{"url": "` + url + `"}`})}},
		{"the publisher was given it", false, []slap.Instance{user, has("db", slap.Parameters{"url": url}, slap.Parameters{"url": url})}},
		{"in a document that it was given", false, []slap.Instance{user, has("db", slap.Parameters{"_": `{"x": "` + url + `"}`}, slap.Parameters{"url": url})}},
		{"a part", false, []slap.Instance{has("web", slap.Parameters{"backend": url + "/x"}, nil), has("db", nil, slap.Parameters{"url": url})}},
		{"short", false, []slap.Instance{has("web", slap.Parameters{"backend": "8443"}, nil), has("db", nil, slap.Parameters{"port": "8443"})}},
		{"a word", false, []slap.Instance{has("web", slap.Parameters{"backend": "administratorname"}, nil), has("db", nil, slap.Parameters{"user": "administratorname"})}},
		{"monotonous", false, []slap.Instance{has("web", slap.Parameters{"backend": "a1a1a1a1a1a1a1a1a1a1"}, nil), has("db", nil, slap.Parameters{"x": "a1a1a1a1a1a1a1a1a1a1"})}},
		{"a release", false, []slap.Instance{has("web", slap.Parameters{"backend": "https://lab.example/kvm/software.cfg"}, nil), has("db", nil, slap.Parameters{"x": "https://lab.example/kvm/software.cfg"})}},
		{"on its way out", false, []slap.Instance{user, {InstanceRequest: slap.InstanceRequest{Name: "db", State: slap.Destroyed}, ConnectionParameters: slap.Parameters{"url": url}}}},
	} {
		a := Adopt(state(test.list...), Options{})
		got := false
		for _, i := range a.Config.Instances() {
			got = got || i.Name == "web" && len(i.Parameters["backend"].References()) > 0
		}
		if got != test.want {
			t.Errorf("%s: a reference: %t, want %t", test.name, got, test.want)
		}
	}
}

// Two that have a value of each other: one refers, the other does not.
func TestNoCycle(t *testing.T) {
	const other = "https://[2001:db8::2]:8443/web"
	a := Adopt(state(has("b", slap.Parameters{"x": other}, slap.Parameters{"url": url}), has("a", slap.Parameters{"x": url}, slap.Parameters{"url": other})), Options{})
	var got []string
	for _, i := range a.Config.Instances() {
		for _, r := range i.Parameters["x"].References() {
			got = append(got, i.Name+" refers to "+r.Instance)
		}
		got = append(got, i.Name)
	}
	if want := []string{"b", "a refers to b", "a"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Names of secrets are the same each time, differ, and may be names of files and variables.
func TestSecretNames(t *testing.T) {
	names := func(list ...slap.Instance) string {
		var b strings.Builder
		for _, s := range Adopt(state(list...), Options{Taken: map[string]bool{"taken_password": true}}).Secrets {
			b.WriteString(s.Name + " = " + s.Instance + " " + s.Path + "\n")
		}
		return b.String()
	}
	p := func(key string) slap.Parameters { return slap.Parameters{key: "S3cret-" + key} }
	got := names(has("shop-db", p("password"), nil), has("shop.db", p("password"), nil), has("1", p("api_Key"), nil), has("ünï", slap.Parameters{"_": `{"a": [{"token": "S3cret-x"}]}`}, nil),
		has("taken", p("password"), nil), has(strings.Repeat("long", 50), p("password"), nil))
	want := "" +
		strings.Repeat("long", 25) + " = " + strings.Repeat("long", 50) + " password\n" +
		"n_a_0_token = ünï _.a[0].token\n" +
		"s_1_api_key = 1 api_Key\n" +
		"shop_db_password_? = shop-db password\n" +
		"shop_db_password_? = shop.db password\n" +
		"taken_password_? = taken password\n"
	digits := regexp.MustCompile("_[0-9a-f]{8} ")
	plain := slices.Sorted(strings.Lines(digits.ReplaceAllString(got, "_? ")))
	if diff := cmp.Diff(want, strings.Join(plain, "")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if again := names(has("shop.db", p("password"), nil), has("shop-db", p("password"), nil)); !strings.Contains(got, again) {
		t.Errorf("the names are %s elsewhere", again)
	}
}

// What cannot be declared is said, by name.
func TestLeft(t *testing.T) {
	s := state(
		has("fine", nil, nil),
		slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "going", State: slap.Destroyed}},
		slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "part"}, Root: "fine"},
		slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "_remote_P_R"}, Remote: true},
		slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "typed", SoftwareType: "https://me:S3cret@lab.example/"}},
		has("big", slap.Parameters{"x": strings.Repeat("x", longestValue+1)}, nil),
		has("ghp_0123456789abcdef", nil, nil),
		has("keyed", slap.Parameters{"ghp_0123456789abcdef": "x"}, nil),
		has("shown", slap.Parameters{"x": "(secret 12ab)"}, nil),
		slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "odd", State: "busy", SLA: slap.Parameters{"computer_gid": "x", "group": "ghp_0123456789abcdef"}}, SLAKnown: true},
	)
	s.NotReady["waiting"], s.Unread["hidden"] = true, true
	s.Elsewhere = map[string]slap.Instance{"other": {Project: "PROJ-2"}}
	a := Adopt(s, Options{})
	var got []string
	for _, left := range a.Left {
		got = append(got, left.String())
	}
	want := []string{
		`(secret): there is a credential in its name, its release, its type or a key, which would be in the file`,
		`instance "_remote_P_R": the Master made it itself, for a Remote Node: it is nobody's to change`,
		`instance "big": parameters.x: it has 262145 bytes, and a file gets at most 262144 of one parameter`,
		`instance "going": it is being destroyed`,
		`instance "hidden": the Master lists it and does not tell its attributes`,
		`instance "keyed": there is a credential in its name, its release, its type or a key, which would be in the file`,
		`instance "odd": sla.computer_gid: no Master knows this key, and a file that has it would be a slip`,
		`instance "odd": sla.group: it looks like a credential, which an SLA cannot take from a secret`,
		`instance "odd": state: the Master has "busy", and a file says "started" or "stopped"`,
		`instance "other": it is in project PROJ-2: --project PROJ-2 takes that`,
		`instance "part": it is part of the tree of instance "fine", which asks for it`,
		`instance "shown": parameters.x: got a text with "(secret 12ab)", which stands for a value that is not shown`,
		`instance "typed": there is a credential in its name, its release, its type or a key, which would be in the file`,
		`instance "waiting": the Master has it and does not tell its attributes yet; it has no place so far`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What is a credential somewhere is one everywhere, unless it is a plain word.
func TestHiddenElsewhere(t *testing.T) {
	a := Adopt(state(
		has("db", nil, slap.Parameters{"password": "S3cret-1", "_": `{"admin": {"password": "S3cret-2"}}`}),
		has("web", slap.Parameters{"a": "S3cret-1", "b": "at S3cret-2!", "user": "postgres"}, nil),
		has("weak", slap.Parameters{"password": "postgres"}, nil),
	), Options{})
	var got []string
	for _, s := range a.Secrets {
		got = append(got, s.Name)
	}
	if want := []string{"weak_password", "web_a", "web_b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
