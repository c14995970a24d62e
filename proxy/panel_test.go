package proxy

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"slapstar/slap"
)

func (s *site) page(t *testing.T, path string) (int, http.Header, string) {
	t.Helper()
	resp, err := s.http.Get("http://embedded" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

// The page shows what there is, and of that what matches a search; what others
// wrote is no markup.
func TestPanel(t *testing.T) {
	ctx := context.Background()
	sim := &script{nodes: []SimulatedNode{{"COMP-1", 2}}, instance: func(i SimulatedInstance) (Reaction, error) {
		return Reaction{Connection: slap.Parameters{"url": "https://[" + i.IPv6 + "]/"}}, nil
	}}
	s := newSite(t, Options{Simulator: sim})
	r := vm("shop <db>")
	r.Parameters = slap.Parameters{"note": "<script>alert(1)</script>"}
	r.SLA = slap.Parameters{"computer_guid": "COMP-1"}
	if _, err := s.RequestInstance(ctx, r); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RequestInstance(ctx, vm("other")); err != nil {
		t.Fatal(err)
	}
	if err := s.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: kvm, Computer: "COMP-1", State: slap.Available}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "published", func() bool { return len(s.instances(t)["other"].ConnectionParameters) > 0 })
	for _, test := range []struct {
		path          string
		shown, absent []string
	}{
		{"/", []string{"shop &lt;db&gt;", "&lt;script&gt;", "other", "https://[2001:db8:1::1]/", "COMP-1: 1 occupied, 1 free", "<td>" + kvm}, []string{"<script>", "shop <db>"}},
		{"/?q=SHOP+note", []string{"shop &lt;db&gt;", `value="SHOP note"`}, []string{"<td>other"}},
		{"/?q=2001:db8:1::1", []string{"shop &lt;db&gt;", "COMP-1"}, []string{"<td>other"}},
		{"/?q=%22%3E%3Cb%3E", []string{"None that match", "&gt;&lt;b&gt;"}, []string{"<b>"}},
	} {
		code, header, page := s.page(t, test.path)
		if code != http.StatusOK || !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %d, %v", test.path, code, header)
		}
		for _, want := range test.shown {
			if !strings.Contains(page, want) {
				t.Errorf("%s does not show %q:\n%s", test.path, want, page)
			}
		}
		for _, wrong := range test.absent {
			if strings.Contains(page, wrong) {
				t.Errorf("%s shows %q", test.path, wrong)
			}
		}
	}
}

// The metrics count requests by endpoint, and what there is.
func TestMetrics(t *testing.T) {
	var log []string
	s := newSite(t, Options{RequestLog: func(r RequestRecord) { log = append(log, r.String()) }})
	s.page(t, "/hateoas/?mode=search&query=secret")
	s.page(t, "/nothing")
	s.page(t, "/hateoas/partitions/some%20title")
	s.Bang(context.Background(), "n", "p", "secret")
	_, header, text := s.page(t, "/metrics")
	if !strings.HasPrefix(header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Errorf("got %v", header)
	}
	for _, want := range []string{
		`slapstar_requests_total{endpoint="/hateoas/",code="400"} 1`,
		`slapstar_requests_total{endpoint="/hateoas/partitions/{title}",code="404"} 1`,
		`slapstar_requests_total{endpoint="/softwareInstanceBang",code="200"} 1`,
		`slapstar_requests_total{endpoint="other",code="404"} 1`,
		`slapstar_request_duration_seconds_bucket{endpoint="/hateoas/",le="`,
		"slapstar_compute_nodes 0", "go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics have no %s:\n%s", want, text)
		}
	}
	joined := strings.Join(log, "\n")
	if len(log) != 5 || !strings.Contains(joined, "GET /hateoas/ 400, ") || strings.Contains(joined, "secret") {
		t.Errorf("request log:\n%s", joined)
	}
}

// A request that was broken off is counted and logged, too: it was neither.
func TestMetricsOfBrokenOff(t *testing.T) {
	var log []RequestRecord
	s := newSite(t, Options{RequestLog: func(r RequestRecord) { log = append(log, r) }})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("it was not broken off")
			}
		}()
		w := brokenWriter{httptest.NewRecorder()}
		s.ServeHTTP(w, httptest.NewRequest("GET", "/hateoas/?mode=search&query="+url.QueryEscape(treeQuery), nil))
	}()
	if len(log) != 1 || log[0].Path != "/hateoas/" {
		t.Errorf("request log: got %v", log)
	}
	if _, _, text := s.page(t, "/metrics"); !strings.Contains(text, `slapstar_requests_total{endpoint="/hateoas/",code="200"} 1`) {
		t.Errorf("it was not counted:\n%s", text)
	}
}

// A brokenWriter is a client that is gone.
type brokenWriter struct{ http.ResponseWriter }

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
