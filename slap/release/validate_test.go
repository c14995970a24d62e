package release

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
)

// mirror is a folder of schemas, laid out as Schemas.Dir is.
const mirror = "testdata/schemas"

func TestValidate(t *testing.T) {
	files := http.FileServer(http.Dir(filepath.Join(mirror, "lab.example")))
	s := httptest.NewServer(files)
	defer s.Close()
	for name, source := range map[string]struct {
		schemas *Schemas
		release string
	}{
		"path":   {&Schemas{Root: "."}, mirror + "/lab.example/release/software.cfg"},
		"web":    {named(s), s.URL + "/release/software.cfg"},
		"folder": {&Schemas{Dir: mirror}, "https://lab.example/release/software.cfg"},
	} {
		t.Run(name, func(t *testing.T) {
			testValidate(t, source.schemas, source.release)
		})
	}
}

func testValidate(t *testing.T, schemas *Schemas, release string) {
	type parameters = map[string]any
	sites := parameters{"site-list": []any{parameters{"name": "a", "port": "80"}, parameters{"port": 0}, parameters{"name": "b", "port": 443, "sub-site-list": []any{parameters{}}}}}
	wrong := []Violation{
		{"site-list[0].port", "got text, want a whole number"},
		{"site-list[1]", `"name" is missing`},
		{"site-list[1].port", "want at least 1"},
		{"site-list[2].sub-site-list[0]", `"name" is missing`},
	}
	for _, test := range []struct {
		name       string
		kind       string
		shared     bool
		parameters parameters
		entry      string
		want       []Violation
	}{
		{"none", "", false, nil, "default", nil},
		{"right", "", false, parameters{"ram-size": 4096, "title": "shop", "debug": true}, "default", nil},
		{"the former default type", "RootSoftwareInstance", false, parameters{"ram": 1}, "default", []Violation{{"", `"ram" is not known here`}}},
		{"as given, and as read back", "default", false, parameters{"ram-size": "4096", "title": 5, "debug": "True"}, "default",
			[]Violation{{"title", "got a number, want text"}}},
		{"$schema is dropped", "default", false, parameters{"$schema": "https://lab.example/x.json", "ram-size": 1}, "default", []Violation{{"ram-size", "want at least 1024"}}},
		{"_ is a name like others in xml", "default", false, parameters{"_": "{}{}"}, "default", []Violation{{"_", "got 4 characters, want at most 2"}}},
		{"shared", "", true, parameters{"user": 5}, "default-shared", []Violation{{"user", "got a number, want text"}}},
		{"shared, by the id", "default-shared", true, parameters{}, "default-shared", []Violation{{"", `"user" is missing`}}},
		{"json-in-xml, nested", "cluster", false, sites, "cluster", wrong},
		{"json-in-xml, as it travels", "cluster", false,
			parameters{"_": `{"$schema": "x", "site-list": [{"name": "a", "port": "80"}, {"port": 0}, {"name": "b", "port": 443, "sub-site-list": [{}]}]}`}, "cluster", wrong},
		{"json-in-xml, no JSON", "cluster", false, parameters{"_": `{"a": `}, "cluster", []Violation{{"_", "want the JSON of all parameters: unexpected EOF"}}},
		{"json-in-xml, not encoded", "cluster", false, parameters{"_": sites}, "cluster", []Violation{{"_", "want the JSON of all parameters, as text"}}},
		{"json-in-xml, no object", "cluster", false, parameters{"_": `[]`}, "cluster", []Violation{{"", "got a list, want a dictionary"}}},
		{"json-in-xml, not alone", "cluster", false, parameters{"_": `{}`, "site-list": []any{}}, "cluster", []Violation{{"", `"_" is not known here`}}},
		{"not said, as it travels", "free", false, parameters{"_": `{"site-list": 1}`}, "free", []Violation{{"site-list", "got a number, want a list"}}},
		{"not said", "free", false, parameters{"site-list": 1}, "free", []Violation{{"site-list", "got a number, want a list"}}},
	} {
		got, err := schemas.Validate(context.Background(), ParameterCheck{Release: release, SoftwareType: test.kind, Shared: test.shared, Parameters: test.parameters})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got.Type.ID != test.entry {
			t.Errorf("%s: got the entry %q, want %q", test.name, got.Type.ID, test.entry)
		}
		if diff := cmp.Diff(test.want, got.Violations); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if test.entry == "default" {
			if len(got.Unchecked) != 1 || !strings.HasSuffix(got.Unchecked[0].Location, "release/instance-input.json#/properties/title/pattern") {
				t.Errorf("%s: parts that are not checked: %v", test.name, got.Unchecked)
			}
		}
	}

	for _, test := range []struct {
		release, kind string
		shared        bool
		is            error
		want          string
	}{
		{release, "broken", false, errBroken, "broken-input.json: broken schema: at "},
		{release, "nameless", false, errBroken, `software.cfg.json: broken schema: software type "nameless": request: it is missing`},
		{release, "missing", false, slap.ErrNotFound, "missing-input.json"},
		{release + "x", "", false, slap.ErrNotFound, "software.cfgx.json"},
		{release, "cluster", true, nil, release + ` has no shared software type "cluster", only "default" (shared)`},
		{release, "default-shared", false, nil, release + ` has no software type "default-shared", only "default", "cluster", "free"`},
		{release, "clustre", true, nil, release + ` has no shared software type "clustre", only "default" (shared)`},
	} {
		for range 2 { // the second time from memory
			got, err := schemas.Validate(context.Background(), ParameterCheck{Release: test.release, SoftwareType: test.kind, Shared: test.shared})
			if err == nil || !strings.Contains(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%s of %s: got %v and error %v, want one that is %v and contains %q", test.kind, test.release, got, err, test.is, test.want)
			}
			if unknown := new(UnknownTypeError); errors.As(err, &unknown) != (test.is == nil) {
				t.Errorf("%s: got a %T", test.kind, err)
			}
		}
	}
}

func TestValidateUnknown(t *testing.T) {
	schemas := &Schemas{Dir: mirror}
	got, err := schemas.Validate(context.Background(), ParameterCheck{
		Release:    "https://lab.example/release/software.cfg",
		Parameters: map[string]any{"_": "<later>", "ram-size": "<later>"},
		Unknown:    func(text string) bool { return text == "<later>" },
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Violations) > 0 { // the text of a number may come
		t.Errorf("got %v", got.Violations)
	}
}

func TestValidateLimit(t *testing.T) {
	schemas := &Schemas{Dir: mirror}
	sites := make([]any, maxViolations+7)
	for i := range sites {
		sites[i] = i
	}
	got, err := schemas.Validate(context.Background(), ParameterCheck{
		Release: "https://lab.example/release/software.cfg", SoftwareType: "cluster", Parameters: map[string]any{"site-list": sites},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Violations) != maxViolations || got.More != 7 || got.Violations[10].Path != "site-list[10]" {
		t.Errorf("got %d violations and %d more, the 11th at %q", len(got.Violations), got.More, got.Violations[10].Path)
	}
}

// Each file is fetched once, whoever asks for it; a failure is one, too, unless
// it was an interruption.
func TestValidateOnce(t *testing.T) {
	var requests atomic.Int32
	files := http.FileServer(http.Dir(filepath.Join(mirror, "lab.example")))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		files.ServeHTTP(w, r)
	}))
	defer s.Close()
	schemas := named(s)
	cluster := ParameterCheck{Release: s.URL + "/release/software.cfg", SoftwareType: "cluster"}
	interrupted, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := schemas.Validate(interrupted, cluster); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	requests.Store(0)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := schemas.Validate(context.Background(), cluster); err != nil {
				t.Error(err)
			}
			missing := ParameterCheck{Release: s.URL + "/nothing/software.cfg"}
			if _, err := schemas.Validate(context.Background(), missing); !errors.Is(err, slap.ErrNotFound) {
				t.Errorf("got error %v, want %v", err, slap.ErrNotFound)
			}
		})
	}
	wg.Wait()
	if got := requests.Load(); got != 4 { // the release, its request schema, what that refers to; and the one that is not there
		t.Errorf("it took %d requests, want 4", got)
	}
}

// A schema on the web learns nothing of the files here, and where nobody
// listens there is no schema.
func TestValidateWeb(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.json")
	if err := os.WriteFile(secret, []byte(`{"enum": ["the secret"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/software.cfg.json":
			w.Write([]byte(`{"software-type": {
				"default": {"request": "in.json", "response": "out.json"},
				"long": {"request": "long.json", "response": "out.json"},
				"elsewhere": {"request": "elsewhere.json", "response": "out.json"}}}`))
		case "/in.json":
			w.Write([]byte(`{"$ref": "file://` + secret + `"}`))
		case "/long.json":
			w.Write([]byte(`{"$ref": "longer.json"}`))
		case "/longer.json":
			w.Write([]byte(strings.Repeat(" ", maxSchema+1)))
		case "/elsewhere.json":
			w.Write([]byte(`{"$ref": "http://127.0.0.1:1/x.json"}`))
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	schemas := named(s, "http://127.0.0.1:1")
	for kind, want := range map[string]string{
		"default":   "a schema from the web cannot refer to the local file",
		"long":      "longer than 4 MiB",
		"elsewhere": "the schema cannot be fetched",
	} {
		err := allErrors(schemas.Validate(context.Background(), ParameterCheck{Release: s.URL + "/software.cfg", SoftwareType: kind}))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "the secret") {
			t.Errorf("%s: got error %v, want one that contains %q", kind, err, want)
		}
	}
}

// Dir stands for the web and for nothing else, and is not left.
func TestSchemasDir(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"secret":                     "secret",
		"mirror/lab.example/a b":     "space",
		"mirror/lab.example:8443/a":  "port",
		"mirror/lab.example/a?ref=x": "query",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	schemas := &Schemas{Dir: filepath.Join(dir, "mirror")}
	for location, want := range map[string]string{
		"https://lab.example/a%20b":     "space",
		"http://lab.example/x/../a%20b": "space",
		"https://lab.example:8443/a":    "port",
		"https://lab.example/a?ref=x":   "query",
	} {
		got, err := schemas.file(context.Background(), location)
		if err != nil || string(got) != want {
			t.Errorf("%s: got %q, error %v, want %q", location, got, err, want)
		}
	}
	for location, want := range map[string]string{
		"https://lab.example/nothing":              "not found",
		"https://lab.example/../secret":            "not found",
		"https://../secret":                        "there can be no file for this URL",
		"https://lab.example/a?/../../../secret":   "there can be no file for this URL",
		"https://lab.example/%2e%2e/%2e%2e/secret": "not found",
		"https://lab.example":                      "no regular file",
		filepath.Join(dir, "secret"):               "outside of the folder",
	} {
		got, err := schemas.file(context.Background(), location)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %q and error %v, want one that contains %q", location, got, err, want)
		}
	}
}
