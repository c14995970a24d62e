package starlib

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/engine"
	"slapstar/slap"
)

const stagedFile = `
owns("*")
kvm = "https://lab.example/kvm/software.cfg"
db = request(kvm, "db", {"password": secret("password")})
url = db.getConnectionParameter("url")
app = request(kvm, "app", {"db": url, "doc": json.encode({"url": url, "n": [1, "é"]}), "text": "<%s>" % url})
if url != "":
    more = request(kvm, "more", {"from": app.getConnectionParameter("url")})
    for port in more.getConnectionParameter("ports").split(","):
        request(kvm, "port-" + port)
`

// stagedInputs know what the instances have published so far.
func stagedInputs(t *testing.T, source string, published map[string]slap.Parameters) (Inputs, engine.Lookup) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.star")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	in := testInputs(file)
	in.Vars = nil
	in.Lookup = func(r engine.Reference) (string, bool) {
		if r.Key == "" {
			return engine.ParametersJSON(published[r.Instance]), len(published[r.Instance]) > 0
		}
		value, ok := published[r.Instance][r.Key]
		return value, ok
	}
	return in, in.Lookup
}

func names(c *engine.Config) []string {
	var list []string
	for _, i := range c.Instances() {
		list = append(list, i.Name)
	}
	return list
}

// With more known values an evaluation gives the same declarations, and what is
// behind the boundary.
func TestStages(t *testing.T) {
	published := map[string]slap.Parameters{}
	in, lookup := stagedInputs(t, stagedFile, published)
	var before *engine.Config
	for n, stage := range []struct {
		publish     func()
		want        []string
		wait, wait2 string
	}{
		{func() {}, []string{"db", "app"}, "db", "url"},
		{func() { published["db"] = slap.Parameters{"url": `https://"é<x>`} }, []string{"db", "app", "more"}, "", ""},
		{func() { published["app"] = slap.Parameters{"url": "u"} }, []string{"db", "app", "more"}, "", ""},
		{func() { published["more"] = slap.Parameters{"ports": "1,2"} }, []string{"db", "app", "more", "port-1", "port-2"}, "", ""},
	} {
		stage.publish()
		config, err := Exec(context.Background(), in)
		if n == 1 || n == 2 { // a method of what is not known is an error that says so
			if err == nil {
				t.Fatalf("stage %d: got no error", n)
			}
			continue
		}
		if err != nil {
			t.Fatalf("stage %d: %v", n, err)
		}
		if diff := cmp.Diff(stage.want, names(config)); diff != "" {
			t.Errorf("stage %d (-want +got):\n%s", n, diff)
		}
		if stage.wait != "" && (config.More == nil || config.More.Reference.Instance != stage.wait || config.More.Reference.Key != stage.wait2 || config.More.Use != "!=") {
			t.Errorf("stage %d: got boundary %+v", n, config.More)
		}
		if before != nil {
			if err := config.Extends(before, lookup); err != nil {
				t.Errorf("stage %d: %v", n, err)
			}
		}
		before = config
	}
}

// What is not the same the second time is said, with both places.
func TestDiverged(t *testing.T) {
	eval := func(source string, published map[string]slap.Parameters) (*engine.Config, engine.Lookup) {
		in, lookup := stagedInputs(t, source, published)
		config, err := Exec(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		return config, lookup
	}
	known := map[string]slap.Parameters{"db": {"url": "U"}}
	const further = "db = request(\"r\", \"db\")\nif db.getConnectionParameter(\"url\"): request(\"r\", \"a\")\nrequest(\"r\", \"b\")"
	for _, test := range []struct{ before, after, want string }{
		{`db = request("r", "db"); request("r", "a", {"u": db.getConnectionParameter("url")})`, `db = request("r", "db"); request("r", "a", {"u": "U"})`, ""},
		{`db = request("r", "db"); request("r", "a", {"u": json.encode([db.getConnectionParameter("url")])})`, `db = request("r", "db"); request("r", "a", {"u": json.encode(["U"])})`, ""},
		{`db = request("r", "db"); request("r", "a", {"u": db.getConnectionParameter("url")})`, "db = request(\"r\", \"db\")\nrequest(\"r\", \"a\", {\"u\": \"V\"})",
			`main.star:1:26: instance a: u: it was "(known after db)", and evaluated again it is "V" (main.star:2:1)`},
		{`request("r", "a"); request("r", "b")`, `request("r", "b"); request("r", "a")`, `main.star:1:1: instance a: it was declared here, and evaluated again it is another, instance b`},
		{`request("r", "a"); request("r", "b")`, `request("r", "a")`, `main.star:1:20: instance b: it was declared, and evaluated again it is absent`},
		{`request("r", "a")`, `request("r", "a"); request("r", "b")`, `main.star:1:20: instance b: it was absent, and evaluated again it is declared`},
		{further, further, ""},
		{further, "db = request(\"r\", \"db\")\nif True: request(\"r\", \"b\"); request(\"r\", \"a\")\nrequest(\"r\", \"b\")", ""},
		{further, `db = request("r", "db"); request("r", "a")`, `main.star:3:1: instance b: it was declared, and evaluated again it is absent`},
		{further, `request("r", "b"); db = request("r", "db")`, `main.star:1:6: instance db: it was declared here, and evaluated again it is another, instance b (main.star:1:1)`},
		{further, `db = request("r", "db"); request("r", "b", state = "stopped")`, `main.star:3:1: instance b: state: it was "started", and evaluated again it is "stopped" (main.star:1:26)`},
		{`supply("r", "n")`, `supply("r", "n", "destroyed")`, `main.star:1:1: software r on n: state: it was available, and evaluated again it is destroyed`},
		{`request("r", "a", state = "stopped")`, `request("r", "a")`, `main.star:1:1: instance a: state: it was "stopped", and evaluated again it is "started"`},
	} {
		before, _ := eval(test.before, nil)
		after, lookup := eval(test.after, known)
		got := ""
		if err := after.Extends(before, lookup); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s\ngot  %s\nwant %s", test.after, got, test.want)
		}
	}
}

// The same file and inputs give the same declarations, also a hundred times at
// once.
func TestParallel(t *testing.T) {
	in, _ := stagedInputs(t, stagedFile, map[string]slap.Parameters{"db": {"url": "u"}, "more": {"ports": "1,2,3"}})
	describe := func() string {
		config, err := Exec(context.Background(), in)
		if err != nil {
			return err.Error()
		}
		s := ""
		for _, i := range config.Instances() {
			s += fmt.Sprintf("%s %v %v", i.Name, i.SLA, i.Origin)
			for _, key := range slices.Sorted(maps.Keys(i.Parameters)) {
				s += " " + key + "=" + bracketed(i.Parameters[key])
			}
			s += "\n"
		}
		return s
	}
	want := describe()
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			if got := describe(); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	group.Wait()
}
