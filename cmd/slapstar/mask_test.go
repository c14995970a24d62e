package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/proxy"
	"slapstar/slap"
)

// marker is a secret with what programs write in other ways.
const marker = `marker"&42<ö> x`

// leaks are what would be read of the marker, or of enough of it.
func leaks(text string) []string {
	var found []string
	for _, form := range []string{"marker", "bWFya2Vy", "1hcmtlc", "tYXJrZX"} { // in base64, at any place
		if strings.Contains(text, form) {
			found = append(found, form)
		}
	}
	return found
}

// repeating is a Master whose instances publish the parameter "pw" of the others in all
// forms, whose nodes report it, and whose error pages repeat the request.
func repeating(t *testing.T) string {
	t.Helper()
	master, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: echo{}, NoDelays: true})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isRead(r.Method + " " + r.URL.Path) {
			r.ParseForm()
			if strings.Contains(r.Form.Get("partition_reference"), "refused") {
				w.WriteHeader(http.StatusBadRequest)
				// What is cut for a message begins in the middle of the secret.
				fmt.Fprintf(w, "<html><body><p>%s %s</p></body></html>", strings.Repeat("x", 292), html.EscapeString(marker)+" "+r.Form.Encode())
				return
			}
		}
		master.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		s.Close()
		master.Close()
	})
	return s.URL
}

// echo is a simulator whose instances publish what they were given, and fail with it.
type echo struct{ proxy.DefaultSimulator }

func (echo) Instance(_ context.Context, i proxy.SimulatedInstance) (proxy.Reaction, error) {
	pw := i.Parameters["pw"]
	if strings.HasPrefix(i.Name, "broken") {
		return proxy.Reaction{Error: strings.Repeat("y", 290) + " cannot log in with " + pw}, nil
	}
	if i.State == slap.Destroyed {
		return proxy.Reaction{}, nil
	}
	inJSON, err := json.Marshal(map[string]string{"inside": "the " + pw})
	return proxy.Reaction{Connection: slap.Parameters{
		"note":     "made with " + pw + " today",
		"document": string(inJSON),
		"query":    "http://h/?q=" + url.QueryEscape(pw),
		"basic":    "Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+pw)),
		"ready":    "yes",
	}}, err
}

// Wherever the Master has a secret, and in whatever form: no command writes it.
func TestNothingShowsASecret(t *testing.T) {
	t.Setenv("MARKER", marker)
	t.Setenv("HOME", t.TempDir())
	dir := writeFolder(t, map[string]string{
		"slapos.cfg": "[slapos]\nmaster_url = " + repeating(t) + "/\n",
		"main.star": `kvm = "https://lab.example/kvm/software.cfg"
pw = secret("pw")
echo = request(kvm, "echo", {"pw": pw})
read = {k: echo.getConnectionParameter(k) + var("end", default = "") for k in ["note", "document", "query", "basic"]}
print("read", read["note"], read["basic"])
request(kvm, "reader", read)
`,
		"more.star":    "load(\"main.star\", \"kvm\", \"pw\")\nrequest(kvm, \"broken\", {\"pw\": pw}, wait_for = [\"never\"])\nrequest(kvm, \"refused\", {\"pw\": pw})\n",
		"fails.star":   "load(\"main.star\", \"read\")\nsecret(\"pw\")\nfail(\"it is\", getInformation(\"reader\").getInstanceParameter(\"note\"))\n",
		"own.star":     "secret(\"pw\")\nowns(\"*\")\nrequest(\"https://lab.example/kvm/software.cfg\", \"e\")\n",
		"console.star": "secret(\"pw\"); h = getInformation(\"reader\")\nprint(h.getInstanceParameter(\"note\"))\nprint(h.getInstanceParameterDict(), getInformation(\"echo\").getConnectionParameterDict())\nrequest(\"https://lab.example/kvm/software.cfg\", \"reader\", {\"other\": \"1\"})\n",
	})
	secret := []string{"--secret", "pw=env:MARKER"}
	file := func(name string) string { return filepath.Join(dir, name) }
	said := 0
	for _, step := range []struct {
		code int
		args []string
	}{
		{0, []string{"-vv", "apply", "--auto-approve", file("main.star")}},
		{0, []string{"plan", "--detailed-exitcode", file("main.star")}},
		{0, []string{"plan", "--var", "end=!", file("main.star")}},
		{0, []string{"plan", "--var", "end=!", "--format", "json", file("main.star")}},
		{0, []string{"plan", "--var", "end=!", "--format", "markdown", file("main.star")}},
		{0, []string{"plan", "--var", "end=!", "--summary", file("main.star")}},
		{0, []string{"plan", "--var", "end=!", "--out", file("saved.plan.json"), file("main.star")}},
		{0, []string{"graph", "--all", file("main.star")}},
		{0, []string{"orphans", file("own.star")}},
		{0, []string{"orphans", "--format", "json", file("own.star")}},
		{0, []string{"plan", "--allow-mass-destroy", file("own.star")}},
		{1, []string{"plan", file("fails.star")}},
		{0, []string{"validate", "--no-schemas", file("main.star")}},
		{1, []string{"-vv", "apply", "--auto-approve", "--timeout", "300ms", file("more.star")}},
		{1, []string{"apply", "--auto-approve", "--format", "json", "--timeout", "300ms", file("more.star")}},
		{0, []string{"console", "--yes", file("console.star")}},
		{0, []string{"console", "--staged", "-c", "secret(\"pw\"); request(\"https://lab.example/kvm/software.cfg\", \"echo\", {\"x\": getInformation(\"echo\").getConnectionParameter(\"note\")}); plan()"}},
	} {
		for _, width := range []func() int{nil, func() int { return 60 }} {
			c := screen{width: width}
			args := slices.Concat([]string{"--cfg", file("slapos.cfg")}, step.args)
			code := c.run(context.Background(), "", append(args, secret...)...)
			all := c.out.String() + c.err.String()
			if found := leaks(all); len(found) > 0 {
				t.Errorf("%v shows %q:\n%s", step.args, found, all)
			}
			if width == nil && code != step.code {
				t.Errorf("%v: got exit code %d, want %d:\n%s", step.args, code, step.code, all)
			}
			if strings.Contains(strings.Join(step.args, " "), "--format json") {
				for line := range strings.Lines(c.out.String()) {
					if strings.Contains(strings.Join(step.args, " "), "apply") && !json.Valid([]byte(line)) {
						t.Errorf("%v: %s is no JSON", step.args, line)
					}
				}
				if step.args[0] != "apply" && !json.Valid(c.out.Bytes()) {
					t.Errorf("%v: %s is no JSON", step.args, &c.out)
				}
			}
			said += strings.Count(all, "(secret)")
		}
	}
	if said < 20 {
		t.Errorf("only %d secrets were hidden: does the Master have them?", said)
	}
	saved, err := os.ReadFile(file("saved.plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	if found := leaks(string(saved)); len(found) > 0 {
		t.Errorf("the saved plan shows %q:\n%s", found, saved)
	}
}

// A secret that is a word of slapstar, or a digit, changes neither the counts nor the
// words of its documents.
func TestCountsAreNotTouched(t *testing.T) {
	for _, secret := range []string{"2", "create", "to create", "destroy", "update", "Plan: 2", "unchanged", "instance"} {
		t.Setenv("WORD", secret)
		dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main.star": `request(product.kvm, "a", {"p": secret("w")}); request(product.kvm, "b")`})
		run := func(args ...string) string {
			var c screen
			if code := c.run(context.Background(), "", append([]string{"--cfg", filepath.Join(dir, "slapos.cfg")}, append(args, "--secret", "w=env:WORD", filepath.Join(dir, "main.star"))...)...); code != 0 {
				t.Errorf("%q: exit code %d:\n%s%s", secret, code, &c.out, &c.err)
			}
			return c.out.String()
		}
		if got := run("plan"); !strings.HasSuffix(got, "\nPlan: 2 to create, 0 to update, 0 to destroy.\n") {
			t.Errorf("%q: got\n%s", secret, got)
		}
		if got := run("plan", "--format", "markdown"); !strings.Contains(got, "\n## Plan: 2 to create, 0 to update, 0 to destroy\n") {
			t.Errorf("%q: got\n%s", secret, got)
		}
		var document struct {
			Changes []struct{ Action, Kind string }
			Summary struct{ Create int }
		}
		if err := json.Unmarshal([]byte(run("plan", "--format", "json")), &document); err != nil || document.Summary.Create != 2 || document.Changes[0].Action != "create" || document.Changes[0].Kind != "instance" {
			t.Errorf("%q: got %v, %v", secret, document, err)
		}
		if got := run("apply", "--auto-approve"); !strings.Contains(got, "\nApply: 2 done (2 created, 0 updated, 0 destroyed), 0 failed, 0 not started.\n") {
			t.Errorf("%q: got\n%s", secret, got)
		}
		if got := run("plan"); !strings.HasSuffix(got, "\nNo changes. 2 unchanged.\n") {
			t.Errorf("%q: got\n%s", secret, got)
		}
	}
}

// Nor does it change the counts and words of a test run and of a validation, and the
// names of files and tests.
func TestSecretsInTestAndValidate(t *testing.T) {
	dir := writeFolder(t, map[string]string{
		"slapos.cfg": testConfig,
		"c_test.star": `def test_a():
    plan("s.star", secrets = {"s": "0 passed, 1 failed", "t": "AIL  c_", "u": "c_test.star", "v": "test_a", "w": "slapstar"})
    fail("x slapstar")
`,
		"s.star": "for i in \"stuvw\".elems():\n    secret(i)\n",
		"main.star": `[secret(n) for n in ["a", "b", "c", "d", "e"]]
request("http://nowhere.invalid/software.cfg", "the-name")
`,
	})
	t.Chdir(dir)
	run := func(code int, args ...string) (out, notes string) {
		var c screen
		if got := c.run(context.Background(), "", append([]string{"--cfg", "slapos.cfg"}, args...)...); got != code {
			t.Errorf("%q: exit code %d:\n%s%s", args, got, &c.out, &c.err)
		}
		return c.out.String(), c.err.String()
	}
	out, notes := run(1, "test")
	if !strings.HasPrefix(out, "FAIL  c_test.star test_a\n0 passed, 1 failed, in ") || !strings.HasPrefix(notes, "slapstar: ") || !strings.Contains(notes, "x (secret)") {
		t.Errorf("got\n%s%s", out, notes)
	}
	out, _ = run(1, "test", "--format", "json")
	for _, want := range []string{`"file": "c_test.star"`, `"name": "test_a"`, "x (secret)"} {
		if !strings.Contains(out, want) {
			t.Errorf("there is no %s in\n%s", want, out)
		}
	}
	for name, value := range map[string]string{"A": "instances", "B": "warning", "C": "instance", "D": "the-name", "E": "installation"} {
		t.Setenv(name, value)
	}
	secrets := []string{"--secret", "a=env:A", "--secret", "b=env:B", "--secret", "c=env:C", "--secret", "d=env:D", "--secret", "e=env:E", "main.star"}
	out, notes = run(0, append([]string{"validate"}, secrets...)...)
	if out != "Valid: 1 instance, 0 software installations.\nParameters: 0 checked, 1 not checked; 0 open.\n" || !strings.Contains(notes, ": warning: instance (secret): ") {
		t.Errorf("got\n%s%s", out, notes)
	}
	out, _ = run(0, append([]string{"validate", "--format", "json"}, secrets...)...)
	for _, want := range []string{`"severity": "warning"`, `"address": "instance (secret)"`} {
		if !strings.Contains(out, want) {
			t.Errorf("there is no %s in\n%s", want, out)
		}
	}
}

// Nor does it change the kinds, labels and other words of a plan: but names and keys of
// files are hidden, also where they are the same words.
func TestWordsOfPlansAreNotTouched(t *testing.T) {
	words := []string{"instance", "parameters", "release", "software", "software_release", "network_guid", "the same values", "Master", "Updated", "details", "summary", "Digest"}
	var secrets, names []string
	for i, word := range words {
		name := string(rune('a' + i))
		names = append(names, name)
		t.Setenv("WORD_"+name, word)
		secrets = append(secrets, "--secret", name+"=env:WORD_"+name)
	}
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main.star": fmt.Sprintf(`[secret(n) for n in %q.elems()]
request("http://nowhere.invalid/x.cfg", "vm", {"a": "b", "instance": "c"})
request("http://nowhere.invalid/x.cfg", "release", {"x": "the parameters"})
supply("http://nowhere.invalid/x.cfg", "local_computer")
`, strings.Join(names, ""))})
	run := func(args ...string) string {
		var c screen
		if code := c.run(context.Background(), "", slices.Concat([]string{"--cfg", filepath.Join(dir, "slapos.cfg")}, args, secrets, []string{filepath.Join(dir, "main.star")})...); code != 0 {
			t.Errorf("%q: exit code %d:\n%s%s", args, code, &c.out, &c.err)
		}
		return c.out.String()
	}
	for _, test := range []struct {
		args []string
		want []string
	}{
		{[]string{"plan"}, []string{"  + instance vm ", "  + instance (secret) ", "  + software http://nowhere.invalid/x.cfg on local_computer ", "\n      software_release  http:", "\n      parameters\n", " (secret) ", "\nMaster: "}},
		{[]string{"plan", "--format", "markdown"}, []string{"| &#43; | <code>instance vm</code>", "<code>instance &#40;secret&#41;</code>", "\n    software_release  http:", "\n    parameters\n", "(secret ", "\nMaster: ", "\nDigest: `"}},
		{[]string{"plan", "--format", "json"}, []string{`"address": "instance vm"`, `"address": "instance (secret)"`, `"address": "software http:`, `"name": "(secret)"`, `"software_release"`, `"parameters",`, `"(secret `}},
		{[]string{"graph"}, []string{`create instance vm`, `create instance #40;secret#41;`}},
		{[]string{"apply", "--auto-approve", "--format", "json"}, []string{`"address":"instance vm"`, `"done":["`, `"instance (secret)"`}},
	} {
		got := run(test.args...)
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%q: there is no %q in\n%s", test.args, want, got)
			}
		}
		for _, leak := range []string{"instance release", "instance instance", `"name": "release"`, "the parameters", "(secret) vm", "software_(secret)"} {
			if strings.Contains(got, leak) {
				t.Errorf("%q: there is %q in\n%s", test.args, leak, got)
			}
		}
	}
}

// What the streams keep is written at the end, and its failure is one of the command.
func TestStreamsAreFlushed(t *testing.T) {
	t.Setenv("WORD", "\nsix-and-more")
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "x.star": `secret("w"); print("end")`})
	var out strings.Builder
	code := execute(context.Background(), term.Streams{In: strings.NewReader(""), Out: &out, Err: &out},
		[]string{"slapstar", "--cfg", filepath.Join(dir, "slapos.cfg"), "console", "--secret", "w=env:WORD", filepath.Join(dir, "x.star")})
	if code != 0 || out.String() != "end\n" {
		t.Errorf("got %d and %q", code, out.String())
	}
}
