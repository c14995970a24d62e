package proxy

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Whatever is asked, no handler of either profile panics or fails, and what it
// has stored can be read on every interface.

func FuzzLegacy(f *testing.F) {
	seed(f, func(e recordedExchange) {
		if e.Request.Headers["Content-Type"] != "application/json" {
			f.Add(e.Request.Method == http.MethodPost, e.Request.Path, e.Request.Query, e.Request.Body)
		}
	})
	f.Fuzz(func(t *testing.T, post bool, path, query, body string) {
		method := http.MethodGet
		if post {
			method = http.MethodPost
		}
		tryRequest(t, method, path, query, "application/x-www-form-urlencoded", body)
	})
}

func FuzzJSONRPC(f *testing.F) {
	seed(f, func(e recordedExchange) {
		if method, ok := strings.CutPrefix(e.Request.Path, "/slapos."); ok {
			f.Add(method, e.Request.Body)
		}
	})
	f.Add("post.v0.software_instance", `{"title":"s","software_release_uri":"https://lab.example/kvm/software.cfg","software_type":"default","shared":true,"parameters":{"a":{"b":[1e400,{"\u0000":-0.0}]}}}`)
	f.Fuzz(func(t *testing.T, method, body string) {
		tryRequest(t, http.MethodPost, "/slapos."+method, "", "application/json", body)
	})
}

func FuzzHateoas(f *testing.F) {
	seed(f, func(e recordedExchange) {
		if path, ok := strings.CutPrefix(e.Request.Path, "/hateoas"); ok {
			f.Add(path, e.Request.Query)
		}
	})
	f.Fuzz(func(t *testing.T, path, query string) {
		tryRequest(t, http.MethodGet, "/hateoas"+path, query, "", "")
	})
}

func seed(f *testing.F, add func(recordedExchange)) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "captures", "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatalf("got %d scenarios, %v", len(files), err)
	}
	for _, file := range files {
		for _, e := range readScenario(f, strings.TrimSuffix(filepath.Base(file), ".json")) {
			add(e)
		}
	}
}

// raised is what the full Master says with 500 on purpose.
var raised = regexp.MustCompile(`(Error Type: |"title":")(NotImplementedError|AttributeError|AssertionError)`)

func tryRequest(t *testing.T, method, path, query, contentType, body string) {
	for _, p := range []Profile{Slapproxy, Full} {
		tryProfile(t, p, method, path, query, contentType, body)
	}
}

// tryProfile sends a request to a Master with one node that has a host and a
// shared instance on it, and reads all there is afterwards.
func tryProfile(t *testing.T, profile Profile, method, path, query, contentType, body string) {
	s, err := Open(Options{Computer: "local_computer", Profile: profile, CatalogDelay: -1, SubscriptionDelay: -1, AllocationDelay: -1, Log: func(text string) { t.Error(text) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	serve := func(method, path, query, contentType, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/", strings.NewReader(body))
		r.Host = "localhost"
		r.URL = &url.URL{Path: on(profile, path), RawQuery: query}
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	mustWork := func(method, path, query, body string) {
		if w := serve(method, path, query, "application/json", body); w.Code != http.StatusOK {
			t.Errorf("%s %s?%s: got %d %s", method, path, query, w.Code, w.Body)
		}
	}
	const release = `"software_release_uri": "https://lab.example/kvm/software.cfg", "software_type": "default"`
	mustWork("POST", "/slapos.put.v0.compute_node_format", "",
		`{"computer_guid": "local_computer", "compute_partition_list": [{"partition_id": "slappart0", "ip_list": [{"ip-address": "::1"}]}, {"partition_id": "slappart1"}]}`)
	if profile == Full {
		const software = `"computer_guid": "local_computer", "software_release_uri": "https://lab.example/kvm/software.cfg"`
		mustWork("POST", "/slapos.post.v0.software_installation", "", `{`+software+`}`)
		mustWork("POST", "/slapos.put.v0.software_installation_reported_state", "", `{`+software+`, "reported_state": "available"}`)
	}
	mustWork("POST", "/slapos.post.v0.software_instance", "", `{"title": "vm1", `+release+`}`)
	mustWork("POST", "/slapos.post.v0.software_instance", "", `{"title": "sh1", "shared": true, `+release+`}`)
	if profile == Full {
		for range 2 { // the shared one after its host
			if _, err := s.allocateDue(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}

	w := serve(method, path, query, contentType, body)
	refused := profile == Full && raised.MatchString(w.Body.String()) ||
		strings.HasSuffix(path, "/getSoftwareReleaseListFromSoftwareProduct")
	if w.Code == http.StatusInternalServerError && !refused {
		t.Errorf("%s %q?%s %q: got %d %s", method, path, query, body, w.Code, w.Body)
	}

	mustWork("GET", "/getFullComputerInformation", "computer_id=local_computer", "")
	mustWork("GET", "/hateoas/", url.Values{"mode": {"search"}, "query": {`portal_type:"Instance Tree" AND validation_state:validated`}}.Encode(), "")
	mustWork("GET", "/hateoas/", url.Values{"mode": {"search"}, "query": {`portal_type:"Compute Node" AND validation_state:validated`}}.Encode(), "")
	mustWork("POST", "/slapos.allDocs.v0.instance_tree_list", "", `{}`)
	list, err := findInstances(s.db, "1")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		if _, err := s.dialect.readDocument(&i); err != nil {
			t.Errorf("instance %q: %v", i.title, err)
		}
	}
}
