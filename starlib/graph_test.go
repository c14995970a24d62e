package starlib

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// A world is a Master that has what it was asked for, and of which every instance publishes
// each value that somebody asks for.
type world struct{ state *engine.State }

// lookup returns what an instance publishes, once it is there.
func (w *world) lookup(r engine.Reference) (string, bool) {
	i, there := w.state.Instances[r.Instance]
	switch {
	case !there:
		return "", false
	case r.Kind == engine.GUID:
		return i.GUID, true
	case r.Kind == engine.ID:
		return i.Partition, true
	case r.Key == engine.DocumentKey:
		return fmt.Sprintf(`{"url": "https://%s.example:8443/a", "n": {"ip": ["2001:db8::1", "x"], "f": 2.5, "on": true}, "user": "admin", "port": 8443}`, r.Instance), true
	case r.Key == "":
		return "", false
	case strings.HasSuffix(r.Key, "user"):
		return "admin", true // the same of all
	case r.Key == "one":
		return "1", true
	}
	return fmt.Sprintf("https://%s.example:8443/%s", r.Instance, r.Key), true
}

// carryOut makes the Master have what is declared.
func (w *world) carryOut(t *testing.T, c *engine.Config) {
	t.Helper()
	for range c.Resources { // each may need one before
		for n, i := range c.Resolve(w.lookup).Instances() {
			request := slap.InstanceRequest{Name: i.Name, SoftwareRelease: i.SoftwareRelease, SoftwareType: i.SoftwareType, State: i.State, Shared: i.Shared, SLA: i.SLA, Parameters: slap.Parameters{}}
			missing := len(i.SLALater) > 0
			for key, text := range i.Parameters {
				value, known := text.Known()
				request.Parameters[key], missing = value, missing || !known
			}
			if !missing {
				w.state.Instances[i.Name] = slap.Instance{InstanceRequest: request, GUID: fmt.Sprintf("SOFTINST-%d", n), SLAKnown: true, Computer: i.SLA[slap.SLAComputer], Partition: fmt.Sprintf("slappart%d", n),
					ConnectionParameters: slap.Parameters{"url": "x"}}
			}
		}
	}
	for _, s := range c.Software() {
		if w.state.Software[s.Computer] == nil {
			w.state.Software[s.Computer] = map[string]string{}
		}
		w.state.Software[s.Computer][s.SoftwareRelease] = s.State
	}
}

// edges are the arrows of a graph.
func edges(graph map[engine.Address][]engine.Address) []string {
	var list []string
	for to, before := range graph {
		for _, a := range before {
			list = append(list, fmt.Sprintf("%s → %s", a, to))
		}
	}
	slices.Sort(list)
	return list
}

// checkGraph wants what depends on what to be the same against an empty Master, where the
// plan orders by it, and against one that has all.
func checkGraph(t *testing.T, in Inputs, source string) {
	t.Helper()
	w := &world{engine.NewState()}
	in.Lookup = w.lookup
	in.Instance = func(name string) (slap.Instance, bool) { i, ok := w.state.Instances[name]; return i, ok }
	plan := func() (*engine.Config, *engine.Plan) {
		c, err := Exec(context.Background(), in)
		if err != nil || c.More != nil {
			t.Fatalf("%v %v\n%s", err, c.More, source)
		}
		p, err := engine.NewPlan(c, w.state, engine.Options{})
		if err != nil {
			t.Fatalf("%v\n%s", err, source)
		}
		return c, p
	}
	c, first := plan()
	order := map[engine.Address][]engine.Address{}
	for _, change := range first.Changes {
		order[change.Address()] = change.DependsOn
	}
	w.carryOut(t, c)
	_, after := plan()
	if after.Pending() {
		for _, c := range after.Changes {
			if c.Pending() {
				t.Errorf("%s %s: %+v", c.Action, c.Address(), c.Attributes)
			}
		}
		t.Fatalf("the plan after it is not empty:\n%s", source)
	}
	want := edges(order)
	for when, got := range map[string][]string{"before": edges(first.Graph()), "after": edges(after.Graph())} {
		if !slices.Equal(got, want) {
			t.Errorf("%s: got\n  %s\nwant\n  %s\n%s", when, strings.Join(got, "\n  "), strings.Join(want, "\n  "), source)
		}
	}
}

// texts are expressions of a handle, and of what came before, that give text.
var texts = []string{
	`%h.getConnectionParameter("url")`, `%h.getConnectionParameter("user")`, `%h.getConnectionParameter("one")`, `"x" + %h.getConnectionParameter("user")`,
	`"%s/%s" % (%h.getConnectionParameter("url"), %p)`, `"{}:{}".format(%p, %h.getConnectionParameter("user"))`, `urls.host(%h.getConnectionParameter("url"))`,
	`%h.getConnectionParameter("url").split("://")[1]`, `%h.getConnectionParameter("url")[8:]`, `%h.getConnectionParameter("url").upper()`, `%h.getConnectionParameter("user")[0]`,
	`json.encode({"a": [%p, %h.getConnectionParameter("url")]})`, `str([%h.getConnectionParameter("user")])`, `hashlib.sha256(%h.getConnectionParameter("url"))`,
	`json.decode(%h.getConnectionParameter("_"))["url"]`, `str(%h.output("n", "ip", 0))`, `%h.output()["user"] + ""`, `%h.getInstanceGuid()`, `%h.getId()`,
	`"admin"`, `"administrators"`, `%p`, `identity(%p)`, `{"k": [%p]}["k"][0]`, `[t for t in [%p]][0]`, `base64.encode(%p)`,
	`%h.getConnectionParameter("password")`, `"mysql://u:" + %h.getConnectionParameter("password") + "@h"`,
}

// numbers are expressions of a handle that give numbers and truths.
var numbers = []string{
	`%h.output("port")`, `%h.output("n", "f")`, `%h.output("n", "on")`, `json.decode(%h.getConnectionParameter("_"))["port"]`, `%h.output()["n"]["on"]`,
	`int(%h.getConnectionParameter("one"))`, `float(%h.getConnectionParameter("one"))`, `urls.port(%h.getConnectionParameter("url"))`, `int(%h.output("port"))`, `float(%h.output("port"))`,
	`int(%h.output("n", "on"))`, `float(int(%h.getConnectionParameter("one")))`, `identity(%h.output("port"))`, `8443`, `True`, `1`,
}

// ofNumbers are what is made of a number, and is a parameter.
var ofNumbers = []string{
	`%n`, `str(%n)`, `"%s!" % %n`, `"{}-{}".format(%p, %n)`, `json.encode({"a": [%n, %p]})`, `str([%n])`, `repr(%n)`, `"%8s|" % %n`, `{"k": (%n,)}["k"][0]`,
	`"%05d" % int(%h.getConnectionParameter("one"))`, `texts.zfill(int(%h.getConnectionParameter("one")), 5)`, `str(%n).upper()`, `"x" + str(%n)`,
}

// generated is a file of some instances that use each other.
func generated(random *rand.Rand) string {
	var b strings.Builder
	b.WriteString("def identity(t): return t\np = \"admin\"\n")
	n := 3 + random.IntN(6)
	for i := range n {
		text := func() string {
			s := texts[random.IntN(len(texts))]
			if i == 0 {
				s = `"admin"`
			}
			return strings.NewReplacer("%h", fmt.Sprintf("h%d", random.IntN(max(i, 1))), "%p", "p").Replace(s)
		}
		second := text()
		if i > 0 && random.IntN(2) == 0 {
			second = ofNumbers[random.IntN(len(ofNumbers))]
			for _, pair := range [][2]string{{"%n", numbers[random.IntN(len(numbers))]}, {"%h", fmt.Sprintf("h%d", random.IntN(i))}, {"%p", "p"}} {
				second = strings.ReplaceAll(second, pair[0], pair[1])
			}
		}
		fmt.Fprintf(&b, "p = %s\n", text())
		if random.IntN(3) == 0 {
			fmt.Fprintf(&b, "supply(\"https://lab.example/%d\", \"COMP-%d\")\n", random.IntN(2), random.IntN(2))
		}
		more := ""
		switch random.IntN(6) {
		case 0:
			more = ", shared = True"
		case 1:
			more = fmt.Sprintf(", filter_kw = {\"computer_guid\": \"COMP-%d\"}", random.IntN(2))
		case 2:
			if i > 0 {
				more = fmt.Sprintf(", depends_on = [h%d]", random.IntN(i))
			}
		case 3:
			if i > 0 {
				more = fmt.Sprintf(", shared = True, filter_kw = {\"instance_guid\": h%d.getInstanceGuid()}", random.IntN(i))
			}
		case 4:
			more = `, serialisation = "json-in-xml"`
		}
		fmt.Fprintf(&b, "h%d = request(\"https://lab.example/%d\", \"i%d\", {\"a\": p, \"b\": %s}%s)\n", i, random.IntN(2), i, second, more)
	}
	return b.String()
}

// The graph of what depends on what is the same before and after an apply.
func TestGraphBeforeAndAfter(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		source := generated(random)
		in := testInputs("")
		in.Vars = nil
		in.Source = lang.Source{File: "main.star", Sources: &lang.Sources{Text: map[string]string{"main.star": source}, Read: func(string) ([]byte, error) { return nil, os.ErrNotExist }}}
		checkGraph(t, in, source)
		if t.Failed() {
			return
		}
	}
	examples, err := filepath.Glob("../examples/*/main.star")
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range examples {
		in := testInputs(file)
		in.Vars = nil
		in.Product = func(_ context.Context, name string) (string, error) {
			return "https://lab.example/" + name + "/software.cfg", nil
		}
		checkGraph(t, in, file)
	}
}
