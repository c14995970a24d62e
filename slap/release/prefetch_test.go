package release

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Schemas are read several at a time, each once.
func TestPrefetch(t *testing.T) {
	var mu sync.Mutex
	under, most, asked := 0, 0, map[string]int{}
	full := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		under++
		most = max(most, under)
		asked[r.URL.Path]++
		if under == maxParallel {
			close(full)
		}
		mu.Unlock()
		if strings.HasSuffix(r.URL.Path, ".cfg.json") {
			<-full
			w.Write([]byte(`{"software-type": {"default": {"request": "/in.json"}, "small": {"request": "/in.json"}}}`))
		} else {
			w.Write([]byte(`{"type": "object"}`))
		}
		mu.Lock()
		under--
		mu.Unlock()
	}))
	defer s.Close()
	schemas := named(s)
	var checks []ParameterCheck
	for _, name := range "abcdefgh" {
		for _, kind := range []string{"", "small", "none"} {
			checks = append(checks, ParameterCheck{Release: s.URL + "/" + string(name), SoftwareType: kind}, ParameterCheck{Release: s.URL + "/" + string(name), SoftwareType: kind})
		}
	}
	for i := range checks {
		checks[i].Release += ".cfg"
	}
	// All kinds of one release wait for each other, so the first of each go first.
	ordered := make([]ParameterCheck, 0, len(checks))
	for offset := range 6 {
		for i := offset; i < len(checks); i += 6 {
			ordered = append(ordered, checks[i])
		}
	}
	calls := -1
	schemas.Prefetch(context.Background(), ordered, func(n, of int) {
		if calls++; n != calls || of != 24 {
			t.Errorf("got %d of %d, want %d of 24", n, of, calls)
		}
	})
	if calls != 24 || most != maxParallel || len(asked) != 9 {
		t.Errorf("%d calls, at most %d at a time, asked %v", calls, most, asked)
	}
	for path, n := range asked {
		if n != 1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
	if _, err := schemas.Validate(context.Background(), checks[0]); err != nil {
		t.Error(err)
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	named(s).Prefetch(stopped, checks, nil)
}

// A release is at hand if nobody has to be asked for it.
func TestAtHand(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		w.Write([]byte(`{"software-type": {"default": {"request": "in.json"}}}`))
	}))
	defer s.Close()
	schemas := named(s)
	schemas.Cache = t.TempDir()
	release := s.URL + "/kvm.cfg"
	if schemas.AtHand(release) || !schemas.AtHand("path/kvm.cfg") || !schemas.AtHand("https://lab.example/kvm.cfg") || !schemas.Refuses("https://lab.example/kvm.cfg") || schemas.Refuses(release) {
		t.Error("at first only what is not fetched is at hand")
	}
	schemas.ReadReleases(context.Background(), []string{release}, nil)
	again := named(s)
	again.Cache = schemas.Cache
	if !schemas.AtHand(release) || !again.AtHand(release) {
		t.Error("what was read is at hand, and what is in the cache")
	}
	s.Close()
	offline := again.Cached()
	if _, err := offline.Release(context.Background(), release); err != nil || !offline.AtHand(s.URL+"/other.cfg") {
		t.Errorf("of the cache: got error %v", err)
	}
}
