package proxy

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap/marshal"
)

// as makes a request to a full Master as a person; nobody is the first one.
func (s *site) as(t *testing.T, person, method, path, contentType, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	if person != "" {
		r.Header.Set("Remote-User", person)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// formAs posts a form of the legacy interface.
func (s *site) formAs(t *testing.T, person, endpoint string, fields ...string) (int, string) {
	t.Helper()
	values := url.Values{}
	for n := 0; n < len(fields); n += 2 {
		values.Set(fields[n], fields[n+1])
	}
	return s.as(t, person, "POST", legacyBase+endpoint, "application/x-www-form-urlencoded", values.Encode())
}

// callAs calls a method of the JSON-RPC interface.
func (s *site) callAs(t *testing.T, person, method, body string) (int, string) {
	t.Helper()
	return s.as(t, person, "POST", jsonrpcBase+"slapos."+method, "application/json", body)
}

// want asks for an instance, as a person.
func (s *site) want(t *testing.T, person, name string, more ...string) (int, string) {
	t.Helper()
	return s.formAs(t, person, "requestComputerPartition", append([]string{"software_release", kvm, "partition_reference", name, "software_type", "default"}, more...)...)
}

// search returns the rows of a search, a line each, its columns separated by blanks.
func (s *site) search(t *testing.T, person, query string, columns ...string) []string {
	t.Helper()
	form := url.Values{"mode": {"search"}, "query": {query}, "select_list": columns, "limit": {"1000"}, "sort_on": {`["uid","ASC"]`}}
	code, answer := s.as(t, person, "GET", hateoasBase+hateoasScript+"?"+form.Encode(), "", "")
	var found struct {
		Embedded struct{ Contents []map[string]any } `json:"_embedded"`
	}
	if err := json.Unmarshal([]byte(answer), &found); err != nil || code != http.StatusOK {
		t.Fatalf("%s: got %d %s", query, code, answer)
	}
	lines := []string{}
	for _, row := range found.Embedded.Contents {
		words := make([]string, len(columns))
		for n, name := range columns {
			words[n] = fmt.Sprint(row[name])
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

// finds compares the rows of a search.
func (s *site) finds(t *testing.T, what, person, query string, columns string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), s.search(t, person, query, strings.Fields(columns)...)); diff != "" {
		t.Errorf("%s: %s (-want +got):\n%s", what, query, diff)
	}
}

// said wants an answer with a status and a text.
func said(t *testing.T, what string, wantCode int, want string) func(int, string) {
	t.Helper()
	return func(code int, answer string) {
		t.Helper()
		if code != wantCode || !strings.Contains(answer, want) {
			t.Errorf("%s: got %d %s, want %d with %q", what, code, answer, wantCode, want)
		}
	}
}

func raisedText(kind, value string) string {
	return "<strong>Error Type: " + kind + "</strong><br /> <strong>Error Value: " + value + "</strong>"
}

// encoded is a marshalled field.
func encoded(t *testing.T, v any) string {
	t.Helper()
	document, err := marshal.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

// rests ends what goes on beside requests: a test may then change the options, and has
// the work done by works.
func (s *site) rests() {
	s.stop()
	s.finished.Wait()
}

// works lets the work that nobody asks for be done.
func (s *site) works(t *testing.T) {
	t.Helper()
	for range 4 {
		if _, err := s.allocateDue(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

const (
	treesOf   = `portal_type:"Instance Tree" AND validation_state:validated`
	membersOf = `portal_type:("Software Instance", "Slave Instance") AND validation_state:validated`
)
