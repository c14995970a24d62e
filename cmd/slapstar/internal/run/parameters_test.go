package run

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/release"
)

// A host that no longer answers is said, and its copies serve; without copies nothing is
// checked, and that is said once a release.
func TestCheckParameters(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if strings.HasSuffix(r.URL.Path, ".cfg.json") {
			w.Write([]byte(`{"serialisation": "json-in-xml", "software-type": {"default": {"request": "in.json"}}}`))
		} else {
			w.Write([]byte(`{"properties": {"port": {"type": "integer"}}}`))
		}
	}))
	defer s.Close()
	_, host, _ := strings.Cut(s.URL, "://")
	instance := func(name, document string) *engine.Instance {
		return &engine.Instance{Name: name, SoftwareRelease: s.URL + "/software.cfg", SoftwareType: slap.DefaultType, State: slap.Started, Parameters: map[string]engine.Text{"_": engine.Literal(document)}}
	}
	gone := instance("gone", `{"port": "x"}`)
	gone.State = slap.Destroyed
	instances := []*engine.Instance{instance("a", `{"port": "x"}`), instance("b", `{"port": "x"}`), instance("c", `{"port": 1}`), gone}
	check := func(cache string, offline bool) Parameters {
		t.Helper()
		schemas := &release.Schemas{Cache: cache, Offline: offline, Policy: release.Policy{Hosts: []string{host}}}
		p, err := CheckParameters(context.Background(), schemas, instances, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	cache := t.TempDir()
	if p := check(cache, false); len(p.Wrong()) != 2 || p.Checked != 3 || p.Unchecked != 0 || p.Open != 3 || len(p.Stale) > 0 || p.Findings[1].Instance.Name != "b" {
		t.Errorf("got %+v", p)
	}
	if p := check(cache, true); len(p.Wrong()) != 2 || len(p.Stale) > 0 {
		t.Errorf("offline: got %+v", p)
	}
	s.Close()
	if p := check(cache, false); len(p.Wrong()) != 2 || len(p.Stale) != 1 || !strings.HasPrefix(p.Stale[0], host+" did not answer: ") {
		t.Errorf("of the cache: got %+v", p)
	}
	for _, offline := range []bool{false, true} {
		if p := check(t.TempDir(), offline); len(p.Findings) != 1 || p.Findings[0].Kind != Unchecked || p.Unchecked != 3 || p.Checked != 0 {
			t.Errorf("without a copy: got %+v", p)
		}
	}
}
