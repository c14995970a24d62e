package slap

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// The JSON-RPC interface of a full Master is beside its legacy one, is looked for once,
// and is where the configuration says if that says something.
func TestFindRPC(t *testing.T) {
	const beside = "/erp5/portal_web_services/slapos_master_api/"
	list := "slapos.allDocs.v0.instance_tree_list"
	answer := func(code int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(code)
			io.WriteString(w, body)
		}
	}
	there := answer(200, "application/json", `{"hateoas_url": "", "result_list": [{"title": "a"}]}`)
	missing := answer(404, "text/html", erp5Page("NotFound", "slapos.get.v0.hateoas_url"))
	for _, test := range []struct {
		name     string
		base     string // of the legacy interface
		jsonrpc  string // of the configuration
		at       map[string]http.HandlerFunc
		is       error
		requests []string // of the first call
	}{
		{"beside", "/erp5/portal_slap", "", map[string]http.HandlerFunc{beside: there}, nil, []string{beside + "slapos.get.v0.hateoas_url", beside + list}},
		{"beside, with a prefix", "/a/erp5/portal_slap/", "", map[string]http.HandlerFunc{"/a" + beside: there}, nil, nil},
		{"beside, which refuses", "/erp5/portal_slap", "", map[string]http.HandlerFunc{beside: answer(403, "application/json", `{"type": "HATEOAS-URL-NOT-FOUND", "title": "no"}`)}, ErrNotFound, nil},
		{"below", "/erp5/portal_slap", "", map[string]http.HandlerFunc{"/erp5/portal_slap/": there}, nil, nil},
		{"nowhere", "/erp5/portal_slap", "", nil, ErrUnsupported, []string{beside + "slapos.get.v0.hateoas_url", "/erp5/portal_slap/slapos.get.v0.hateoas_url"}},
		{"configured", "/erp5/portal_slap", "/api", map[string]http.HandlerFunc{"/api/": there}, nil, []string{"/api/" + list}},
		{"a slapproxy", "/prefix", "", map[string]http.HandlerFunc{"/prefix/": there}, nil, []string{"/prefix/" + list}},
		{"busy", "/erp5/portal_slap", "", map[string]http.HandlerFunc{beside: answer(503, "text/html", "")}, ErrBusy, nil},
		{"a redirect elsewhere", "/erp5/portal_slap", "", map[string]http.HandlerFunc{beside: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://example.invalid/", http.StatusFound)
		}}, ErrUnsupported, nil},
	} {
		var log []string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			log = append(log, r.URL.Path)
			for folder, h := range test.at {
				if len(r.URL.Path) > len(folder) && r.URL.Path[:len(folder)] == folder {
					h(w, r)
					return
				}
			}
			missing(w, r)
		}))
		o := Options{MasterURL: s.URL + test.base, Only: JSONRPC, Retry: RetryPolicy{Tries: 1}}
		if test.jsonrpc != "" {
			o.JSONRPCURL = s.URL + test.jsonrpc
		}
		c, err := NewClient(o)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Instances(t.Context())
		if test.is == nil && err != nil || !errors.Is(err, test.is) {
			t.Errorf("%s: got error %v, want %v", test.name, err, test.is)
		}
		if test.requests != nil && !slices.Equal(log, test.requests) {
			t.Errorf("%s: got requests %q, want %q", test.name, log, test.requests)
		}
		log = nil
		if _, err = c.Instances(t.Context()); test.is == nil && (err != nil || len(log) != 1) || errors.Is(test.is, ErrUnsupported) && len(log) != 0 {
			t.Errorf("%s: again: got requests %q, %v", test.name, log, err)
		}
		s.Close()
	}
}
