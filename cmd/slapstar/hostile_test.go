package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/proxy"
	"slapstar/starlib/lang"
)

const (
	pastTime   = "stopped: evaluating and planning took longer than 2s (--max-time)"
	pastMemory = "stopped: evaluating and planning took more than 256MiB of memory (--max-memory)"
)

// slowStep takes a minute in one step, which nobody looks up from.
const slowStep = "x = [(i << 32, 1) for i in range(300000)]\ny = dict(x)"

// A hostile is a file that would take for ever, or all memory, or the stack.
type hostile struct {
	source string
	want   string // in the message
}

// manyCalls is a chain of functions, each of which calls the one before.
func manyCalls(n int) string {
	var b strings.Builder
	b.WriteString("def f0():\n    pass\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "def f%d():\n    f%d()\n", i, i-1)
	}
	fmt.Fprintf(&b, "f%d()\n", n-1)
	return b.String()
}

// lastsLong leaves a test out that waits for limits, or has to keep to one: the race
// detector makes all slower.
func lastsLong(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds, which are counted")
	}
}

// A chain of calls that takes all of the stack ends, with a message and without a word of
// the runtime. What else a file can be is in the folder untrusted.
func TestHostileStack(t *testing.T) {
	lastsLong(t)
	t.Parallel()
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main.star": manyCalls(400_000)})
	for _, command := range []string{"plan", "console"} {
		endsHostile(t, command, filepath.Join(dir, "main.star"))
	}
}

// endsHostile runs the program with small limits, which fails in time and says why in
// one message. It returns what was said.
func endsHostile(t *testing.T, args ...string) string {
	t.Helper()
	out, code := endsInTime(t, args...)
	if code != exitFailed {
		t.Errorf("exit code %d, want %d\n%.600s", code, exitFailed, out)
	}
	if n := strings.Count(out, "slapstar: "); n != 1 {
		t.Errorf("there are %d messages:\n%.600s", n, out)
	}
	return out
}

// endsInTime runs the program with small limits and returns what it wrote.
func endsInTime(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // of which 3 s are enough on a machine that does nothing else
	defer cancel()
	cmd := exec.CommandContext(ctx, "slapstar", append([]string{"--max-memory", "256MiB", "--max-time", "2s"}, args...)...)
	text, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("%q does not end", args)
	}
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	for _, word := range []string{"goroutine", "fatal error", "panic", "runtime.", "DATA RACE"} {
		if bytes.Contains(text, []byte(word)) {
			t.Errorf("%q: the runtime speaks:\n%.2000s", args, text)
		}
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// Nothing was written before the limit.
func TestHostileApplyWritesNothing(t *testing.T) {
	lastsLong(t)
	t.Parallel()
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main.star": "request(product.kvm, 'vm')\n" + slowStep})
	endsHostile(t, "apply", "--auto-approve", filepath.Join(dir, "main.star"))
	if out, code := endsInTime(t, "--cfg", filepath.Join(dir, "slapos.cfg"), "list"); code != exitDone || strings.Contains(out, "vm") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// fmt evaluates nothing, and parses all.
func TestHostileFormat(t *testing.T) {
	lastsLong(t)
	t.Parallel()
	for name, h := range map[string]hostile{
		"digits":    {"x = " + strings.Repeat("9", 8_000_000), "main.star:1:"},
		"nested":    {"x = " + strings.Repeat("[", 900) + strings.Repeat("]", 900), ""},
		"sum":       {"x = 1" + strings.Repeat(" + 1", 2_000_000), "main.star:1:"},
		"long list": {"x = [" + strings.Repeat("1, ", 2_500_000) + "]", ""},
		"not":       {"x = " + strings.Repeat("not ", 2_000_000) + "1", "main.star"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeFolder(t, map[string]string{"main.star": h.source})
			out, code := endsInTime(t, "fmt", "--check", filepath.Join(dir, "main.star"))
			if !strings.Contains(out, h.want) || h.want != "" && code != exitFailed {
				t.Errorf("exit code %d\n%.600s\nwant %q", code, out, h.want)
			}
		})
	}
}

// Planning counts as evaluating does: here the names of instances that are depended on
// and not declared are compared with those that are.
func TestHostilePlanning(t *testing.T) {
	lastsLong(t)
	t.Parallel()
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main.star": `
for i in range(6000):
    request(product.kvm, "%d" % i + "a" * 150, depends_on = ["%d" % i + "b" * 140])
`})
	out := endsHostile(t, "plan", filepath.Join(dir, "main.star"))
	if !strings.Contains(out, pastTime) && !strings.Contains(out, "no file declares an instance") {
		t.Errorf("got\n%.600s", out)
	}
}

// Every instance depends on all before it: this took a minute.
func TestManyDependencies(t *testing.T) {
	lastsLong(t)
	t.Parallel()
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main.star": `
names = []
for i in range(3000):
    request(product.kvm, "vm-%d" % i, depends_on = names)
    names.append("vm-%d" % i)
`})
	out, err := exec.Command("slapstar", "plan", "--summary", filepath.Join(dir, "main.star")).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Plan: 3000 to create") {
		t.Errorf("error %v\n%.600s", err, out)
	}
}

// A function of a test counts, and so does a file that it plans.
func TestHostileTests(t *testing.T) {
	lastsLong(t)
	t.Parallel()
	for name, h := range map[string]hostile{
		"in a test":      {"def test_it():\n    x = dict([(i << 32, 1) for i in range(300000)])", "main_test.star:2:5: " + pastTime},
		"in a plan":      {"def test_it():\n    plan('other.star')", "other.star:2:1: " + pastTime},
		"in an equation": {"x = (1,)\nfor _ in range(100):\n    x = (x, x)\ny, x = [x], 0\ndef test_it():\n    x = (1,)\n    for _ in range(100):\n        x = (x, x)\n    assert.eq(x, (x, 1))\ny = 0", "assert.eq: there would be more than 2 million elements"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main_test.star": h.source, "other.star": slowStep})
			if out := endsHostile(t, "test", dir); !strings.Contains(out, h.want) {
				t.Errorf("got\n%.600s\nwant %q", out, h.want)
			}
		})
	}
	// A test that is past its time is the last one.
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig})
	var many strings.Builder
	for i := range 100 {
		fmt.Fprintf(&many, "def test_%d():\n    [None for a in range(1000) for b in range(1000)]\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "a_test.star"), []byte(many.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := endsHostile(t, "test", dir); !strings.Contains(out, pastTime) || strings.Count(out, "FAIL") != 1 {
		t.Errorf("got\n%.600s", out)
	}
}

// A schema that takes for ever ends as well, and so does what a console reads.
func TestHostileInputs(t *testing.T) {
	lastsLong(t)
	t.Parallel()
	dir := writeFolder(t, map[string]string{
		"software.cfg.json": `{"serialisation": "xml", "software-type": {"default": {"request": "in.json", "response": "in.json"}}}`,
		"in.json":           `{"additionalProperties": {"pattern": "(?:a?){1000}b"}}`,
		"slapos.cfg":        testConfig,
	})
	file := filepath.Join(dir, "main.star")
	source := fmt.Sprintf("request(%q, 'vm', {'x': 'a' * 60000000})", filepath.Join(dir, "software.cfg"))
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := endsInTime(t, "validate", file)
	if !strings.Contains(out, "too much work") && !strings.Contains(out, pastTime) && !strings.Contains(out, pastMemory) {
		t.Errorf("got\n%.600s", out)
	}
	if out := endsHostile(t, "--cfg", filepath.Join(dir, "slapos.cfg"), "console", "-c", slowStep); !strings.Contains(out, "<command>:2:1: "+pastTime) {
		t.Errorf("got\n%.600s", out)
	}
	if out := endsHostile(t, "proxy", "--simulate", func() string {
		path := filepath.Join(dir, "simulate.star")
		if err := os.WriteFile(path, []byte(slowStep), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}(), "--port", "1", "--database", filepath.Join(dir, "proxy.sqlite")); !strings.Contains(out, "simulate.star:2:1: "+pastTime) {
		t.Errorf("got\n%.600s", out)
	}
}

// strangeDatabase makes a folder with the database of an embedded Master, which a stranger
// has changed.
func strangeDatabase(t *testing.T, statements string) (dir string) {
	t.Helper()
	dir = writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main.star": ""})
	file := filepath.Join(dir, "strange.sqlite")
	server, err := proxy.Open(proxy.Options{Database: file})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A database of a stranger is refused before its SQL runs: that did not end, and one
// signal did not end it either.
func TestHostileDatabase(t *testing.T) {
	lastsLong(t)
	t.Parallel()
	dir := strangeDatabase(t, `ALTER TABLE instance RENAME TO instance2; CREATE VIEW instance AS SELECT * FROM instance2
		WHERE (WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c) > 0`)
	for _, args := range [][]string{
		{"--untrusted", "plan", filepath.Join(dir, "main.star")},
		{"--untrusted", "orphans", filepath.Join(dir, "main.star")},
		{"list"}, {"info", "vm"}, {"computers"},
	} {
		location := []string{"--cfg", filepath.Join(dir, "slapos.cfg"), "--master-url", "embedded:" + filepath.Join(dir, "strange.sqlite")}
		out := endsHostile(t, append(location, args...)...)
		if !strings.Contains(out, `it is not as slapstar made it: got view "instance"`) || !strings.Contains(out, "hint: somebody changed this database") {
			t.Errorf("%q: got\n%.600s", args, out)
		}
	}
}

// A listing of a database in which there is too much ends as evaluating does: an embedded
// Master is this process, so nobody is waited for.
func TestHostileListing(t *testing.T) {
	lastsLong(t)
	t.Parallel()
	dir := strangeDatabase(t, `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 600000)
		INSERT INTO instance (title, root, shared, release, type, state, parameters, sla, created, timestamp, status)
		SELECT 'vm' || n, '', 0, 'https://lab.example/software.cfg', 'default', 'started', '<instance><parameter id="a">b</parameter></instance>', '', 1, 1, '' FROM n`)
	out := endsHostile(t, "--max-time", "500ms", "--cfg", filepath.Join(dir, "slapos.cfg"), "--master-url", "embedded:"+filepath.Join(dir, "strange.sqlite"), "list")
	if !strings.Contains(out, "stopped: evaluating and planning took ") {
		t.Errorf("got\n%.600s", out)
	}
}

// Limits that nothing can keep to, and values that are not limits.
func TestLimitFlags(t *testing.T) {
	for _, test := range []struct{ flag, value, want string }{
		{"--max-memory", "1MiB", "--max-memory: got 1MiB, want at least 64MiB"},
		{"--max-memory", "2", "want a size such as 512MiB or 2GiB"},
		{"--max-memory", "2GB", "want a size such as 512MiB or 2GiB"},
		{"--max-memory", "99999999999999999999GiB", "want a size such as 512MiB or 2GiB"},
		{"--max-time", "0s", "--max-time: got 0s, want a time above 0"},
		{"--max-time", "2", "a time has a unit, such as 30s or 10m"},
	} {
		var c screen
		dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main.star": ""})
		if code := c.run(t.Context(), "", "plan", test.flag, test.value, filepath.Join(dir, "main.star")); code != exitUsage || !strings.Contains(c.err.String(), test.want) {
			t.Errorf("%s %s: exit code %d\n%s", test.flag, test.value, code, &c.err)
		}
	}
}

// A slowMaster takes a while for every answer.
type slowMaster struct {
	next  http.Handler
	delay time.Duration
}

func (m slowMaster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(m.delay)
	m.next.ServeHTTP(w, r)
}

// The clock stops while somebody else is waited for: a Master, a node that publishes
// late, and a person.
func TestClockStops(t *testing.T) {
	lastsLong(t)
	t.Parallel()
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{Delay: 3 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	s := httptest.NewServer(slowMaster{server, 700 * time.Millisecond})
	defer s.Close()
	dir := writeFolder(t, map[string]string{"main.star": `
vm = request("https://lab.example/kvm/software.cfg", "vm")
request("https://lab.example/kvm/software.cfg", "vm-2", {"url": vm.getConnectionParameter("url")})
`, "script.star": `request("https://lab.example/kvm/software.cfg", "vm-3").getConnectionParameter("url", wait = "1m")`})
	run := func(in string, args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		streams := term.Streams{In: &slowReader{text: in, delay: 2 * time.Second}, Out: &out, Err: &errs, Interactive: true}
		if code := execute(t.Context(), streams, append([]string{"slapstar", "--max-time", "1s", "--master-url", s.URL}, args...)); code != exitDone {
			t.Errorf("%q: exit code %d\n%s%s", args, code, &out, &errs)
		}
	}
	run("", "plan", filepath.Join(dir, "main.star"))
	run("yes\n", "apply", filepath.Join(dir, "main.star"))
	run("", "orphans", filepath.Join(dir, "main.star"))
	run("", "console", filepath.Join(dir, "script.star"))
}

// A slowReader is somebody who thinks before he answers.
type slowReader struct {
	text  string
	delay time.Duration
}

func (r *slowReader) Read(p []byte) (int, error) {
	time.Sleep(r.delay)
	n := copy(p, r.text)
	r.text = r.text[n:]
	return n, nil
}

// interrupted is the message, wherever the evaluation has come to.
var interrupted = regexp.MustCompile(`slapstar: (main\.star:\d+:\d+: )?interrupted\n$`)

// Before the first write one signal ends the process, also where a step does not look at
// its context.
func TestOneSignalEnds(t *testing.T) {
	lastsLong(t)
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		for _, command := range [][]string{{"plan"}, {"validate"}, {"apply", "--auto-approve"}, {"console"}} {
			t.Run(fmt.Sprintf("%v/%s", signal, command[0]), func(t *testing.T) {
				t.Parallel()
				dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main.star": "print('begun')\n" + slowStep})
				cmd := exec.Command("slapstar", append(command, filepath.Join(dir, "main.star"))...)
				var out bytes.Buffer
				cmd.Stdout, cmd.Stderr = &out, &out
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Second) // the step takes a minute
				begin := time.Now()
				cmd.Process.Signal(signal)
				cmd.Wait()
				if took := time.Since(begin); took > 10*time.Second {
					t.Errorf("%v, %v: it took %v", command, signal, took)
				}
				if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || !interrupted.MatchString(out.String()) {
					t.Errorf("%v, %v: exit code %d\n%s", command, signal, code, &out)
				}
			})
		}
	}
}

// At the prompt the entry ends, and the session continues where a step can be interrupted.
func TestHostileEntries(t *testing.T) {
	lastsLong(t)
	y := newTypist(t, typistFolder(t), nil, "--max-time", "3s", "--max-memory", "256MiB")
	y.expect(`>>> $`)
	y.enter(`a = 1`, ``)
	y.enter(`x = [1 for a in range(100000) for b in range(100000)]`, `slapstar: <entry 2>:1:.*: stopped: `)
	y.enter(`y = [[i] * 200000 for i in range(30000)]`, `slapstar: <entry 3>:1:.*: stopped: `)
	y.enter(`a + 1`, `\n2\n`)
	y.enter(doubledHere, ``)
	y.enter(`{x: 1}`, `a key: there would be more than 2 million elements`)
	y.enter(`x`, `the result: there would be more than 2 million elements`)
	y.enter(`a + 2`, `\n3\n`)
	y.send("y = dict([(i << 32, 1) for i in range(300000)])\r")
	y.expect(`slapstar: <entry \d+>:1:1: stopped: evaluating and planning took longer than 3s`)
	y.ends(exitFailed)
}

// doubledHere is a tuple of 2^100 elements, in one line.
const doubledHere = `x = [((1,),)]; x = [[x.append((x[-1], x[-1])) for _ in range(100)], x[-1]][1]`

// A mistake in slapstar that a file finds is an error like another, with its place.
func TestBroken(t *testing.T) {
	var c screen
	e := &env{Streams: term.Streams{Err: &c.err}, stderr: &term.Diversion{W: &c.err}, place: &lang.Place{}, global: global{limits: limit.Default}}
	err := e.watched(t.Context(), func(context.Context) error {
		e.place.Set(engine.Position{File: "main.star", Line: 3, Col: 1})
		panic("the roof is on fire")
	})
	if err == nil || err.Error() != "main.star:3:1: this is a mistake in slapstar, and not in the files: the roof is on fire" || exitCode(err) != exitFailed {
		t.Errorf("got %v", err)
	}
}
