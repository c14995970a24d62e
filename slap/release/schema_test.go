package release

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
)

const schemaFile = `{
  "name": "KVM", "description": "Virtual machines", "serialisation": "xml",
  "software-type": {
    "default": {"title": "One", "description": "One machine", "request": "instance-kvm-input.json", "response": "instance-kvm-output.json", "index": 1},
    "cluster": {"title": "Many", "serialisation": "json-in-xml", "request": "sub/in.json", "response": "/abs/out.json", "index": 0},
    "default-slave": {"title": "Shared", "software-type": "default", "shared": true, "request": "https://other.example/in.json", "response": "out.json", "index": 2}
  }
}`

func TestSchemas(t *testing.T) {
	requests := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		switch r.URL.Path {
		case "/kvm/software.cfg.json":
			w.Write([]byte(schemaFile))
		case "/broken/software.cfg.json":
			w.Write([]byte(`{"software-type": {"a": {"request": "x", "response": "y", "serialisation": "yaml"}}}`))
		case "/local/software.cfg.json":
			w.Write([]byte(`{"software-type": {"a": {"request": "file:///etc/hostname", "response": "y"}}}`))
		case "/long/software.cfg.json":
			w.Write([]byte(strings.Repeat(" ", maxSchema+1)))
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	schemas := named(s, "http://127.0.0.1:1")
	ctx := context.Background()
	release := s.URL + "/kvm/software.cfg"
	want := &Schema{Name: "KVM", Description: "Virtual machines", Types: []Type{
		{ID: "cluster", SoftwareType: "cluster", Title: "Many", Serialisation: slap.JSONInXML, Request: s.URL + "/kvm/sub/in.json", Response: s.URL + "/abs/out.json"},
		{ID: "default", SoftwareType: "default", Title: "One", Description: "One machine", Serialisation: slap.XML, Request: s.URL + "/kvm/instance-kvm-input.json", Response: s.URL + "/kvm/instance-kvm-output.json"},
		{ID: "default-slave", SoftwareType: "default", Shared: true, Title: "Shared", Serialisation: slap.XML, Request: "https://other.example/in.json", Response: s.URL + "/kvm/out.json"},
	}}
	for range 2 { // the second time from the cache
		got, err := schemas.Release(ctx, release)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if requests != 1 {
		t.Errorf("it took %d requests, want 1", requests)
	}
	for _, test := range []struct {
		kind   string
		shared bool
		id     string
	}{
		{"default", false, "default"}, {"", false, "default"}, {"RootSoftwareInstance", false, "default"}, {"default", true, "default-slave"},
		{"cluster", false, "cluster"}, {"cluster", true, "cluster"}, {"default-slave", false, "default-slave"}, {"nothing", false, ""},
	} {
		if got, ok := want.Type(test.kind, test.shared); got.ID != test.id || ok != (test.id != "") {
			t.Errorf("Type(%q, %t): got %q, want %q", test.kind, test.shared, got.ID, test.id)
		}
	}
	for release, want := range map[string]string{
		s.URL + "/nothing/software.cfg": "404",
		s.URL + "/broken/software.cfg":  `serialisation: got "yaml"`,
		s.URL + "/long/software.cfg":    "longer than 4 MiB",
		s.URL + "/local/software.cfg":   "want a location on the web",
		"/nowhere/software.cfg":         "outside of the folder",
		"http://127.0.0.1:1/x":          "refused",
	} {
		if _, err := schemas.Release(ctx, release); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Release(%q): got error %v, want one that contains %q", release, err, want)
		}
	}
	if _, err := schemas.Release(ctx, s.URL+"/nothing/software.cfg"); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("got error %v, want %v", err, slap.ErrNotFound)
	}
}

// named are Schemas of an operator who named the hosts.
func named(s *httptest.Server, more ...string) *Schemas {
	schemas := &Schemas{}
	for _, u := range append(more, s.URL) {
		_, host, _ := strings.Cut(u, "://")
		schemas.Policy.Hosts = append(schemas.Policy.Hosts, host)
	}
	return schemas
}

func TestSchemasOfAPath(t *testing.T) {
	dir := t.TempDir()
	release := filepath.Join(dir, "software.cfg")
	if err := os.WriteFile(release+".json", []byte(schemaFile), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, location := range []string{release, "file://" + release} {
		schemas := &Schemas{Root: dir}
		got, err := schemas.Release(context.Background(), location)
		if err != nil {
			t.Fatal(err)
		}
		entry, _ := got.Type("default", false)
		if want := filepath.Join(dir, "instance-kvm-input.json"); entry.Request != want {
			t.Errorf("%s: got %q, want %q", location, entry.Request, want)
		}
	}
}
