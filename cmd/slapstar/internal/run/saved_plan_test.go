package run

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/engine/document"
	"slapstar/internal/mask"
	"slapstar/slap"
	"slapstar/slap/config"
	"slapstar/starlib/lang"
)

// sources are what gives the secrets of the shop.
var sources = map[string]string{"password": "env:TEST_PASSWORD"}

// saved plans the shop and saves the plan.
func saved(t *testing.T, r *testRun) string {
	t.Helper()
	p := r.planner()
	path := r.path("plan.json")
	err := p.Save(r.plan(t, p, r.evaluations+1), Saving{Path: path, File: "main.star", Slapstar: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// A saved plan is made again of what it holds, whatever has become of the files.
func TestSavedPlan(t *testing.T) {
	t.Setenv("TEST_PASSWORD", "hush")
	r := newTestRun(t, map[string]string{"main.star": shop})
	path := saved(t, r)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || !IsPlan(path) {
		t.Errorf("the file of the plan: %v, %v", info, err)
	}
	if text, err := os.ReadFile(path); err != nil || strings.Contains(string(text), "hush") {
		t.Errorf("the file of the plan holds a secret, or %v", err)
	}
	r.write(t, "main.star", "fail('this file was not saved')\n")
	plan, err := ReadPlan(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"password"}; !cmp.Equal(slices.Collect(maps.Keys(plan.Secrets)), want) {
		t.Errorf("got secrets %v, want %q", plan.Secrets, want)
	}
	if _, err := plan.Planner(t.Context(), r.master, SecretSources{}, mask.New()); err == nil || lang.HintOf(err) == "" {
		t.Errorf("without a source: got %v, want an error with a hint", err)
	}
	p, err := plan.Planner(t.Context(), r.master, SecretSources{Named: sources}, mask.New())
	if err != nil {
		t.Fatal(err)
	}
	again, err := plan.Check(context.Background(), p, false)
	if err != nil {
		t.Fatal(err)
	}
	if document.Digest(again) != plan.Digest {
		t.Errorf("got digest %s, want %s", document.Digest(again), plan.Digest)
	}
	r.apply(t, p, again)
	_, err = plan.Check(context.Background(), p, false)
	if stale, ok := errors.AsType[*document.StaleError](err); !ok || !stale.Carried {
		t.Errorf("after the apply: got %v, want that the plan was carried out", err)
	}
}

// A plan is refused when the Master has changed, and when it is another Master.
func TestStalePlan(t *testing.T) {
	t.Setenv("TEST_PASSWORD", "hush")
	r := newTestRun(t, map[string]string{"main.star": shop})
	plan, err := ReadPlan(saved(t, r))
	if err != nil {
		t.Fatal(err)
	}
	r.request(t, slap.InstanceRequest{Name: "shop-app", SoftwareRelease: "https://lab.example/other.cfg"})
	p, err := plan.Planner(t.Context(), r.master, SecretSources{Named: sources}, mask.New())
	if err != nil {
		t.Fatal(err)
	}
	_, err = plan.Check(context.Background(), p, false)
	if stale, ok := errors.AsType[*document.StaleError](err); !ok || stale.Carried || len(stale.Differences) == 0 {
		t.Errorf("got %v, want the differences", err)
	}
	other := &Master{settings: &config.File{}, Client: r.master.Client, Location: "https://other.example/"}
	if _, err := plan.Planner(t.Context(), other, SecretSources{}, mask.New()); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "https://other.example/") {
		t.Errorf("on another Master: got %v, want a refusal", err)
	}
}

func TestReadPlan(t *testing.T) {
	r := newTestRun(t, map[string]string{"main.star": shop})
	path := saved(t, r)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, text, err string }{
		{"whole", string(whole), ""},
		{"cut", string(whole[:len(whole)/2]), "is a damaged plan"},
		{"edited", strings.Replace(string(whole), "https://lab.example/app.cfg", "https://lab.example/app.cfh", 1), "is a damaged plan: parts of it are missing, or do not belong together"},
		{"a member too many", strings.Replace(string(whole), `"kind"`, `"more": 1, "kind"`, 1), `is a damaged plan: json: unknown field "more"`},
		{"another format", strings.Replace(string(whole), `"format_version": 5`, `"format_version": 1`, 1), "is a plan of format 1, made by slapstar test; this slapstar reads format 5"},
	} {
		r.write(t, "changed.json", test.text)
		if _, err := ReadPlan(r.path("changed.json")); test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: got error %v, want %q", test.name, err, test.err)
		}
	}
}

// Only a plan is overwritten by a plan.
func TestSaveOverAFile(t *testing.T) {
	r := newTestRun(t, map[string]string{"main.star": shop})
	p := r.planner()
	err := p.Save(r.plan(t, p, 1), Saving{Path: r.path("main.star")})
	if err == nil || !strings.Contains(err.Error(), "exists and is no plan") {
		t.Errorf("got %v, want that the file is no plan", err)
	}
	if text, err := os.ReadFile(r.path("main.star")); err != nil || string(text) != shop {
		t.Errorf("main.star is now %q, %v", text, err)
	}
	saved(t, r)
	saved(t, r)
}
