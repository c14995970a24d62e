package release

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestCache(t *testing.T) {
	requests, text := 0, "first"
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		if r.URL.Path == "/none" {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte(text))
	}))
	defer s.Close()
	folder := filepath.Join(t.TempDir(), "a", "schemas")
	u := s.URL + "/x.json"
	path := filepath.Join(folder, cacheName(u))
	expect := func(what, want string, asked int) {
		t.Helper()
		requests = 0
		schemas := named(s)
		schemas.Cache = folder
		got, err := schemas.text(u)
		if got != want || (err == nil) != (want != "") || requests != asked {
			t.Errorf("%s: got %q, %v after %d requests, want %q after %d", what, got, err, requests, want, asked)
		}
	}
	age := func(d time.Duration) {
		t.Helper()
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-d)); err != nil {
			t.Fatal(err)
		}
	}
	expect("empty", "first", 1)
	text = "second"
	expect("fresh", "first", 0)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v", info.Mode(), err)
	}
	age(cacheFresh + time.Minute)
	expect("not fresh", "second", 1)
	text = "third"
	age(-time.Hour)
	expect("from the future", "third", 1)

	// A host that is not allowed is not served from the cache.
	if got, err := (&Schemas{Cache: folder}).text(u); refusal(err) == "" {
		t.Errorf("not allowed: got %q, error %v", got, err)
	}

	// What is half-written, damaged, or of another URL does not count.
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, damaged := range map[string]string{
		"empty": "", "half": string(whole[:len(whole)-2]), "no head": "fourth", "more": string(whole) + "x", "of another": strings.Replace(string(whole), "x.json", "y.json", 1),
	} {
		if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		expect(what, "third", 1)
	}
	// A link is not followed, for reading or for writing.
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	text = "fifth"
	os.Remove(path)
	if err := os.Symlink(secret, path); err != nil {
		t.Fatal(err)
	}
	expect("a link", "fifth", 1)
	if now, err := os.ReadFile(secret); err != nil || string(now) != string(whole) {
		t.Errorf("where the link led to there is now %q, %v", now, err)
	}
	// A folder that others write to is not used.
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	text = "sixth"
	expect("writable by others", "sixth", 1)
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	expect("as before", "fifth", 0)

	// A release without a schema is asked for again.
	schemas := named(s)
	schemas.Cache = folder
	schemas.text(s.URL + "/none")
	if left, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || len(left) != 1 {
		t.Errorf("the cache has %q, %v", left, err)
	}

	s.Close() // an answer that is not fresh is better than none, for a while
	age(cacheFresh + time.Minute)
	expect("unreachable", "fifth", 0)
	age(cacheOld + time.Minute)
	expect("too old", "", 0)
}

// The cache does not grow without end.
func TestCacheBound(t *testing.T) {
	c := openCache(t.TempDir())
	defer c.close()
	large := make([]byte, maxSchema)
	for i := range cacheBytes/maxSchema + 3 {
		name := "http://x/" + strings.Repeat("x", i)
		c.write(name, &copied{data: large})
		c.root.Chtimes(cacheName(name), time.Time{}, time.Now().Add(time.Duration(i-100)*time.Second))
	}
	if c.read("http://x/") != nil {
		t.Error("the oldest is still there")
	}
	total := int64(0)
	entries, err := os.ReadDir(c.root.Name())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total > cacheBytes+1<<20 || len(entries) < 10 {
		t.Errorf("got %d files, %d bytes", len(entries), total)
	}
	c.write("http://x/many", &copied{data: []byte("x")})
	c.write("http://x/old", &copied{data: []byte("x")})
	c.root.Chtimes(cacheName("http://x/old"), time.Time{}, time.Now().Add(-cacheOld-time.Hour))
	c.root.WriteFile(".half", nil, 0o600)
	c.root.Chtimes(".half", time.Time{}, time.Now().Add(-2*time.Hour))
	c.makeRoom(1)
	if _, err := c.root.Stat(".half"); err == nil {
		t.Error("what was left half-written is still there")
	}
	if _, err := c.root.Stat(cacheName("http://x/old")); err == nil {
		t.Error("what is too old is still there")
	}
}

// A host that says how is asked in each run if a copy is still right.
func TestCacheRevalidates(t *testing.T) {
	const modified = "Mon, 02 Jan 2006 15:04:05 GMT"
	for name, test := range map[string]struct {
		header      map[string]string
		ask         string // the header that asks, and its value
		freshSecond bool   // a second run does not ask
	}{
		"ETag":             {map[string]string{"ETag": `"1"`}, `If-None-Match: "1"`, false},
		"Last-Modified":    {map[string]string{"Last-Modified": modified}, "If-Modified-Since: " + modified, false},
		"both":             {map[string]string{"ETag": `"1"`, "Last-Modified": modified}, `If-None-Match: "1"`, false},
		"for a minute":     {map[string]string{"ETag": `"1"`, "Cache-Control": "public, max-age=60"}, "", true},
		"not for a moment": {map[string]string{"Cache-Control": "no-cache, max-age=60"}, "", false},
		"for years":        {map[string]string{"Cache-Control": "max-age=999999999"}, "", true},
		"no time":          {map[string]string{"Last-Modified": "yesterday"}, "", true},
		"a long tag":       {map[string]string{"ETag": `"` + strings.Repeat("x", 300) + `"`}, "", true},
		"nothing":          {nil, "", true},
	} {
		asked, text := []string{}, "first"
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ask := ""
			for _, header := range []string{"If-None-Match", "If-Modified-Since"} {
				if v := r.Header.Get(header); v != "" {
					ask += header + ": " + v
				}
			}
			asked = append(asked, ask)
			for key, value := range test.header {
				w.Header().Set(key, value)
			}
			if ask != "" && text == "first" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			w.Write([]byte(text))
		}))
		folder := t.TempDir()
		run := func(want string, wantAsked ...string) {
			t.Helper()
			asked = asked[:0]
			schemas := named(s)
			schemas.Cache = folder
			for range 2 { // once in a run
				if got, err := schemas.text(s.URL + "/x.json"); got != want || err != nil {
					t.Errorf("%s: got %q, error %v, want %q", name, got, err, want)
				}
			}
			if strings.Join(asked, "|") != strings.Join(wantAsked, "|") || len(asked) != len(wantAsked) {
				t.Errorf("%s: asked %q, want %q", name, asked, wantAsked)
			}
		}
		run("first", "")
		if test.freshSecond {
			run("first")
			s.Close()
			continue
		}
		run("first", test.ask)
		text = "second"
		run("second", test.ask)
		offline := named(s)
		offline.Cache, offline.Offline = folder, true
		asked = asked[:0]
		if got, err := offline.text(s.URL + "/x.json"); got != "second" || err != nil || len(asked) > 0 {
			t.Errorf("%s: offline: got %q, error %v, asked %q", name, got, err, asked)
		}
		if _, err := offline.text(s.URL + "/y.json"); !errors.Is(err, ErrOffline) {
			t.Errorf("%s: offline: got error %v, want %v", name, err, ErrOffline)
		}
		s.Close()
		schemas := named(s)
		schemas.Cache = folder
		if got, err := schemas.text(s.URL + "/x.json"); got != "second" || err != nil || len(schemas.Stale()) != 1 || schemas.Stale()[0].Host != schemas.Policy.Hosts[0] {
			t.Errorf("%s: unreachable: got %q, error %v, stale %v", name, got, err, schemas.Stale())
		}
	}
}

// A host that hangs is waited for once.
func TestSilentHost(t *testing.T) {
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		<-r.Context().Done()
	}))
	defer s.Close()
	schemas := named(s)
	schemas.Budget = &Budget{Silence: 50 * time.Millisecond}
	for i := range 5 {
		_, err := schemas.text(fmt.Sprintf("%s/%d", s.URL, i))
		if !isUnreachable(err) || i == 0 && !strings.Contains(err.Error(), "did not answer in 50ms") || i > 0 && !strings.Contains(err.Error(), "did not answer before") {
			t.Errorf("got error %v", err)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
}
