package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/proxy"
)

// A screen is a terminal that a test types at and reads from.
type screen struct {
	out, err bytes.Buffer
	color    bool
	width    func() int
}

// run executes a command line at a terminal; input is what is typed.
func (c *screen) run(ctx context.Context, input string, args ...string) int {
	return execute(ctx, term.Streams{In: strings.NewReader(input), Out: &c.out, Err: &c.err, Interactive: true, Color: c.color, Width: c.width}, append([]string{"slapstar"}, args...))
}

const testConfig = `[slapos]
master_url = embedded:master.sqlite
computer_id = local_computer
[slapproxy]
software_product_list =
  kvm https://lab.example/2.0/kvm/software.cfg
`

// writeFolder writes files into a new folder and returns it.
func writeFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// planViews are the views of which there are goldens.
var planViews = map[string]struct {
	flags []string
	color bool
	width func() int
}{
	"text":     {},
	"json":     {flags: []string{"--format", "json"}},
	"markdown": {flags: []string{"--format", "markdown"}},
	"html":     {flags: []string{"--format", "html"}},
	"summary":  {flags: []string{"--summary"}},
	"brief":    {flags: []string{"--format", "markdown", "--summary"}},
	"secrets":  {flags: []string{"--show-secrets"}},
	"color":    {color: true},
	"width40":  {width: func() int { return 40 }},
	"width80":  {width: func() int { return 80 }},
	"width200": {width: func() int { return 200 }},
}

// TestPlans compares plans with their goldens: each testdata/plan/*.txtar has
// the files of a run, before.star that is applied first, flags of all views, and
// the plan of main.star in some of them: want.VIEW, see planViews. -update rewrites
// these.
func TestPlans(t *testing.T) {
	t.Setenv("SLAPSTAR_TEST_SECRET", "hunter2")
	t.Setenv("SLAPSTAR_DIGEST_KEY", "of the goldens")
	t.Setenv(epoch, "1767323045")
	t.Setenv("CI_COMMIT_SHA", "")
	t.Setenv("GITHUB_SHA", "")
	folder, err := filepath.Abs(filepath.Join("testdata", "plan"))
	if err != nil {
		t.Fatal(err)
	}
	cases, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string]string{"slapos.cfg": testConfig}
			for _, f := range archive.Files {
				files[f.Name] = string(f.Data)
			}
			dir := writeFolder(t, files)
			t.Chdir(dir) // from where the Master has a name that is always the same
			var c screen
			if _, ok := files["before.star"]; ok {
				if code := c.run(context.Background(), "", "apply", "--auto-approve", "--parallelism", "1", filepath.Join(dir, "before.star")); code != 0 {
					t.Fatalf("before.star: exit code %d\n%s", code, &c.err)
				}
			}
			flags := strings.Fields(files["flags"])
			for i, f := range archive.Files {
				name, ok := strings.CutPrefix(f.Name, "want.")
				if !ok {
					continue
				}
				view, ok := planViews[name]
				if !ok {
					t.Fatalf("there is no view %q", name)
				}
				c := screen{color: view.color, width: view.width}
				args := slices.Concat([]string{"plan"}, view.flags, flags, []string{filepath.Join(dir, "main.star")})
				code := c.run(context.Background(), "", args...)
				if code != 0 && code != exitRefused {
					t.Fatalf("exit code %d\n%s", code, &c.err)
				}
				got := strings.ReplaceAll(c.out.String(), "\x1b", "␛")
				if *update {
					archive.Files[i].Data = []byte(got)
				} else if diff := cmp.Diff(string(f.Data), got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A recorder notes the requests that reach a Master.
type recorder struct {
	http.Handler
	mu       sync.Mutex
	requests []string
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.requests = append(r.requests, req.Method+" "+req.URL.Path)
	r.mu.Unlock()
	r.Handler.ServeHTTP(w, req)
}

// isRead reports whether a request cannot change a Master. Reads of the
// JSON-RPC interface are POSTs.
func isRead(request string) bool {
	method := request[strings.LastIndex(request, "/")+1:]
	return strings.HasPrefix(request, "GET ") || strings.HasPrefix(method, "slapos.get.") || strings.HasPrefix(method, "slapos.allDocs.")
}

// plan sends no write, whatever there is to create, update or destroy.
func TestPlanSendsNoWrite(t *testing.T) {
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{}, Products: map[string]string{"kvm": "https://lab.example/kvm/software.cfg"}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	r := &recorder{Handler: server}
	s := httptest.NewServer(r)
	defer s.Close()
	dir := writeFolder(t, map[string]string{
		"before.star": `
request(product.kvm, "edited", {"a": "1"})
request(product.kvm, "gone")
request(product.kvm, "host")
request(product.kvm, "shared", {"a": "1"}, shared = True)
supply(product.kvm, "COMP-1")
`,
		"main.star": `
edited = request(product.kvm, "edited", {"a": "2"})
request(product.kvm, "gone", state = "destroyed")
request(product.kvm, "new", {"u": edited.getConnectionParameter("nothing")})
request(product.kvm, "shared", {"a": "2"}, shared = True)
supply(product.kvm, "COMP-1", "destroyed")
supply(product.kvm, "COMP-2")
`})
	var c screen
	ctx := context.Background()
	if code := c.run(ctx, "", "--master-url", s.URL, "apply", "--auto-approve", filepath.Join(dir, "before.star")); code != 0 {
		t.Fatalf("exit code %d\n%s", code, &c.err)
	}
	written := false
	for _, request := range r.requests {
		written = written || !isRead(request)
	}
	if !written {
		t.Error("the recorder saw no write of apply, so it proves nothing")
	}
	r.requests = nil
	if code := c.run(ctx, "", "--master-url", s.URL, "plan", "--detailed-exitcode", filepath.Join(dir, "main.star")); code != exitPending {
		t.Fatalf("exit code %d\n%s", code, &c.err)
	}
	for _, request := range r.requests {
		if !isRead(request) {
			t.Errorf("plan sent %s", request)
		}
	}
	// The read costs one listing, one read for the shared instance, one for
	// each of the two nodes, one for the product, and two to find the way.
	if len(r.requests) != 7 {
		t.Errorf("plan sent %d requests, want 7:\n%s", len(r.requests), strings.Join(r.requests, "\n"))
	}
}

// Only the word yes is an approval.
func TestApproval(t *testing.T) {
	for _, test := range []struct {
		name, input string
		code        int
		done        bool
	}{
		{"yes", "yes\n", 0, true},
		{"yes without a new line", "yes", 0, true},
		{"y", "y\n", exitFailed, false},
		{"Yes", "Yes\n", exitFailed, false},
		{"nothing", "", exitFailed, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main.star": `request(product.kvm, "vm")`})
			var c screen
			code := c.run(context.Background(), test.input, "apply", filepath.Join(dir, "main.star"))
			if code != test.code || strings.Contains(c.out.String(), "Apply: 1 done") != test.done {
				t.Errorf("got exit code %d, want %d\n%s%s", code, test.code, &c.out, &c.err)
			}
			if !strings.Contains(c.err.String(), "Carry this plan out?") {
				t.Errorf("there was no question:\n%s", &c.err)
			}
			if !test.done && !strings.Contains(c.err.String(), "not approved; nothing was changed") {
				t.Errorf("it does not say that nothing was changed:\n%s", &c.err)
			}
		})
	}
}

// The question names what is destroyed.
func TestApprovalOfDestroys(t *testing.T) {
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "before.star": `request(product.kvm, "vm")`, "main.star": `request(product.kvm, "vm", state = "destroyed")`})
	var c screen
	if code := c.run(context.Background(), "", "apply", "--auto-approve", filepath.Join(dir, "before.star")); code != 0 {
		t.Fatalf("exit code %d\n%s", code, &c.err)
	}
	if code := c.run(context.Background(), "no\n", "apply", filepath.Join(dir, "main.star")); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(c.err.String(), "This destroys instance vm.") {
		t.Errorf("got\n%s", &c.err)
	}
}

// What is asked for and said cannot be bent by names: no escape sequence, no new
// line, no text from right to left.
func TestNamesDoNotSteerTheTerminal(t *testing.T) {
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig,
		"before.star":          `request(product.kvm, "vm\n\nNothing is destroyed, \u202ereally")`,
		"main.star":            `request(product.kvm, "vm\n\nNothing is destroyed, \u202ereally", state = "destroyed")`,
		"bad\x1b]0;x\x07.star": `request(1)`,
		"load.star":            "load(\"bad\\x1b]0;x\\x07.star\", \"x\")",
	})
	var c screen
	ctx := context.Background()
	c.run(ctx, "", "apply", "--auto-approve", filepath.Join(dir, "before.star"))
	c.run(ctx, "no\n", "apply", filepath.Join(dir, "main.star"))
	c.run(ctx, "", "plan", filepath.Join(dir, "load.star"))
	if !strings.Contains(c.err.String(), `This destroys instance vm\n\nNothing is destroyed, \u202ereally.`) {
		t.Errorf("the question is not the one that was expected:\n%s", &c.err)
	}
	if all := c.out.String() + c.err.String(); strings.ContainsAny(all, "\x1b\x07\u202e") {
		t.Errorf("there is a control character in %q", all)
	}
}

// Ctrl-C at the question ends it, although nobody answers.
func TestInterruptedQuestion(t *testing.T) {
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main.star": `request(product.kvm, "vm")`})
	silent, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	defer silent.Close()
	ctx, cancel := context.WithCancel(context.Background())
	var c screen
	question := &cancelOn{Writer: &c.err, text: "Carry this plan out?", cancel: cancel}
	code := execute(ctx, term.Streams{In: silent, Out: &c.out, Err: question, Interactive: true}, []string{"slapstar", "apply", filepath.Join(dir, "main.star")})
	if code != exitInterrupted {
		t.Errorf("got exit code %d, want %d\n%s", code, exitInterrupted, &c.err)
	}
}

// cancelOn cancels when a text is written.
type cancelOn struct {
	*bytes.Buffer
	Writer *bytes.Buffer
	text   string
	cancel context.CancelFunc
}

func (c *cancelOn) Write(p []byte) (int, error) {
	if strings.Contains(string(p), c.text) {
		c.cancel()
	}
	return c.Writer.Write(p)
}

// What the Master does not publish in time: exit code 3, and what is missing.
func TestNotReadyInTime(t *testing.T) {
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	s := httptest.NewServer(server)
	defer s.Close()
	dir := writeFolder(t, map[string]string{"main.star": `
db = request("https://lab.example/db/software.cfg", "db")
request("https://lab.example/app/software.cfg", "app", {"u": db.getConnectionParameter("never")})
`})
	var c screen
	code := c.run(context.Background(), "", "--master-url", s.URL, "apply", "--auto-approve", "--timeout", "50ms", filepath.Join(dir, "main.star"))
	if code != exitNotReady || !strings.Contains(c.err.String(), "slapstar: not ready in time: \"never\" of instance db") ||
		!strings.HasSuffix(c.out.String(), "Apply: 1 done (1 created, 0 updated, 0 destroyed), 0 failed, 1 not started.\n") {
		t.Errorf("got exit code %d\n%s%s", code, &c.out, &c.err)
	}
}
