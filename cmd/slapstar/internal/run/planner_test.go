package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/config"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// shop asks for an input in each evaluation, by which a test counts them, and for a
// value that the Master has only after an apply.
const shop = `
print("evaluating")
password = secret("password")
db = request(product.mariadb, "shop-db", {"password": password})
request("https://lab.example/app.cfg", "shop-app", {"url": db.getConnectionParameter("url")})
`

// A testRun is a folder with files, and an embedded Master in memory.
type testRun struct {
	dir         string
	master      *Master
	evaluations int
	printed     []string
}

func newTestRun(t testing.TB, files map[string]string) *testRun {
	t.Helper()
	r := &testRun{dir: t.TempDir()}
	r.write(t, "slapos.cfg", "[slapos]\nmaster_url = embedded:unused.sqlite\n\n[slapproxy]\nsoftware_product_list =\n  mariadb https://lab.example/mariadb.cfg\n")
	for name, text := range files {
		r.write(t, name, text)
	}
	var err error
	c := Connection{File: r.path("slapos.cfg"), Say: func(line string) { t.Log(line) }}
	if r.master, err = c.InMemory(r.path("main.star"), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.master.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *testRun) path(name string) string { return filepath.Join(r.dir, name) }

func (r *testRun) write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(r.path(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (r *testRun) inputs() starlib.Inputs {
	return starlib.Inputs{
		Source: lang.Source{File: r.path("main.star"), Sources: &lang.Sources{Text: map[string]string{}}},
		Secret: func(context.Context, string) (string, error) {
			r.evaluations++
			return "hush", nil
		},
	}
}

func (r *testRun) planner() *Planner {
	p := NewPlanner(r.master, r.inputs())
	p.Schemas.Offline = true // tests use no network
	p.Print = func(_ engine.Position, message string) { r.printed = append(r.printed, message) }
	return p
}

// plan plans, and checks how often the files have been evaluated by then.
func (r *testRun) plan(t *testing.T, p *Planner, evaluations int) *engine.Plan {
	t.Helper()
	plan, _, err := p.Plan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if r.evaluations != evaluations {
		t.Errorf("the files were evaluated %d times, want %d", r.evaluations, evaluations)
	}
	return plan
}

// request changes the Master without a plan.
func (r *testRun) request(t *testing.T, i slap.InstanceRequest) {
	t.Helper()
	i.SoftwareType, i.State = slap.DefaultType, slap.Started
	if _, err := r.master.RequestInstance(context.Background(), i); err != nil {
		t.Fatal(err)
	}
}

func (r *testRun) apply(t *testing.T, p *Planner, plan *engine.Plan) {
	t.Helper()
	a := engine.Apply{Master: r.master, Plan: plan, Replan: p.Plan, Timeout: time.Minute, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	outcome, err := a.Run(context.Background())
	if err != nil || len(outcome.Failed)+len(outcome.NotStarted) > 0 {
		t.Fatalf("apply: %v, %+v", err, outcome)
	}
}

// summary is the pending changes of a plan.
func summary(p *engine.Plan) []string {
	var list []string
	for _, c := range p.Changes {
		if c.Pending() {
			list = append(list, string(c.Action)+" "+string(c.Address()))
		}
	}
	return list
}

// The files are evaluated again only if the Master would answer something else to their
// questions.
func TestEvaluations(t *testing.T) {
	r := newTestRun(t, map[string]string{"main.star": shop})
	p := r.planner()
	plan := r.plan(t, p, 1)
	if want := []string{"create instance shop-db", "create instance shop-app"}; !cmp.Equal(summary(plan), want) {
		t.Errorf("got %q, want %q", summary(plan), want)
	}
	r.request(t, slap.InstanceRequest{Name: "other", SoftwareRelease: "https://lab.example/app.cfg"}) // nobody asked for it
	if again := r.plan(t, p, 1); again.Declared != plan.Declared || again.Undeclared.Instances != 1 {
		t.Errorf("a second plan has %v undeclared, want 1, and the same declarations", again.Undeclared)
	}
	r.apply(t, p, plan)
	if left := r.plan(t, p, 2); left.Pending() { // url was published: that is another answer
		t.Errorf("after the apply: %q", summary(left))
	}
	if want := []string{"evaluating"}; !cmp.Equal(r.printed, want) {
		t.Errorf("printed %q, want %q: each line once, however often the files are evaluated", r.printed, want)
	}
}

// A frozen Planner keeps its declarations, even if an answer has changed: a destroy would
// miss what is gone by then.
func TestFreeze(t *testing.T) {
	r := newTestRun(t, map[string]string{"main.star": shop})
	p := r.planner()
	p.Freeze()
	declared := r.plan(t, p, 1).Declared
	r.request(t, slap.InstanceRequest{Name: "shop-db", SoftwareRelease: "https://lab.example/mariadb.cfg", Parameters: slap.Parameters{"password": "hush"}})
	published := &engine.Instance{Name: "shop-db", WaitFor: []engine.Reference{{Key: "url"}}, Timeout: time.Minute}
	if _, err := engine.Wait(context.Background(), r.master.Reader(), published, func(engine.Event) {}); err != nil {
		t.Fatal(err)
	}
	if again := r.plan(t, p, 1); again.Declared != declared {
		t.Error("a frozen Planner returned other declarations")
	}
}

// A mistake in files that ask the Master nothing does not need the Master.
func TestMistakeWithoutAMaster(t *testing.T) {
	r := newTestRun(t, map[string]string{"main.star": "fail('no')\n"})
	gone, err := slap.NewClient(slap.Options{MasterURL: "http://127.0.0.1:1/"})
	if err != nil {
		t.Fatal(err)
	}
	p := NewPlanner(&Master{settings: &config.File{}, Client: gone}, r.inputs())
	_, _, err = p.Plan(context.Background())
	if _, ok := errors.AsType[*lang.Error](err); !ok || !strings.Contains(err.Error(), "main.star:1:1: fail: no") {
		t.Errorf("got %v, want the mistake in the file", err)
	}
}
