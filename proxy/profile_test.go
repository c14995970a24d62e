package proxy

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The interfaces of the full Master are where they are on a real one: JSON-RPC is
// beside the legacy interface, and not below it.
func TestFullPaths(t *testing.T) {
	s := newFull(t, Options{})
	ask := func(method, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader("{}"))
		r.Host = "127.0.0.1:1234"
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	const hateoas = "http://127.0.0.1:1234/erp5/web_site_module/hateoas/"
	if w := ask("GET", "/erp5/portal_slap/getHateoasUrl"); w.Code != 200 || w.Body.String() != hateoas {
		t.Errorf("getHateoasUrl: got %d %s", w.Code, w.Body)
	}
	if w := ask("GET", "/erp5/web_site_module/hateoas/"); w.Code != 200 || !strings.Contains(w.Body.String(), hateoas+"ERP5Document_getHateoas?mode=search{\\u0026query,select_list*") {
		t.Errorf("root document: got %d %s", w.Code, w.Body)
	}
	if w := ask("GET", "/erp5/web_site_module/hateoas/ERP5Document_getHateoas?mode=search&query=portal_type%3A%22Instance+Tree%22+AND+validation_state%3Avalidated"); w.Code != 200 {
		t.Errorf("search: got %d %s", w.Code, w.Body)
	}
	if w := ask("POST", "/erp5/portal_web_services/slapos_master_api/slapos.get.v0.hateoas_url"); w.Code != 200 || !strings.Contains(w.Body.String(), hateoas) {
		t.Errorf("JSON-RPC: got %d %s", w.Code, w.Body)
	}
	for _, path := range []string{"/erp5/portal_slap/slapos.get.v0.hateoas_url", "/slapos.get.v0.hateoas_url", "/getHateoasUrl", "/hateoas/", "/erp5/portal_web_services/slapos_master_api/getHateoasUrl"} {
		for _, method := range []string{"GET", "POST"} {
			if w := ask(method, path); w.Code != http.StatusNotFound {
				t.Errorf("%s %s: got %d, want 404", method, path, w.Code)
			}
		}
	}
	if w := ask("GET", "/"); w.Code != 200 {
		t.Errorf("the page: got %d", w.Code)
	}
}
