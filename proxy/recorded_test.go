package proxy

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	if o.Hosts == nil {
		o.Hosts = []string{"example.com"} // that of httptest.NewRequest
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

// Every recorded scenario is answered as the real slapproxy did: same status,
// same content apart from times and the markup of pages, but for what
// deviations lists.
func TestRecordedScenarios(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "captures", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d scenarios, %v", len(files), err)
	}
	for _, file := range files {
		scenario := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(scenario, func(t *testing.T) { replayScenario(t, scenario) })
	}
	for _, d := range deviations {
		if !slices.Contains(files, filepath.Join("..", "testdata", "captures", d.scenario+".json")) {
			t.Errorf("there is no scenario %s", d.scenario)
		}
	}
}

func readScenario(t testing.TB, name string) []recordedExchange {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "captures", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var exchanges []recordedExchange
	if err := json.Unmarshal(data, &exchanges); err != nil {
		t.Fatal(err)
	}
	return exchanges
}

func recordedOptions() Options {
	return Options{Products: map[string]string{
		"kvm":     "https://lab.example/kvm/software.cfg",
		"mariadb": "https://lab.example/mariadb/software.cfg",
	}}
}

// request repeats the recorded request.
func (e recordedExchange) request() *http.Request {
	target := "http://127.0.0.1:5000" + e.Request.Path
	if e.Request.Query != "" {
		target += "?" + e.Request.Query
	}
	r := httptest.NewRequest(e.Request.Method, target, strings.NewReader(e.Request.Body))
	for header, value := range e.Request.Headers {
		r.Header.Set(header, value)
	}
	return r
}

func replayScenario(t *testing.T, name string) {
	exchanges := readScenario(t, name)
	other := &recordedMaster{t: t}
	for _, e := range exchanges {
		if e.Server != "" && e.Request.Path == "/requestComputerPartition" {
			other.exchanges = append(other.exchanges, e)
		}
	}
	o := recordedOptions()
	o.Masters = []MasterOptions{{URL: "http://127.0.0.1:5006/", Releases: []string{"https://lab.example/frontend/software.cfg"}, Transport: other}}
	s := openTest(t, o)
	for i, e := range exchanges {
		if e.Server != "" {
			continue
		}
		r, w := e.request(), httptest.NewRecorder()
		s.ServeHTTP(w, r)
		diff := e.diff(t, w.Result(), w.Body.String())
		d := findDeviation(name, i)
		switch {
		case d == nil && diff != "":
			t.Errorf("exchange %d (%s): %s %s: (-slapproxy +got)\n%s\n%s", i, e.Note, r.Method, r.URL, diff, w.Body)
		case d != nil && diff == "":
			t.Errorf("exchange %d (%s): %s %s: the same as of slapproxy, but listed as different: %s", i, e.Note, r.Method, r.URL, d.reason)
		case d != nil && (w.Code != d.status || !strings.Contains(html.UnescapeString(w.Body.String()), d.answer)):
			t.Errorf("exchange %d (%s): %s %s: got %d %s\nwant %d with %q, for: %s", i, e.Note, r.Method, r.URL, w.Code, w.Body, d.status, d.answer, d.reason)
		}
	}
	if len(other.exchanges) > 0 {
		t.Errorf("%d requests were not forwarded", len(other.exchanges))
	}
}

// A recordedMaster is the other Master of a scenario. It answers the requests
// for instances that were recorded, in that order, and who it is.
type recordedMaster struct {
	t         *testing.T
	exchanges []recordedExchange
}

func (m *recordedMaster) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/getRunId" {
		w := httptest.NewRecorder()
		w.WriteString("kYRwE2biC52UkGi8TwcZP6IVAvjD0HAn")
		return w.Result(), nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if len(m.exchanges) == 0 {
		m.t.Errorf("%s %s: nothing more was asked of the other Master", r.Method, r.URL)
		return nil, io.ErrUnexpectedEOF
	}
	e := m.exchanges[0]
	m.exchanges = m.exchanges[1:]
	if r.Method != e.Request.Method || r.URL.Path != e.Request.Path {
		m.t.Errorf("asked %s %s of the other Master, want %s %s", r.Method, r.URL.Path, e.Request.Method, e.Request.Path)
	}
	if diff := cmp.Diff(formContent(m.t, e.Request.Body), formContent(m.t, string(body))); diff != "" {
		m.t.Errorf("%s %s: (-want +got)\n%s", r.Method, r.URL, diff)
	}
	w := httptest.NewRecorder()
	w.WriteHeader(e.Response.Status)
	w.WriteString(e.Response.Body)
	return w.Result(), nil
}

func formContent(t *testing.T, body string) map[string]any {
	form, err := url.ParseQuery(body)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{}
	for name := range form {
		fields[name] = content(t, form.Get(name))
	}
	return fields
}

// diff compares an answer with the recorded one.
func (e recordedExchange) diff(t *testing.T, got *http.Response, body string) string {
	t.Helper()
	type answer struct {
		Status          int
		Location, Allow string
		JSON            bool
		Content         any
	}
	isJSON := func(kind string) bool { return kind == "application/json" }
	want := answer{e.Response.Status, e.Response.Headers["Location"], sortedMethods(e.Response.Headers["Allow"]),
		isJSON(e.Response.Headers["Content-Type"]), content(t, e.Response.Body)}
	have := answer{got.StatusCode, got.Header.Get("Location"), sortedMethods(got.Header.Get("Allow")),
		isJSON(got.Header.Get("Content-Type")), content(t, body)}
	if want.Status == http.StatusPermanentRedirect {
		want.Location = strings.TrimPrefix(want.Location, "http://127.0.0.1:5000") // absolute or not is one to a client
	}
	return cmp.Diff(want, have)
}

func sortedMethods(allow string) string {
	methods := strings.Split(allow, ", ")
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}

var (
	timeText  = regexp.MustCompile(`\b1[0-9]{9}\.[0-9]+\b`)
	runID     = regexp.MustCompile(`^[0-9A-Za-z]{32}$`)
	paragraph = regexp.MustCompile(`<p>(.*?)(</p>|\n)`)
)

// content is what a client sees in a body, without what differs from run to
// run: times, random names, and the order of a JSON document. What slapproxy
// says for want of something more exact may be followed by that.
func content(t testing.TB, body string) any {
	t.Helper()
	body = runID.ReplaceAllString(timeText.ReplaceAllString(body, "1.5"), "run id")
	switch {
	case strings.HasPrefix(body, "<marshal>"):
		v, err := marshal.Decode([]byte(body))
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		return v
	case strings.HasPrefix(body, "{"):
		var v object
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		if stamp, ok := v["processing_timestamp"].(float64); ok {
			v["processing_timestamp"] = stamp != 0
		}
		if title, ok := v["title"].(string); ok {
			v["title"] = inStock(title)
		}
		return v
	case strings.HasPrefix(body, "<!doctype html>"), strings.HasPrefix(body, "<a href"):
		m := paragraph.FindStringSubmatch(body)
		if m == nil || strings.HasPrefix(m[1], "You should be redirected") {
			return "a page"
		}
		return inStock(html.UnescapeString(m[1]))
	}
	return body
}

func inStock(text string) string {
	for _, general := range stock {
		if strings.HasPrefix(text, general) {
			return general
		}
	}
	return text
}
