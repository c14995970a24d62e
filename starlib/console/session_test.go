package console

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// operations are those of a Live besides.
type operations interface {
	Instances
	Nodes
	Partitions
}

// testInputs know two products and two secrets.
func testInputs(root string) starlib.Inputs {
	return starlib.Inputs{
		Source: lang.Source{Root: root},
		Product: func(_ context.Context, name string) (string, error) {
			if name != "kvm" && name != "erp5" {
				return "", nil
			}
			return "https://lab.example/" + name + "/software.cfg", nil
		},
		Vars: map[string]lang.Var{"text": {Text: "t"}},
		Secret: func(_ context.Context, name string) (string, error) {
			switch name {
			case "password":
				return "hush-hush", nil
			case "other":
				return "whisper", nil
			}
			return "", errors.New("it is not given")
		},
	}
}

// A fakeMaster is a Live over a map. What would change is refused unless it is
// told to allow it.
type fakeMaster struct {
	operations // nil: what a test does not expect panics

	instances map[string]slap.Instance
	log       []string
	allow     bool
	full      bool
	fail      error // of the next read
}

var errNotAllowed = errors.New("not approved")

func (m *fakeMaster) Instance(_ context.Context, name string) (slap.Instance, error) {
	if m.fail != nil {
		return slap.Instance{}, m.fail
	}
	i, ok := m.instances[name]
	if !ok {
		return i, fmt.Errorf("instance %q: %w", name, slap.ErrNotFound)
	}
	return i, nil
}

func (m *fakeMaster) Full(context.Context) (bool, error) { return m.full, nil }

func (m *fakeMaster) Partition(_ context.Context, _, partition string) (*slap.Partition, error) {
	if partition == "slappart9" {
		return &slap.Partition{Instance: "child", Root: "vm"}, nil
	}
	return &slap.Partition{Instance: "vm", Root: "vm"}, nil
}

func (m *fakeMaster) Instances(context.Context) (*slap.InstanceList, error) {
	return &slap.InstanceList{Instances: m.instances}, nil
}

func (m *fakeMaster) Look(ctx context.Context, name string, _ bool) (*engine.State, error) {
	s := &engine.State{Instances: map[string]slap.Instance{}, NotReady: map[string]bool{}}
	i, err := m.Instance(ctx, name)
	switch {
	case err == nil:
		s.Instances[name] = i
	case !errors.Is(err, slap.ErrNotFound):
		return nil, err
	}
	return s, nil
}

func (m *fakeMaster) Declare(_ context.Context, r engine.Resource, read *engine.State) error {
	i, ok := r.(*engine.Instance)
	if !ok {
		m.log = append(m.log, string(r.Address()))
		return nil
	}
	plan, err := engine.NewPlan(&engine.Config{Resources: []engine.Resource{r}}, read, engine.Options{})
	if err != nil {
		return err
	}
	c := plan.Changes[0]
	m.log = append(m.log, fmt.Sprintf("%s %s", c.Action, i.Name))
	if (c.Action == engine.Update || c.Action == engine.Delete) && !m.allow {
		return errNotAllowed
	}
	if c.Action == engine.NoOp {
		return nil
	}
	made := slap.Instance{InstanceRequest: slap.InstanceRequest{Name: i.Name, SoftwareRelease: i.SoftwareRelease, SoftwareType: i.SoftwareType, State: i.State, Shared: i.Shared, Parameters: slap.Parameters{}, SLA: i.SLA}, Partition: "slappart0", Computer: "COMP-1"}
	for key, t := range i.Parameters {
		made.Parameters[key], _ = t.Known()
	}
	if m.instances == nil {
		m.instances = map[string]slap.Instance{}
	}
	made.ConnectionParameters = m.instances[i.Name].ConnectionParameters
	m.instances[i.Name] = made
	return nil
}

func (m *fakeMaster) Confirm(_ context.Context, _ engine.Position, change string) error {
	m.log = append(m.log, change)
	if !m.allow {
		return errNotAllowed
	}
	return nil
}

func (m *fakeMaster) Wait(ctx context.Context, i *engine.Instance) (slap.Instance, error) {
	found := m.instances[i.Name]
	if found.ConnectionParameters == nil {
		found.ConnectionParameters = slap.Parameters{}
	}
	var keys []string
	for _, r := range i.WaitFor {
		keys = append(keys, r.Name())
		found.ConnectionParameters[r.Key] = "published " + r.Key
	}
	m.log = append(m.log, fmt.Sprint("wait ", keys, i.Timeout))
	m.instances[i.Name] = found
	return found, ctx.Err()
}

func testSession(t *testing.T, m *fakeMaster) *Session {
	t.Helper()
	in := testInputs(t.TempDir())
	in.Products = []string{"erp5", "kvm"}
	s, err := New(in, Options{Live: m, Suggest: func(k Kind) []string { return []string{"a-" + string(k), "b-" + string(k)} }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// enter evaluates entries, the last of which counts.
func enter(s *Session, entries ...string) (string, error) {
	var shown string
	var err error
	for _, text := range entries {
		shown, err = s.Entry(context.Background(), text)
	}
	return strings.TrimSuffix(shown, "\n"), err
}

// What was copied from a prompt of Python pastes in: its prompts and imports are no part
// of it.
func TestTranscript(t *testing.T) {
	s := testSession(t, present())
	for _, c := range [][2]string{
		{">>> x = 1", ""},
		{">>> def f(n):\n...     return n + x\n...\n>>> f(2)", "3"},
		{"  >>> f(3)", "4"},
		{">>> import json", ""},
		{">>> json.loads('[1]')", "[1]"},
		{"import hashlib, re", ""},
		{">>> '''a\n... b'''", `"a\nb"`},
		{"'''a\n... b'''", `"a\n... b"`},
	} {
		if shown, err := enter(s, c[0]); err != nil || shown != c[1] {
			t.Errorf("%q: got %q, %v, want %q", c[0], shown, err, c[1])
		}
	}
	if _, err := enter(s, ">>> import os"); err == nil || !strings.Contains(err.Error(), `<entry 9>:1:1: import: there is no module "os"`) {
		t.Errorf("an import of what is not there: %v", err)
	}
}

func TestSessionEntries(t *testing.T) {
	for _, c := range []struct {
		name    string
		entries []string
		want    string // or a part of the error, behind "!"
	}{
		{"value", []string{"1 + 1"}, "2"},
		{"none", []string{"None"}, ""},
		{"statement", []string{"x = 1"}, ""},
		{"names last", []string{"x = 1", "x"}, "1"},
		{"augmented", []string{"x = 1", "x += 2", "x"}, "3"},
		{"in a loop", []string{"x = 1", "for i in range(3):\n    x = x + i\n", "(x, i)"}, "(4, 2)"},
		{"in a condition", []string{"x = 1", "if x == 1:\n    x = 5\n", "x"}, "5"},
		{"unpacking", []string{"a, [b, c] = 1, (2, 3)", "c += a", "c"}, "4"},
		{"underscore", []string{"2 * 21", "_ + 1"}, "43"},
		{"underscore is not set by None", []string{"7", "None", "_"}, "7"},
		{"several", []string{"a = 1\na\na + 1"}, "1\n2"},
		{"a function sees what names become", []string{"x = 1", "def f():\n    return x\n", "x = 2", "f()"}, "2"},
		{"a function sees what names become in its own entry", []string{"x = 1\ndef f():\n    return x\n", "x = 2", "f()"}, "2"},
		{"a function that is defined again", []string{"def f(): return 1", "def g(): return f()", "def f(): return 2", "g()"}, "2"},
		{"a builtin that is taken", []string{"old = len", "len = 5", "len"}, "5"},
		{"syntax", []string{"x = = 1"}, "!<entry 1>:1:5: got '='"},
		{"undefined", []string{"1", "coutn + 1"}, "!<entry 2>:1:1: undefined: coutn"},
		{"error in a function of an entry before", []string{"def f():\n    fail(\"no\")\n", "f()"}, "!<entry 1>:2:5: fail: no"},
		{"a failed entry binds nothing", []string{"x = 1", "x = 2; y = 3; fail('')", "x"}, "1"},
		{"a failed entry defines nothing", []string{"y = 3; fail('')", "y"}, "!undefined: y"},
		{"a failed entry changes no list", []string{"l = [1]", "l.append(2); fail('')", "l"}, "[1]"},
		{"a failed entry changes no dict", []string{"d = {'a': [1], 'b': 2}", "d['a'].append(3); d.pop('b'); fail('')", "d"}, `{"a": [1], "b": 2}`},
		{"a failed entry changes no set", []string{"s = set([1])", "s.add(2); fail('')", "s"}, "set([1])"},
		{"a failed entry changes nothing that a function holds", []string{"def make():\n    l = []\n    def add(x):\n        l.append(x)\n        return l\n    return add\n", "add = make()", "add(1); fail('')", "add(2)"}, "[2]"},
		{"a failed entry keeps the order", []string{"d = {'b': 1, 'a': 2}", "d.pop('b'); d['b'] = 3; fail('')", "d"}, `{"b": 1, "a": 2}`},
		{"unknown operators are guarded", []string{"secret('password') == secret('password')"}, "True"},
		{"a secret is not shown", []string{"secret('password')"}, "(secret)"},
		{"a secret is not shown inside", []string{"['x' + secret('password')]"}, "[x(secret)]"},
		{"credentials are masked", []string{"{'password': 'hush', 'url': 'http://me:hush-hush@h/', 'n': 1}"}, `{"password": (secret), "url": (secret), "n": 1}`},
		{"a string is shown", []string{"'http://me:hush-hush@h/'"}, `"http://me:hush-hush@h/"`},
		{"indented", []string{"  x = 1\n  x"}, "1"},
		{"indented block", []string{"    if True:\n        x = 2\n", "  x"}, "2"},
		{"load", []string{"load('lib.star', 'seven')", "seven + 1"}, "8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := testSession(t, &fakeMaster{})
			if err := os.WriteFile(filepath.Join(s.inputs.Root, "lib.star"), []byte("seven = 7\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			shown, err := enter(s, c.entries...)
			if want, ok := strings.CutPrefix(c.want, "!"); ok {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, %v, want error %q", shown, err, want)
				}
			} else if err != nil || shown != c.want {
				t.Errorf("got %q, %v, want %q", shown, err, c.want)
			}
		})
	}
}

const kvmURL = "https://lab.example/kvm/software.cfg"

// present is a running instance with parameters.
func present() *fakeMaster {
	return &fakeMaster{instances: map[string]slap.Instance{"vm": {
		InstanceRequest:      slap.InstanceRequest{Name: "vm", SoftwareRelease: kvmURL, SoftwareType: "cluster", State: slap.Stopped, Parameters: slap.Parameters{"ram": "4096"}},
		ConnectionParameters: slap.Parameters{"url": "http://[::1]/", "passwd": "hush-hush"},
		Computer:             "COMP-1", Partition: "slappart3",
	}}}
}

func TestRequestNow(t *testing.T) {
	const release = `"` + kvmURL + `"`
	for _, c := range []struct {
		name, entry, want string
		log               []string
	}{
		{"create", `request(` + release + `, "new").getState()`, `"started"`, []string{"create new"}},
		{"look up: nothing is reset", `request(` + release + `, "vm").getState()`, `"stopped"`, []string{"no-op vm"}},
		{"look up a parameter", `request(` + release + `, "vm").getInstanceParameter("ram")`, `"4096"`, []string{"no-op vm"}},
		{"look up what is published", `request(` + release + `, "vm").getConnectionParameter("url")`, `"http://[::1]/"`, []string{"no-op vm"}},
		{"None is not given", `request(` + release + `, "vm", None, None, None, None).getType()`, `"cluster"`, []string{"no-op vm"}},
		{"an empty dictionary is given", `request(` + release + `, "vm", {})`, "!request: not approved", []string{"update vm"}},
		{"one argument", `request(` + release + `, "vm", state = "started")`, "!request: not approved", []string{"update vm"}},
		{"destroy", `request(` + release + `, "vm", state = "destroyed")`, "!request: not approved", []string{"destroy vm"}},
		{"the same", `request(` + release + `, "vm", {"ram": 4096}, "cluster", state = "stopped").getId()`, `"slappart3"`, []string{"no-op vm"}},
		{"missing parameter", `request(` + release + `, "vm").getConnectionParameter("ulr")`, `!instance "vm" has published no "ulr", only "passwd", "url"`, []string{"no-op vm"}},
		{"nothing published", `request(` + release + `, "new").getConnectionParameter("url")`, `!instance "new" has published nothing yet`, []string{"create new"}},
		{"nothing published, all of it", `request(` + release + `, "new").getConnectionParameterDict()`, `{}`, []string{"create new"}},
		{"wait", `request(` + release + `, "new").getConnectionParameter("url", wait = "5m")`, `"published url"`, []string{"create new", "wait [url] 5m0s"}},
		{"wait()", `getInformation("vm").wait("a", "b", timeout = 3).getConnectionParameter("b")`, `"published b"`, []string{"wait [a b] 3s"}},
		{"unknown name", `getInformation("vmm")`, `!there is no instance "vmm" on the Master`, nil},
		{"rename", `getInformation("vm").rename("other")`, "!not approved", []string{`~ instance "vm": name → other`}},
		{"rename to what is taken", `getInformation("vm").rename("vm")`, `!there is an instance "vm" already`, nil},
		{"relate", `getInformation("vm").setComputerPartitionRelatedInstanceList(["a", "b"])`, "!not approved", []string{`~ instance "vm": related instances → "a", "b"`}},
		{"relate to nothing", `getInformation("vm").setComputerPartitionRelatedInstanceList([])`, "!not approved", []string{`~ instance "vm": related instances → none`}},
		{"not in this session", `plan()`, "!plan: this session acts on the Master at once", nil},
		{"supply", `supply(` + release + `, "COMP-1")`, "", []string{"software " + kvmURL + " on COMP-1"}},
		{"the library", `slap.registerOpenOrder().request(` + release + `, "vm").getState()`, `"stopped"`, []string{"no-op vm"}},
		{"order", `[name for name in slap.getOpenOrderDict()]`, `["vm"]`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := present()
			shown, err := enter(testSession(t, m), c.entry)
			if want, ok := strings.CutPrefix(c.want, "!"); ok {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, %v, want error %q", shown, err, want)
				}
			} else if err != nil || shown != c.want {
				t.Errorf("got %q, %v, want %q", shown, err, c.want)
			}
			if !slices.Equal(m.log, c.log) {
				t.Errorf("the Master was asked %q, want %q", m.log, c.log)
			}
		})
	}
}

// What secret() gave, and what the Master calls a credential, is not shown wherever
// it has gone.
func TestMasks(t *testing.T) {
	const put = `h = request("u", "s", {"a": secret("password"), "b": "<" + secret("password") + ">", "c": "plain"})`
	for _, c := range []struct{ name, entry, want string }{
		{"the table", `h`, "instance s\n  software_release  u\n  software_type     default\n  state             started\n  computer          COMP-1\n  partition         slappart0\n  parameters\n    a  (secret)\n    b  (secret)\n    c  plain"},
		{"a document in the table", `request("u", "d", {"conf": '{"user": "me", "password": "other"}'})`, "instance d\n  software_release  u\n  software_type     default\n  state             started\n  computer          COMP-1\n  partition         slappart0\n  parameters\n    conf  {\"user\": \"me\", \"password\": \"(secret)\"}"},
		{"a dictionary", `h.getInstanceParameterDict()`, `{"a": (secret), "b": (secret), "c": "plain"}`},
		{"a string", `h.getInstanceParameter("a")`, `(secret)`},
		{"a set", `set(h.getInstanceParameterDict().values())`, `set([(secret), (secret), "plain"])`},
		{"pairs", `getInformation("vm").getConnectionParameterDict().items()`, `[("passwd", (secret)), ("url", "http://[::1]/")]`},
		{"values", `getInformation("vm").getConnectionParameterDict().values()`, `[(secret), "http://[::1]/"]`},
		{"a set of values", `set(getInformation("vm").getConnectionParameterDict().values())`, `set([(secret), "http://[::1]/"])`},
		{"a set of URLs", `set(["http://me:pw@h/"])`, `set([(secret)])`},
		{"a pair that is typed", `("password", "other")`, `("password", (secret))`},
		{"a pair of others", `("name", "other")`, `("name", "other")`},
		{"three", `("password", "other", "third")`, `("password", "other", "third")`},
		{"asked for by its name", `getInformation("vm").getConnectionParameter("passwd")`, `"hunter2"`},
		{"a set as before", `set([1, "x"])`, `set([1, "x"])`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := present()
			m.instances["vm"].ConnectionParameters["passwd"] = "hunter2"
			if shown, err := enter(testSession(t, m), put, c.entry); err != nil || shown != c.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, shown, c.want)
			}
		})
	}
}

// Secrets are kept by a session whatever becomes of the entry that asked for them.
func TestSecretsOfSession(t *testing.T) {
	s := testSession(t, present())
	enter(s, `secret("password"); fail("")`, `secret("password")`)
	if got := s.Secrets(); len(got) != 1 || got[0].Literal != "hush-hush" || got[0].Secret != "password" {
		t.Errorf("got %+v", got)
	}
}

// A full Master renames an instance and not its tree, which it does not find any more.
func TestRenameOnFullMaster(t *testing.T) {
	for _, c := range []struct {
		entry   string
		refused bool
	}{
		{`getInformation("vm").rename("other")`, true},
		{`slap.registerComputerPartition("COMP-1", "slappart3").rename("other")`, true},
		{`slap.registerComputerPartition("COMP-1", "slappart9").rename("other")`, false},
	} {
		m := present()
		m.full = true
		_, err := enter(testSession(t, m), c.entry)
		var ours *lang.Error
		switch refused := errors.As(err, new(*engine.RefusedError)); {
		case refused != c.refused:
			t.Errorf("%s: got %v, refused %t, want %t", c.entry, err, refused, c.refused)
		case !refused && !errors.Is(err, errNotAllowed), refused && len(m.log) > 0:
			t.Errorf("%s: got %v, asked %q", c.entry, err, m.log)
		case refused && (!errors.As(err, &ours) || ours.Problems[0].Hint != "request it under the new name, and destroy this one"):
			t.Errorf("%s: no hint in %+v", c.entry, ours)
		}
	}
}

// The refusal of the Live is the cause of the error, for the exit code.
func TestCauseOfRefusal(t *testing.T) {
	_, err := enter(testSession(t, present()), `request("`+kvmURL+`", "vm", {})`)
	if !errors.Is(err, errNotAllowed) {
		t.Errorf("got %v, want one that is %v", err, errNotAllowed)
	}
}

func TestDisplayOfInstance(t *testing.T) {
	const want = `instance vm
  software_release  https://lab.example/kvm/software.cfg
  software_type     cluster
  state             stopped
  computer          COMP-1
  partition         slappart3
  parameters
    ram  4096
  connection parameters
    passwd  (secret)
    url     http://[::1]/`
	if got, err := enter(testSession(t, present()), `getInformation("vm")`); err != nil || got != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, got, want)
	}
}

func TestInterruptedEntry(t *testing.T) {
	s := testSession(t, present())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := s.Entry(ctx, "x = 1\nfor i in range(100):\n    pass\n")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if got, err := enter(s, "x = 2", "x"); err != nil || got != "2" {
		t.Errorf("afterwards: got %q, %v", got, err)
	}
}

func TestUnfinished(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                     false,
		"x = 1":                                false,
		"x = = 1":                              false,
		"f(1,":                                 true,
		"f(1,\n  2)":                           false,
		">>> f(1,":                             true,
		">>> f(1,\n...   2)":                   false,
		">>> def f():\n...     return 1":       true,
		">>> def f():\n...     return 1\n... ": false,
		">>>":                                  false,
		"x = {":                                true,
		`x = """a`:                             true,
		`x = "a`:                               false, // a mistake
		"def f():":                             true,
		"def f():\n    return 1":               true,
		"def f():\n    return 1\n":             false,
		"def f():\n    return 1\nf()":          false,
		"if x:\n    y\nelse:":                  true,
		"for i in []: pass":                    true,
		"def f():\n\n    return 1":             true,
		"x = 1 + \\":                           true,
		"# note":                               false,
		"x )":                                  false,
		"def f():\n    g(\n        1,":         true,
		"def f():\n    return 1\nx = (":        true,
	} {
		if got := Unfinished(text); got != want {
			t.Errorf("Unfinished(%q) = %t, want %t", text, got, want)
		}
	}
}

func TestSensitive(t *testing.T) {
	s := testSession(t, &fakeMaster{})
	enter(s, "p = secret('password')")
	for text, want := range map[string]bool{
		`request(r, "a", {"ram": 1})`:                       false,
		`x = "hush-hush"`:                                   true, // the value of the secret
		`x = "aHVzaC1odXNo"`:                                true, // in base64
		`request(r, "a", {"password": "abc"})`:              true,
		`request(r, "a", {"password": secret("password")})`: false,
		`f(token = "abc")`:                                  true,
		`password = "abc"`:                                  true,
		`p["password"] = "abc"`:                             true,
		`p["vm"]["password"] = "abc"`:                       true,
		`p[0]["ram"] = "abc"`:                               false,
		`p.password = "abc"`:                                true,
		`p.update([("password", "abc")])`:                   true,
		`p.update([["password", "abc"]])`:                   true,
		`p.update([("ram", "abc")])`:                        false,
		`p.setdefault("password", "abc")`:                   true,
		`h.getConnectionParameter("password", "5m")`:        false,
		`user, password = "me", "abc"`:                      true,
		`[user, password] = ("me", "abc")`:                  true,
		`pw = "abc"`:                                        true,
		`pw = ("a" + "bc")`:                                 true,
		`pw = "a" + x`:                                      true,
		`pw = secret("password")`:                           false,
		`{"psk": "abc"}`:                                    true,
		`("password", secret("password"))`:                  false,
		`url = "http://me:abc@host/"`:                       true,
		`x = {"password": "abc"`:                            true, // a mistake is kept, too
		`help(secret`:                                       false,
	} {
		if got := s.Sensitive(text); got != want {
			t.Errorf("Sensitive(%s) = %t, want %t", text, got, want)
		}
	}
}

func TestComplete(t *testing.T) {
	s := testSession(t, present())
	root := s.inputs.Root
	os.WriteFile(filepath.Join(root, "lib.star"), []byte("seven = 7\n"), 0o600)
	os.Mkdir(filepath.Join(root, "sub"), 0o700)
	os.WriteFile(filepath.Join(root, "sub", "deep.star"), nil, 0o600)
	if _, err := enter(s, "vm = getInformation('vm')", "def deploy(name, size = 1): pass", "numbers = [1]", "order = slap.registerOpenOrder()"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"dep", "deploy"},
		{"reques", "request"},
		{"x = get", "getInformation getattr"},
		{"num", "numbers"},
		{"numbers.ap", "append"},
		{"product.k", "kvm"},
		{"slap.registerO", "registerOpenOrder"},
		{"slap.registerOpenOrder().re", "request requestComputer"},
		{"order.getI", "getInformation"},
		{"vm.getConn", "getConnectionParameter getConnectionParameterDict"},
		{`request(product.kvm, "x").getSt`, "getState getStatus"},
		{`slap.registerComputer("COMP-1").getSt`, "getStatus"},
		{"request(par", "partition_parameter_kw= partition_reference="},
		{"request(product.kvm, 'a', sha", "shared="},
		{"deploy(si", "size="},
		{"deploy(1 + si", ""},
		{`request(product.kvm, "a-`, "a-instance"},
		{`request(product.kvm, partition_reference = "b`, "b-instance"},
		{`slap.registerOpenOrder().request(product.kvm, "a-`, "a-instance"},
		{`getInformation("`, "a-instance b-instance"},
		{`supply(product.kvm, "b`, "b-computer"},
		{`slap.registerComputer("a`, "a-computer"},
		{`request(product.kvm, "x", filter_kw = {"comp`, "computer_guid"},
		{`request(product.kvm, "x", filter_kw = {"computer_guid": "a`, "a-computer"},
		{`request(product.kvm, "x", state = "st`, "started stopped"},
		{`vm.getConnectionParameter("u`, "url"},
		{`product["k`, "kvm"},
		{"product.a", "a-product"},
		{`product.get("b-`, "b-product"},
		{`load("l`, "lib.star"},
		{`load("sub/d`, "sub/deep.star"},
		{`load("//s`, "//sub/"},
		{`help("inst`, ""},
		{"x = 1 # req", ""},
		{`x = "req`, ""},
	} {
		var got []string
		for _, candidate := range s.Complete(c.text).Candidates {
			got = append(got, candidate.Text)
		}
		if strings.HasPrefix(c.text, `help("inst`) {
			if len(got) < 10 || got[0] != "instance.bang" {
				t.Errorf("%s: got %q", c.text, got)
			}
			continue
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
}
