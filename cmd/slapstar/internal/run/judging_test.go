package run

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/slap"
	"slapstar/slap/release"
)

// A releaseHost serves the schemas of two releases, and counts what is asked for.
type releaseHost struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int
}

func newReleaseHost(t *testing.T) *releaseHost {
	h := &releaseHost{asked: map[string]int{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.asked[r.URL.Path]++
		h.mu.Unlock()
		switch r.URL.Path {
		case "/json.cfg.json":
			w.Write([]byte(`{"serialisation": "json-in-xml", "software-type": {"default": {"request": "in.json", "response": "out.json"}}}`))
		case "/xml.cfg.json":
			w.Write([]byte(`{"serialisation": "xml", "software-type": {"default": {"request": "in.json", "response": "out.json"}}}`))
		case "/in.json":
			w.Write([]byte(`{"properties": {"port": {"type": "integer"}, "url": {"type": "string", "pattern": "^https:"}}}`))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *releaseHost) host() string { return strings.TrimPrefix(h.URL, "http://") }

// counts are the paths that were asked for since the last time, and how often.
func (h *releaseHost) counts() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	asked := h.asked
	h.asked = map[string]int{}
	return asked
}

// checking is a Planner that checks with the schemas of some hosts.
func (r *testRun) checking(hosts ...string) *Planner {
	p := r.planner()
	p.Schemas = &release.Schemas{Policy: release.Policy{Hosts: hosts}, Budget: &release.Budget{Silence: 50 * time.Millisecond}}
	p.Check = true
	return p
}

// The release says how parameters travel. Each file is read once a run, and what was
// judged is not judged again.
func TestSchemasOfAPlan(t *testing.T) {
	h := newReleaseHost(t)
	r := newTestRun(t, map[string]string{"main.star": fmt.Sprintf(`
secret("counts")
first = request(%[1]q, "first", {"port": 80})
request(%[2]q, "second", {"port": 80, "url": first.getConnectionParameter("url")})
request(%[1]q, "third", {"port": 80})
`, h.URL+"/json.cfg", h.URL+"/xml.cfg")})
	p := r.checking(h.host())
	plan := r.plan(t, p, 2) // evaluated again with what the schemas say
	var forms []string
	for _, c := range plan.Changes {
		_, wrapped := c.Resource.(*engine.Instance).Parameters["_"]
		forms = append(forms, fmt.Sprint(wrapped))
	}
	if !slices.Equal(forms, []string{"true", "false", "true"}) || len(plan.Refusals)+len(plan.Notes) > 0 {
		t.Errorf("got the forms %q, refusals %v, notes %v", forms, plan.Refusals, plan.Notes)
	}
	r.apply(t, p, plan)
	for path, n := range h.counts() {
		if n != 1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
	if n := len(p.judge.judged); n != 3 { // the two forms of port, and url by then
		t.Errorf("%d documents were judged, want 3", n)
	}
}

// A host that hangs is waited for once, and it is said for how long.
func TestHangingHost(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer s.Close()
	host := strings.TrimPrefix(s.URL, "http://")
	r := newTestRun(t, map[string]string{"main.star": fmt.Sprintf(`
request("https://lab.example/x.cfg", "x")
[request("%s/%%d.cfg" %% n, "vm-%%d" %% n, {"port": 80}) for n in range(20)]
`, s.URL)})
	p := r.checking(host)
	for range 2 {
		plan := r.plan(t, p, 0)
		want := "its parameters were not checked, nor were those of 19 more: " + host + " did not answer in 50ms; each goes as its own text"
		if len(plan.Notes) != 1 || !strings.HasPrefix(plan.Notes[0].Message, want) || !plan.CanApply() {
			t.Errorf("got the notes %v, want %s", plan.Notes, want)
		}
	}
}

// What no schema says stays as the Master has it.
func TestFormOfTheMaster(t *testing.T) {
	const release = "https://lab.example/x.cfg"
	r := newTestRun(t, map[string]string{"main.star": `
request("` + release + `", "json", {"port": 80})
request("` + release + `", "text", {"port": 80})
request("` + release + `", "nested", {"ports": [80]})
`})
	for name, p := range map[string]slap.Parameters{"json": {"_": `{"port": 80}`}, "text": {"port": "80"}, "nested": {"_": `{"ports": [80]}`}} {
		r.request(t, slap.InstanceRequest{Name: name, SoftwareRelease: release, Parameters: p})
	}
	if plan := r.plan(t, r.checking(), 0); plan.Pending() || len(plan.Notes) > 0 {
		t.Errorf("got %q, notes %v", summary(plan), plan.Notes)
	}
}

// Who has the schema and who has not plan two forms, and the digest says so.
func TestDigestHasTheForm(t *testing.T) {
	h := newReleaseHost(t)
	r := newTestRun(t, map[string]string{"main.star": fmt.Sprintf(`request("%s/json.cfg", "a", {"port": 80})`, h.URL)})
	with, without := r.plan(t, r.checking(h.host()), 0), r.plan(t, r.checking(), 0)
	if document.Digest(with) == document.Digest(without) || len(without.Notes) != 1 {
		t.Errorf("got one digest, or the notes %v", without.Notes)
	}
}

// A saved plan asks for nothing that it was told when it was made. What was not known then
// is judged by what the cache has.
func TestSavedJudgement(t *testing.T) {
	h := newReleaseHost(t)
	r := newTestRun(t, map[string]string{"main.star": fmt.Sprintf(`
first = request(%[1]q, "first", {"port": 80})
request(%[1]q, "second", {"url": first.getConnectionParameter("url")})
`, h.URL+"/json.cfg")})
	cache := t.TempDir()
	p := r.checking(h.host())
	p.Schemas.Cache = cache
	path := filepath.Join(t.TempDir(), "plan.json")
	if err := p.Save(r.plan(t, p, 0), Saving{Path: path, File: r.path("main.star"), Slapstar: "test"}); err != nil {
		t.Fatal(err)
	}
	h.counts()
	saved, err := ReadPlan(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := saved.Planner(t.Context(), r.master, SecretSources{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	again.Schemas = &release.Schemas{Cache: cache, Policy: release.Policy{Hosts: []string{h.host()}}}
	plan, err := saved.Check(context.Background(), again, false)
	if err != nil || len(again.judge.judged) > 0 {
		t.Fatalf("got error %v, judged %d", err, len(again.judge.judged))
	}
	_, err = engine.Apply{Master: r.master, Plan: plan, Replan: again.Plan, Timeout: time.Minute, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}.Run(context.Background())
	if asked := h.counts(); err != nil || len(asked) > 0 || len(again.judge.judged) != 1 {
		t.Errorf("got error %v, asked for %v, judged %d", err, asked, len(again.judge.judged))
	}
}

// BenchmarkSchemas plans 10 000 requests with and without their schema, which is in a
// folder: the ratio is to stay below 1.3.
func BenchmarkSchemas(b *testing.B) {
	r := newTestRun(b, map[string]string{
		"json.cfg.json": `{"serialisation": "json-in-xml", "software-type": {"default": {"request": "in.json", "response": "in.json"}}}`,
		"in.json":       `{"type": "object", "properties": {"port": {"type": "integer"}, "name": {"type": "string", "pattern": "^[a-z0-9-]+$"}}, "additionalProperties": false}`,
		"main.star":     `[request("json.cfg", "vm-%d" % n, {"port": n, "name": "vm-%d" % n}, serialisation = "json-in-xml") for n in range(10000)]`,
	})
	for _, check := range []bool{false, true} {
		b.Run(fmt.Sprintf("checked=%t", check), func(b *testing.B) {
			for b.Loop() {
				p := r.planner()
				p.Check = check
				plan, _, err := p.Plan(context.Background())
				if err != nil || !plan.CanApply() || len(plan.Notes) > 0 {
					b.Fatalf("got error %v, refusals %v, notes %v", err, plan.Refusals, plan.Notes)
				}
			}
		})
	}
}
