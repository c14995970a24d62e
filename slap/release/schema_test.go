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
		{"cluster", false, "cluster"}, {"cluster", true, ""}, {"default-slave", true, "default-slave"}, {"default-slave", false, ""}, {"nothing", false, ""},
	} {
		if got, ok := want.Type(test.kind, test.shared); got.ID != test.id || ok != (test.id != "") {
			t.Errorf("Type(%q, %t): got %q, want %q", test.kind, test.shared, got.ID, test.id)
		}
	}
	for release, want := range map[string]string{
		s.URL + "/nothing/software.cfg": "404",
		s.URL + "/long/software.cfg":    "longer than 4 MiB",
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

// One entry that makes no sense does not take the others with it.
func TestSchemaEntries(t *testing.T) {
	for _, test := range []struct{ entry, broken string }{
		{`{"request": "in.json", "response": "out.json"}`, ""},
		{`{"request": "in.json", "response": ""}`, ""},
		{`{"request": "in.json"}`, ""},
		{`{"request": "in.json", "response": null, "title": 5, "index": "1", "description": {}}`, ""},
		{`{"request": "in.json", "response": 3}`, ""},
		{`{"request": ""}`, "request: it is missing"},
		{`{"response": "out.json"}`, "request: it is missing"},
		{`{"request": "file:///etc/hostname"}`, "request: got \"file:///etc/hostname\", want a location on the web, as the release"},
		{`{"request": "in.json", "serialisation": "yaml"}`, `serialisation: got "yaml", want "xml" or "json-in-xml"`},
		{`"in.json"`, "its entry is no object"},
		{`null`, "request: it is missing"},
	} {
		for _, text := range []string{`{"software-type": {"other": ` + test.entry + `, "default": {"serialisation": "xml", "request": "in.json"}}}`} {
			schema, err := parseSchema("https://lab.example/software.cfg", []byte(text))
			if err != nil {
				t.Errorf("%s: %v", test.entry, err)
				continue
			}
			if other, ok := schema.Type("other", false); !ok || other.Broken != test.broken {
				t.Errorf("%s: got %q, want %q", test.entry, other.Broken, test.broken)
			}
			if kind, ok := schema.Type("", false); !ok || kind.Broken != "" || kind.Serialisation != slap.XML || kind.Request != "https://lab.example/in.json" {
				t.Errorf("%s: the default is %+v", test.entry, kind)
			}
		}
	}
	for text, want := range map[string]string{`{}`: "it names no software-type", `{"software-type": []}`: "software-type: want an object", `{"software-type": {}}`: "it names no software-type", `[]`: "cannot unmarshal array"} {
		if _, err := parseSchema("x", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want one that contains %q", text, err, want)
		}
	}
}

// Older releases give a type twice, or call the default as it was called.
func TestSchemaTypeTwice(t *testing.T) {
	for _, test := range []struct {
		types  string
		kind   string
		shared bool
		want   string
	}{
		{`"default": {"request": "a"}, "default": {"request": "b", "shared": true}`, "default", false, "a"},
		{`"default": {"request": "a"}, "default": {"request": "b", "shared": true}`, "default", true, "b"},
		{`"default": {"request": "a"}, "default": {"request": "b"}`, "", false, "b"},
		{`"default": {"request": "b"}, "RootSoftwareInstance": {"request": "a", "software-type": "default", "index": -1}`, "", false, "b"},
		{`"RootSoftwareInstance": {"request": "a"}`, "", false, "a"},
		{`"RootSoftwareInstance": {"request": "a"}`, "RootSoftwareInstance", false, "a"},
		{`"RootSoftwareInstance": {"request": "a"}, "slave": {"request": "b", "software-type": "RootSoftwareInstance", "shared": true}`, "", true, "b"},
		{`"default": {"request": "a", "software-type": "other"}, "new": {"request": "b", "software-type": "default"}`, "default", false, "b"},
	} {
		schema, err := parseSchema("/r/software.cfg", []byte(`{"software-type": {`+test.types+`}}`))
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := schema.Type(test.kind, test.shared); !ok || got.Request != "/r/"+test.want {
			t.Errorf("%s: type %q, shared %t: got %q, want %q", test.types, test.kind, test.shared, got.Request, test.want)
		}
	}
}
