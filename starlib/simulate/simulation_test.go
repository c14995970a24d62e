package simulate

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
	"slapstar/starlib/lang"
)

func loadSimulation(t *testing.T, source string, seed int64) (*Simulation, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "simulate.star")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(context.Background(), lang.Source{File: file}, seed)
}

// What a function of a simulation may return, and what it may not.
func TestSimulationOutcome(t *testing.T) {
	ask := Instance{InstanceRequest: slap.InstanceRequest{Name: "db", Parameters: slap.Parameters{"a": "1"}}, IPv6: "2001:db8::1", Attempt: 2}
	for _, test := range []struct {
		body string
		want Outcome
		err  string
	}{
		{`return {"url": "https://[%s]/%s" % (i.ipv6, i.name), "n": 3, "ok": True, "f": 1.5, "a": i.parameters["a"]}`,
			Outcome{Connection: slap.Parameters{"url": "https://[2001:db8::1]/db", "n": "3", "ok": "True", "f": "1.5", "a": "1"}}, ""},
		{`return 2.5 if i.attempt < 3 else None`, Outcome{Delay: 2.5}, ""},
		{`return None`, Outcome{Connection: slap.Parameters{}}, ""},
		{`return "no space"`, Outcome{Error: "no space"}, ""},
		{`return ""`, Outcome{}, "simulate.star:1:1: instance: got an empty string"},
		{`return 0`, Outcome{}, "got 0, want a number of seconds above 0"},
		{`return float("nan")`, Outcome{}, "got nan, want a number"},
		{`return []`, Outcome{}, "got list, want a dictionary"},
		{`return {"a": []}`, Outcome{}, "connection parameter \"a\": got list, want string"},
		{`return {1: "a"}`, Outcome{}, "got key 1, want a string"},
		{`return i.nam`, Outcome{}, "simulate.star:2:13: struct has no .nam attribute"},
		{`i.parameters["b"] = "2"`, Outcome{}, "frozen"},
		{`[None for _ in range(1000000000)]`, Outcome{}, "stopped after 10 million steps"},
	} {
		s, err := loadSimulation(t, "def instance(i):\n    "+test.body+"\n", 1)
		if err != nil {
			t.Errorf("%s: %v", test.body, err)
			continue
		}
		got, err := s.Instance(context.Background(), ask)
		if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: got error %v, want %q", test.body, err, test.err)
		}
		var ours *lang.Error
		if err != nil && !errors.As(err, &ours) {
			t.Errorf("%s: got a %T, want an *Error", test.body, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.body, diff)
		}
	}
}

func TestSimulationFile(t *testing.T) {
	for _, test := range []struct{ source, err string }{
		{"", "there is no function instance"},
		{"instance = 1", "instance: got 1, want a function of one parameter"},
		{"def instance(): pass", "want a function of one parameter"},
		{"def instance(i): pass\nsoftware = None", "software: got None"},
		{"def instance(i): pass\nnode('a')\nnode('a')", `simulate.star:3:1: node: "a" is declared already`},
		{"node('a', partitions = -1)", "partitions: got -1, want 0 to 100000"},
		{"node('')", "node: for parameter reference: got an empty string"},
		{"request('x', 'y')", "undefined: request"},
		{"def instance(i)", "simulate.star:1:16"},
	} {
		if _, err := loadSimulation(t, test.source, 0); err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: got error %v, want %q", test.source, err, test.err)
		}
	}
}

// The same seed gives the same numbers, another one others, and the numbers are
// spread.
func TestSimulationSeed(t *testing.T) {
	numbers := func(seed int64) (list []float64) {
		s, err := loadSimulation(t, "def instance(i): return 1 + i.random\ndef software(s): return 1 + s.random", seed)
		if err != nil {
			t.Fatal(err)
		}
		for attempt := range 100 {
			o, err := s.Instance(context.Background(), Instance{Attempt: attempt})
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, o.Delay-1)
		}
		o, err := s.Software(context.Background(), Software{})
		if err != nil {
			t.Fatal(err)
		}
		return append(list, o.Delay-1)
	}
	one := numbers(1)
	if diff := cmp.Diff(one, numbers(1)); diff != "" {
		t.Errorf("the same seed (-first +second):\n%s", diff)
	}
	if cmp.Equal(one, numbers(2)) {
		t.Error("two seeds give the same numbers")
	}
	low := 0
	for _, n := range one {
		if n < 0 || n >= 1 {
			t.Fatalf("got %v, want a number from 0 to 1", n)
		}
		if n < 0.5 {
			low++
		}
	}
	if low < 30 || low > 70 {
		t.Errorf("%d of %d numbers are below 0.5", low, len(one))
	}
}

// The example is a simulation as it stands.
func TestSimulationExample(t *testing.T) {
	s, err := Load(context.Background(), lang.Source{File: "../../examples/simulate/simulate.star"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Node{{"local_computer", 20}, {"COMP-1234", 3}}, s.Nodes); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	o, err := s.Instance(context.Background(), Instance{InstanceRequest: slap.InstanceRequest{Name: "db"}, IPv6: "::1", Attempt: 3})
	if want := (slap.Parameters{"url": "https://[::1]:8443/db", "ipv6": "::1"}); err != nil || !cmp.Equal(o.Connection, want) {
		t.Errorf("got %v, %v, want %v", o, err, want)
	}
	w, err := s.Software(context.Background(), Software{})
	if err != nil || w.Delay != 1 {
		t.Errorf("software: got %v, %v", w, err)
	}
}

// The page of the documentation has the attributes that there are, and no others.
func TestAttributesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/simulation.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := func(of string) []string {
		var list []string
		for _, m := range regexp.MustCompile("(?m)^\\| `"+of+"\\.(\\w+)` \\|").FindAllStringSubmatch(string(page), -1) {
			list = append(list, m[1])
		}
		slices.Sort(list)
		return list
	}
	source := "def instance(i):\n    return \",\".join(dir(i))\ndef software(s):\n    return \",\".join(dir(s))\n"
	file := filepath.Join(t.TempDir(), "s.star")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Load(context.Background(), lang.Source{File: file}, 1)
	if err != nil {
		t.Fatal(err)
	}
	i, err := s.Instance(context.Background(), Instance{})
	if got := documented("i"); err != nil || strings.Join(got, ",") != i.Error {
		t.Errorf("docs/simulation.md has %q of i, want %s (%v)", got, i.Error, err)
	}
	w, err := s.Software(context.Background(), Software{})
	if got := documented("s"); err != nil || strings.Join(got, ",") != w.Error {
		t.Errorf("docs/simulation.md has %q of s, want %s (%v)", got, w.Error, err)
	}
}
