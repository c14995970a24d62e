package proxy

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap/marshal"
)

// A recordedExchange is one HTTP exchange with the real slapproxy; the format
// is that of testdata/captures/README.md.
type recordedExchange struct {
	Note    string
	Server  string
	Request struct {
		Method, Path, Query, Body string
		Headers                   map[string]string
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    string
	}
}

func openTest(t *testing.T, o Options) *Server {
	t.Helper()
	if o.Computer == "" {
		o.Computer = "local_computer"
	}
	o.Log = func(s string) { t.Log(s) }
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// The recorded scenarios that the embedded Master answers as the real slapproxy
// did: same status, same content apart from times and HTML.
func TestRecordedScenarios(t *testing.T) {
	for _, scenario := range []string{
		"cli-request", "connection-parameters", "console-script", "parameters-json-in-xml", "parameters-strings",
		"request-create", "request-noop", "request-update", "shared-getstate-quirk", "software-type",
		"state-destroyed-revived", "supply-cli",
	} {
		t.Run(scenario, func(t *testing.T) { replayScenario(t, scenario) })
	}
}

func replayScenario(t *testing.T, name string) {
	data, err := os.ReadFile(filepath.Join("..", "testdata", "captures", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var exchanges []recordedExchange
	if err := json.Unmarshal(data, &exchanges); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, Options{Products: map[string]string{
		"kvm":     "https://lab.example/kvm/software.cfg",
		"mariadb": "https://lab.example/mariadb/software.cfg",
	}})
	for i, e := range exchanges {
		if e.Server != "" {
			continue
		}
		target := "http://127.0.0.1:5000" + e.Request.Path
		if e.Request.Query != "" {
			target += "?" + e.Request.Query
		}
		r := httptest.NewRequest(e.Request.Method, target, strings.NewReader(e.Request.Body))
		for header, value := range e.Request.Headers {
			r.Header.Set(header, value)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != e.Response.Status {
			t.Errorf("exchange %d (%s): %s %s: got status %d, want %d\n%s", i, e.Note, r.Method, r.URL, w.Code, e.Response.Status, w.Body)
			continue
		}
		if diff := cmp.Diff(content(t, e.Response.Body), content(t, w.Body.String())); diff != "" {
			t.Errorf("exchange %d (%s): %s %s: (-want +got)\n%s", i, e.Note, r.Method, r.URL, diff)
		}
		if got, want := w.Header().Get("Location"), e.Response.Headers["Location"]; w.Code != http.StatusPermanentRedirect && got != want {
			t.Errorf("exchange %d (%s): got location %q, want %q", i, e.Note, got, want)
		}
	}
}

var (
	timeText  = regexp.MustCompile(`\b1[0-9]{9}\.[0-9]+\b`)
	paragraph = regexp.MustCompile(`<p>(.*)</p>`)
)

// content is what a client sees in a body, without what differs from run to
// run: times, and the order of a JSON document.
func content(t *testing.T, body string) any {
	t.Helper()
	body = timeText.ReplaceAllString(body, "1.5")
	switch {
	case strings.HasPrefix(body, "<marshal>"):
		v, err := marshal.Decode([]byte(body))
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		return v
	case strings.HasPrefix(body, "{"):
		var v any
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		if doc, ok := v.(object); ok {
			delete(doc, "processing_timestamp")
		}
		return v
	case strings.HasPrefix(body, "<!doctype html>"), strings.HasPrefix(body, "<a href"):
		if m := paragraph.FindStringSubmatch(body); m != nil && strings.HasPrefix(m[1], "No ") {
			return m[1]
		}
		return "a page"
	}
	return body
}
