package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"slapstar/proxy"
)

// A schemaHost has the schema of a release, and remembers what was asked for.
type schemaHost struct {
	*httptest.Server
	next http.Handler // for other paths

	mu    sync.Mutex
	asked []string
}

// releasePath is where a schemaHost has a release.
const releasePath = "/shop/slapos/raw/1.0/software/kvm/software.cfg"

func newSchemaHost(t *testing.T) *schemaHost {
	h := &schemaHost{next: http.NotFoundHandler()}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/shop/") {
			h.next.ServeHTTP(w, r)
			return
		}
		h.mu.Lock()
		h.asked = append(h.asked, r.URL.String())
		h.mu.Unlock()
		switch r.URL.Path {
		case releasePath + ".json":
			w.Write([]byte(`{"serialisation": "json-in-xml", "software-type": {"default": {"request": "in.json", "response": "out.json"}}}`))
		case filepath.Dir(releasePath) + "/in.json":
			w.Write([]byte(`{"type": "object"}`))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *schemaHost) host() string { return strings.TrimPrefix(h.URL, "http://") }

// taken returns what was asked for since the last time.
func (h *schemaHost) taken() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	asked := h.asked
	h.asked = nil
	return asked
}

// No command that evaluates files asks a host that nobody but the file names, nor one at
// a private address. The hint says how it is allowed.
func TestNoNetworkFromEvaluation(t *testing.T) {
	h := newSchemaHost(t)
	const nested = `request(%q, "vm", {"cpus": [1, 2]})` + "\n"
	for _, test := range []struct {
		name, own, products, release string
		works                        bool
		refusal                      string
	}{
		{"a host that the file names", "", "", h.URL + releasePath, false, "it is not the host of a product, and not allowed"},
		{"a product at a private address", "", h.URL + releasePath, h.URL + releasePath, false, "its address 127.0.0.1 is not public"},
		{"another repository", "", h.URL + releasePath, h.URL + "/shop/hush/software.cfg", false, "not below the product's repository /shop/slapos/"},
		{"a query", "schema_hosts = " + h.host(), "", h.URL + releasePath + "?password=hush", false, "it has a query"},
		{"a host that the operator names", "schema_hosts = " + h.host(), "", h.URL + releasePath, true, ""},
	} {
		config := "[slapos]\nmaster_url = embedded:master.sqlite\n[slapstar]\n" + test.own + "\n"
		if test.products != "" {
			config += "[slapproxy]\nsoftware_product_list =\n  kvm " + test.products + "\n"
		}
		dir := writeFolder(t, map[string]string{
			"slapos.cfg": config, "main.star": fmt.Sprintf(nested, test.release),
			"main_test.star": "def test_plan():\n    plan(\"main.star\")\n",
		})
		file := filepath.Join(dir, "main.star")
		for _, args := range [][]string{
			{"plan", file}, {"apply", "--auto-approve", file}, {"graph", file}, {"orphans", file}, {"validate", file}, {"test", dir}, {"console", file}, {"destroy", "--auto-approve", file},
		} {
			t.Setenv("XDG_CACHE_HOME", t.TempDir())
			var c screen
			code := c.run(context.Background(), "", args...)
			all, asked := c.out.String()+c.err.String(), h.taken()
			hinted := strings.Contains(all, "schema_hosts = "+h.host()) || strings.Contains(test.refusal, "query")
			if args[0] == "test" || args[0] == "console" { // by themselves they ask nobody
				if len(asked) > 0 || !test.works && code == exitDone {
					t.Errorf("%s: %q: exit code %d, asked for %q\n%s", test.name, args, code, asked, all)
				}
				continue
			}
			if test.works != (code == exitDone) || test.works != (len(asked) > 0) || !strings.Contains(all, test.refusal) || !test.works && !hinted {
				t.Errorf("%s: %q: exit code %d, asked for %q\n%s", test.name, args, code, asked, all)
			}
		}
	}
}

// A product of the Master is allowed once the Master has named it, at the Master's own
// address too. A saved plan has the answers of the schemas, and asks for none.
func TestSchemasOfTheMastersProducts(t *testing.T) {
	h := newSchemaHost(t)
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Products: map[string]string{"kvm": h.URL + releasePath}, Simulator: proxy.DefaultSimulator{}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	h.next = server
	dir := writeFolder(t, map[string]string{"main.star": `request(product.kvm, "vm", {"cpus": [1, 2]})`, "bare.star": fmt.Sprintf(`request(%q, "vm", {"cpus": [1, 2]})`, h.URL+releasePath)})
	run := func(want int, args ...string) string {
		t.Helper()
		t.Setenv("XDG_CACHE_HOME", t.TempDir())
		var c screen
		if code := c.run(context.Background(), "", append([]string{"--master-url", h.URL}, args...)...); code != want {
			t.Errorf("%q: exit code %d, want %d\n%s%s", args, code, want, &c.out, &c.err)
		}
		return c.out.String() + c.err.String()
	}
	saved := filepath.Join(dir, "plan.json")
	run(exitDone, "plan", "--out", saved, filepath.Join(dir, "main.star"))
	if asked := h.taken(); len(asked) != 2 || asked[0] != releasePath+".json" || !strings.HasSuffix(asked[1], "/in.json") {
		t.Errorf("asked for %q", asked)
	}
	if said := run(exitFailed, "plan", filepath.Join(dir, "bare.star")); !strings.Contains(said, "it is not the host of a product") || len(h.taken()) > 0 {
		t.Errorf("got %s", said)
	}
	run(exitDone, "apply", "--auto-approve", "--plan", saved)
	if asked := h.taken(); len(asked) > 0 { // the plan keeps what it was told
		t.Errorf("asked for %q", asked)
	}
	run(exitDone, "plan", "--detailed-exitcode", filepath.Join(dir, "main.star"))
}

// A release that is a path is below the root, wherever the working folder is; what is
// outside is not read, and nobody learns whether it is there.
func TestSchemasBelowTheRoot(t *testing.T) {
	schema := `{"serialisation": "json-in-xml", "software-type": {"default": {"request": "in.json", "response": "out.json"}}}`
	outside := writeFolder(t, map[string]string{"software.cfg.json": schema})
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "software.cfg.json": schema, "in.json": `{"type": "object"}`})
	if err := os.Symlink(filepath.Join(outside, "software.cfg.json"), filepath.Join(dir, "link.cfg.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "env"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	file := filepath.Join(dir, "env", "main.star")
	for release, works := range map[string]bool{
		"software.cfg": true, filepath.Join(dir, "software.cfg"): true,
		filepath.Join(outside, "software.cfg"): false, filepath.Join(outside, "nothing.cfg"): false, "../" + filepath.Base(outside) + "/software.cfg": false, "link.cfg": false, "/etc/hostname": false,
	} {
		if err := os.WriteFile(file, fmt.Appendf(nil, "request(%q, \"vm\", {\"cpus\": [1, 2]})\n", release), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"plan", "validate"} {
			var c screen
			code := c.run(context.Background(), "", "--cfg", filepath.Join(dir, "slapos.cfg"), command, "--root", dir, file)
			if works != (code == exitDone) || !works && !strings.Contains(c.err.String(), release+".json: it is outside of the folder of the files") {
				t.Errorf("%s of %s: exit code %d\n%s%s", command, release, code, &c.out, &c.err)
			}
		}
	}
}
