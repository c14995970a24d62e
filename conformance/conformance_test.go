package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fleet are the nodes of examples/03-fleet.
func fleet() []string {
	nodes := make([]string, 100)
	for i := range nodes {
		nodes[i] = fmt.Sprintf("COMP-%d", 1000+i)
	}
	return nodes
}

func example(t *testing.T, name string) string {
	path, err := filepath.Abs(filepath.Join("..", "examples", name, "main.star"))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// plannedInstances are the names in a plan's JSON.
func plannedInstances(t *testing.T, out string) []string {
	var plan struct {
		Changes []struct{ Kind, Name, Action string }
	}
	if err := json.Unmarshal([]byte(out), &plan); err != nil {
		t.Fatalf("plan --format json: %v\n%s", err, out)
	}
	var names []string
	for _, c := range plan.Changes {
		if c.Action != "create" {
			t.Errorf("%s %s: got %s, want create", c.Kind, c.Name, c.Action)
		}
		if c.Kind == "instance" {
			names = append(names, c.Name)
		}
	}
	slices.Sort(names)
	return names
}

// The three examples reach an empty second plan on the real slapproxy, and the
// stock client then sees the same instances.
func TestExamplesOnSlapproxy(t *testing.T) {
	for _, test := range []struct {
		example string
		nodes   []string
		served  []string // the nodes that somebody has to play
	}{
		{"01-quickstart", []string{"local_computer"}, nil},
		{"02-shop", []string{"local_computer"}, []string{"local_computer"}},
		{"03-fleet", fleet(), nil},
	} {
		t.Run(test.example, func(t *testing.T) {
			s := newSite(t)
			s.slapproxy()
			s.node(append([]string{"format", s.url, "3"}, test.nodes...)...)
			if test.served != nil {
				s.playNodes(test.served...)
			}
			file := example(t, test.example)

			planned := plannedInstances(t, s.star(2, "plan", "--detailed-exitcode", file, "--format", "json").stdout)
			if out := s.slapos(0, "service", "list").stdout; strings.TrimSpace(out) != "{}" {
				t.Errorf("after plan the Master has instances:\n%s", out)
			}
			applied := s.star(0, "apply", "--auto-approve", file)
			if !strings.Contains(applied.stdout, " 0 failed, 0 not started.\n") {
				t.Errorf("apply ended with:\n%s", tail(applied.stdout))
			}
			second := s.star(0, "plan", "--detailed-exitcode", file).stdout
			if !strings.Contains(second, "\nNo changes.") {
				t.Errorf("the second plan is not empty:\n%s", tail(second))
			}
			listed := slices.Sorted(maps.Keys(s.services()))
			if diff := cmp.Diff(planned, listed); diff != "" {
				t.Errorf("slapos service list differs from the plan (-plan +list):\n%s", diff)
			}
		})
	}
}

// What the frontend of the shop gets is what the node published for the
// application: the value went the whole way.
func TestShopValuesOnSlapproxy(t *testing.T) {
	s := newSite(t)
	s.slapproxy()
	s.node("format", s.url, "3", "local_computer")
	s.playNodes("local_computer")
	s.star(0, "apply", "--auto-approve", example(t, "02-shop"))
	var frontend, application struct {
		Parameters map[string]string `json:"instance-parameters"`
		Connection map[string]string `json:"connection-parameters"`
	}
	for name, into := range map[string]any{"shop-frontend": &frontend, "shop-app": &application} {
		out := s.slapos(0, "service", "info", name).stdout
		if err := json.Unmarshal([]byte(out), into); err != nil {
			t.Fatalf("slapos service info %s: %v\n%s", name, err, out)
		}
	}
	url := application.Connection["url"]
	if !strings.HasPrefix(url, "https://[2001:db8:") {
		t.Fatalf("the application published url %q", url)
	}
	want := map[string]string{
		"url":              url,
		"health-check-url": url + "/health",
		"origin":           "[" + application.Connection["ipv6"] + "]:443",
	}
	if diff := cmp.Diff(want, frontend.Parameters); diff != "" {
		t.Errorf("parameters of shop-frontend (-want +got):\n%s", diff)
	}
}

// The life of one instance on the real slapproxy: every kind of change, each
// followed by an empty plan.
func TestChangesOnSlapproxy(t *testing.T) {
	s := newSite(t)
	s.slapproxy()
	s.node("format", s.url, "2", "local_computer")
	const kvm, monitor = `"https://lab.example/kvm/software.cfg"`, `"https://lab.example/monitor/software.cfg"`
	for _, step := range []struct{ name, file, summary string }{
		{"create", `request(` + kvm + `, "vm", {"a": "1", "text": "line\n\tß <&> \"q\" ", "empty": "", "t": True, "f": 1.0, "none": None})
supply(` + kvm + `, "local_computer")`, "Plan: 2 to create, 0 to update, 0 to destroy."},
		{"parameters", `request(` + kvm + `, "vm", {"a": 2, "b": "", "_": "{\"x\": [1, 2]}"})`, "Plan: 0 to create, 1 to update, 0 to destroy."},
		{"JSON formatting alone", `request(` + kvm + `, "vm", {"a": 2, "b": "", "_": "{\"x\":[1,2]}"})`, "No changes."},
		{"stop, type and release", `request(` + monitor + `, "vm", {"a": 2}, "other", state = "stopped")`, "Plan: 0 to create, 1 to update, 0 to destroy."},
		{"another node does not move it", `request(` + monitor + `, "vm", {"a": 2}, "other", {"computer_guid": "elsewhere"}, "stopped")`, "No changes."},
		{"a shared instance", `request(` + monitor + `, "vm", {"a": 2}, "other")
request(` + monitor + `, "on-vm", {"k": "v", "n": 3}, "other", shared = True)`, "Plan: 1 to create, 1 to update, 0 to destroy."},
		{"a shared instance is changed", `request(` + monitor + `, "on-vm", {"k": "w"}, "other", shared = True)`, "Plan: 0 to create, 1 to update, 0 to destroy."},
		{"a shared instance is destroyed", `request(` + monitor + `, "on-vm", {"k": "w"}, "other", shared = True, state = "destroyed")`, "Plan: 0 to create, 0 to update, 1 to destroy."},
		{"remove software", `supply(` + kvm + `, "local_computer", "destroyed")`, "Plan: 0 to create, 0 to update, 1 to destroy."},
		{"destroy", `request(` + monitor + `, "vm", state = "destroyed")`, "Plan: 0 to create, 0 to update, 1 to destroy."},
		{"what does not exist is not destroyed", `request(` + kvm + `, "never", state = "destroyed")`, "No changes."},
		{"revive", `request(` + monitor + `, "vm", {"a": 3}, "other")`, "Plan: 0 to create, 1 to update, 0 to destroy."},
	} {
		file := s.write("main.star", step.file)
		applied := s.star(0, "apply", "--auto-approve", file).stdout
		if !strings.Contains(applied, step.summary) {
			t.Errorf("%s: got\n%s\nwant %s", step.name, applied, step.summary)
		}
		if second := s.star(0, "plan", "--detailed-exitcode", file).stdout; !strings.Contains(second, "No changes.") {
			t.Errorf("%s: the plan after apply is not empty:\n%s", step.name, second)
		}
	}
	if got := slices.Sorted(maps.Keys(s.services())); !slices.Equal(got, []string{"vm"}) {
		t.Errorf("slapos service list: got %q, want only vm", got)
	}
}

// A node without a free partition: one message with the position, exit code 1,
// and what was done before stands.
func TestFullNodeOnSlapproxy(t *testing.T) {
	s := newSite(t)
	s.slapproxy()
	s.node("format", s.url, "1", "local_computer")
	file := s.write("main.star", "request(\"https://lab.example/kvm/software.cfg\", \"one\")\nrequest(\"https://lab.example/kvm/software.cfg\", \"two\")\n")
	r := s.star(1, "apply", "--auto-approve", file)
	for _, want := range []string{"main.star:2:1: instance two: ", "No free computer partition found for: two"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("stderr does not contain %q:\n%s", want, r.stderr)
		}
	}
	if !strings.HasSuffix(r.stdout, "Apply: 1 done (1 created, 0 updated, 0 destroyed), 1 failed, 0 not started.\n") {
		t.Errorf("got\n%s", r.stdout)
	}
}

// The stock command line and console work on the embedded Master, and so does
// a node that speaks through the stock library.
func TestStockClientOnEmbeddedMaster(t *testing.T) {
	s := newSite(t)
	s.embedded()
	s.node("format", s.url, "4", "local_computer", "COMP-2")
	s.playNodes("local_computer", "COMP-2")

	if out := s.slapos(0, "computer", "list").stdout; !strings.Contains(out, "COMP-2 COMP-2\n") {
		t.Errorf("slapos computer list:\n%s", out)
	}
	s.slapos(0, "computer", "info", "COMP-2")
	s.slapos(2, "computer", "info", "COMP-nowhere")
	s.slapos(0, "supply", "product.kvm", "COMP-2")
	s.slapos(0, "request", "vm1", "product.kvm", "--node", "computer_guid=COMP-2", "--parameters", "ram=1024")
	script := s.write("script.py", `
instance = request(product.mariadb, "db", partition_parameter_kw={"a": "é"})
assert instance.getState() == "started", instance.getState()
assert instance.getId() == "slappart0", instance.getId()
shared = request(product.mariadb, "db-user", shared=True, partition_parameter_kw={"user": "shop"})
supply(product.mariadb, "local_computer")
supply(product.mariadb, "local_computer", "destroyed")
`)
	s.slapos(0, "console", script)
	want := map[string]string{
		"vm1":     "https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/kvm/software.cfg",
		"db":      "https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/mariadb/software.cfg",
		"db-user": "https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/mariadb/software.cfg",
	}
	if diff := cmp.Diff(want, s.services()); diff != "" {
		t.Errorf("slapos service list (-want +got):\n%s", diff)
	}
	s.slapos(2, "service", "info", "nothing")

	// slapstar waits for what the node publishes, with values of the instance
	// that the stock client asked for.
	file := s.write("main.star", `
db = request(product.mariadb, "db", {"a": "é"})
request(product.kvm, "vm2", {"db": db.getConnectionParameter("url")}, filter_kw = {"computer_guid": "COMP-2"})
`)
	s.star(0, "apply", "--auto-approve", file)
	out := s.slapos(0, "service", "info", "vm2").stdout
	if !strings.Contains(out, `"db": "https://[2001:db8:1::1]:8443/db"`) {
		t.Errorf("slapos service info vm2:\n%s", out)
	}
	// request exits with 2 while the stock client sees no connection parameter.
	s.slapos(0, "request", "vm1", "product.kvm", "--parameters", "ram=1024", "--state", "destroyed")
}
