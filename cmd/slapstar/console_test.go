package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/proxy"
	"slapstar/slap"
)

func TestConsoleAtPrompt(t *testing.T) {
	y := newTypist(t, typistFolder(t), nil)
	y.expect(`slapstar console \(changes ask first\).*\n(?s).*>>> $`)
	y.enter(`1 + 1`, `\n2\n`)
	y.enter(`_ * 21`, `\n42\n`)
	y.enter(`None`, ``)
	y.enter(`coutn`, `slapstar: <entry 4>:1:1: undefined: coutn\n`)
	y.enter(`x = 1`, ``)
	y.enter(`request(product.kvm, "vm").wait("url")`, `instance vm\n(?s).*  url +https://.*/vm\n`)
	y.enter(`load("lib.star", "seven")`, ``)
	y.enter(`seven + x`, `\n8\n`)
	y.enter(`help(x.nothing)`, `int has no \.nothing`)
	y.enter(`help(supply)`, `supply\(software_release, computer_guid, state = "available"\)`)
	// Ctrl-D deletes in a line, and ends the session in an empty one.
	y.send(ctrlD)
	y.ends(0)
}

func TestConsoleAsks(t *testing.T) {
	y := newTypist(t, typistFolder(t), nil)
	y.expect(`>>> $`)
	y.enter(`vm = request(product.kvm, "vm", {"ram": 1})`, ``)
	y.send(`request(product.kvm, "vm", {"ram": 2})` + "\r")
	y.expect(`(?s)ram +1 → 2.*approval: $`)
	y.enter("y", `slapstar: <entry 2>:1:1: request: not approved; nothing was changed\n`)
	y.enter(`vm.getInstanceParameter("ram")`, `"1"\n`)
	y.send(`request(product.kvm, "vm", {"ram": 2})` + "\r")
	y.expect(`approval: $`)
	y.send(ctrlC)
	y.expect(`(?s)slapstar: <entry 4>:1:1: request: interrupted; nothing was changed\n.*>>> $`)
	y.send(`request(product.kvm, "vm", {"ram": 2}).getInstanceParameter("ram")` + "\r")
	y.expect(`approval: $`)
	y.enter("yes", `"2"\n`)
	// The answers are no part of the history.
	y.send(up)
	y.expect(`request\(product\.kvm`)
	y.send(ctrlC)
	y.expect(`>>> $`)
	y.send(ctrlD)
	y.ends(0)
}

func TestConsoleInterrupts(t *testing.T) {
	y := newTypist(t, typistFolder(t), nil)
	y.expect(`>>> $`)
	y.send(`x = (1`)
	y.expect(`x = \(1`)
	y.send(ctrlC)
	y.expect(`>>> $`)
	y.enter(`5`, `\n5\n`)
	// A block that is being typed.
	y.send("def f():\r")
	y.expect(`└`)
	y.send("    return (1,\r" + ctrlC)
	y.expect(`>>> $`)
	y.enter(`f`, `undefined: f\n`)
	// A loop that takes long.
	y.send("for i in range(1000000000): x = sorted(range(1000))\r\r")
	time.Sleep(300 * time.Millisecond) // it runs; nothing says so
	y.send(ctrlC)
	y.expect(`(?s)slapstar: <entry 3>:1:\d+: interrupted\n.*>>> $`)
	y.enter(`x`, `undefined: x\n`)
	// A wait.
	y.enter(`vm = request(product.kvm, "vm")`, ``)
	y.send(`vm.wait("never")` + "\r")
	y.expect(`… waiting for "never" of instance vm \(1s of 1h0m0s`)
	y.send(ctrlC)
	y.expect(`(?s)slapstar: <entry 6>:1:3: interrupted\n.*>>> $`)
	// A signal that comes from elsewhere does not end it either.
	y.cmd.Process.Signal(syscall.SIGINT)
	y.enter(`6`, `\n6\n`)
	y.cmd.Process.Signal(syscall.SIGTERM)
	y.ends(exitInterrupted)
}

func TestConsoleBlocks(t *testing.T) {
	y := newTypist(t, typistFolder(t), nil)
	y.expect(`>>> $`)
	y.send("def f(x):\r")
	y.expect(`└`)
	y.send("    return x + 1\r")
	y.expect(`└`)
	y.enter("", ``)
	y.enter("f(1)", `\n2\n`)
	// A pasted block is one entry, with the empty line in it.
	y.send("\x1b[200~def g(x):\n    if x:\n        return 1\n\n    return 2\ng(0)\x1b[201~")
	y.expect(`g\(0\)`)
	y.enter("", `\n2\n`)
	y.send(ctrlD)
	y.ends(0)
}

func TestConsoleHistory(t *testing.T) {
	dir := typistFolder(t)
	file := filepath.Join(dir, "state", "slapstar", "history")
	y := newTypist(t, dir, []string{"PASSWORD=hush"}, "--secret", "pw=env:PASSWORD")
	y.expect(`>>> $`)
	y.send("def f(x):\r    return x + 1\r\r")
	y.expect(`>>> $`)
	y.enter(`f(40)`, `\n41\n`)
	y.enter(` f(50)`, `\n51\n`)
	y.enter(`p = secret("pw")`, ``)
	y.enter(`q = "hush"`, ``)
	y.enter(`d = {"password": "other"}`, ``)
	y.enter(`p`, `\(secret\)\n`)
	y.send(ctrlD)
	y.ends(0)

	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"entry":"def f(x):\n    return x + 1"}
{"entry":"f(40)"}
{"entry":"p = secret(\"pw\")"}
{"entry":"p"}
`
	if string(data) != want {
		t.Errorf("history:\n%swant\n%s", data, want)
	}
	for path, mode := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700 | os.ModeDir} {
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, mode %v, want %v", path, err, info.Mode(), mode)
		}
	}

	// The next session goes through it, and searches it.
	y = newTypist(t, dir, nil)
	y.expect(`>>> $`)
	y.send(ctrlR + "return")
	y.expect(`return x \+ 1`)
	y.send("\r")
	time.Sleep(100 * time.Millisecond)
	y.send("\r\r")
	y.expect(`>>> $`)
	y.enter(`f(1)`, `\n2\n`)
	y.send(up + up)
	y.expect(`return x \+ 1`)
	y.send(ctrlC)
	y.expect(`>>> $`)
	y.send(ctrlD)
	y.ends(0)
}

func TestConsoleCompletion(t *testing.T) {
	y := newTypist(t, typistFolder(t), nil)
	y.expect(`>>> $`)
	y.send("reque\t")
	y.expect(`request`)
	y.send("(product.k\t")
	y.expect(`product\.kvm`)
	y.enter(`, "some-machine").getState()`, `"started"\n`)
	y.send("getInformation(\"some\t")
	y.expect(`some-machine`)
	y.enter(`").getType()`, `"default"\n`)
	y.send("registered = supply(product.kvm, comp\t")
	y.expect(`computer_guid=`)
	y.enter("\"local_computer\")", ``)
	y.send(`slap.registerOpenO` + "\t")
	y.expect(`registerOpenOrder`)
	y.send(`().getI` + "\t")
	y.expect(`getInformation`)
	y.enter(`("some-machine").getState()`, `"started"\n`)
	y.send(`load("li` + "\t")
	y.expect(`lib\.star`)
	y.enter(`", "seven")`, ``)
	y.enter(`seven`, `\n7\n`)
	// Candidates are listed.
	y.send("getInformation('some-machine').getC\t")
	y.expect(`(?s)getCertificate.*getConnectionParameter`)
	y.send(ctrlC)
	y.expect(`>>> $`)
}

func TestConsoleOnDumbTerminal(t *testing.T) {
	y := newTypist(t, typistFolder(t), []string{"TERM=dumb"})
	y.expect(`>>> $`)
	y.enter(`1 + 1`, `\n2\n`)
	y.send("def f():\r")
	y.expect(`\.\.\. $`)
	y.send("    return 7\r")
	y.expect(`\.\.\. $`)
	y.enter("", ``)
	y.enter("f()", `\n7\n`)
	y.send("1 +" + ctrlC)
	y.expect(`>>> $`)
	y.enter("2", `\n2\n`)
	y.enter(`vm = request(product.kvm, "vm")`, ``)
	y.send(`request(product.kvm, "vm", {"a": 1})` + "\r")
	y.expect(`approval: $`)
	y.enter("no", `not approved`)
	y.send(ctrlD)
	y.ends(0)
}

// A Master that is not there, or goes away, does not end the session.
func TestConsoleWithoutMaster(t *testing.T) {
	y := newTypist(t, typistFolder(t), nil, "--master-url", "http://127.0.0.1:1/")
	y.expect(`>>> $`)
	y.send("getInformation(\"some\t")
	y.expect(`getInformation\("some`)
	y.enter(`")`, `slapstar: <entry 1>:1:1: getInformation: .*the Master cannot be reached(?s).*hint: is the Master running`)
	y.enter(`1 + 1`, `\n2\n`)
	y.send(ctrlD)
	y.ends(0)
}

// What is typed ahead is not lost.
func TestConsoleTypedAhead(t *testing.T) {
	y := newTypist(t, typistFolder(t), nil)
	y.send("1 + 1\r")
	y.expect(`(?s)\n2\n.*>>> $`)
	y.enter(`2 + 3`, `\n5\n`)
	y.send(ctrlD)
	y.ends(0)
}

// Letters above ASCII are not keys that are pressed with Meta: they were dropped, and
// a name without them was requested.
func TestConsoleLetters(t *testing.T) {
	y := newTypist(t, typistFolder(t), []string{"LANG=C.UTF-8"})
	y.expect(`>>> $`)
	y.enter(`list("zéüß日".codepoint_ords())`, `\n\[122, 233, 252, 223, 26085\]\n`)
	y.send(ctrlD)
	y.ends(0)
}

// The wait line fits in one row, which other text takes the place of.
func TestWaitLine(t *testing.T) {
	var terminal bytes.Buffer
	e := &env{stderr: &term.Diversion{W: &terminal}}
	e.Err, e.Interactive, e.ErrWidth = e.stderr, true, func() int { return 40 }
	line := (&shell{env: e}).newWaitLine()
	line.waiting(strings.Repeat("名", 60), "", time.Second, time.Hour, nil)
	fmt.Fprintln(e.Err, "slapstar: trying again in 1s")
	line.waiting("b", "", time.Second, time.Hour, nil)
	line.end()
	fmt.Fprintln(e.Err, "after")
	const want = "\r\x1b[K… waiting for 名名名名名名名名名名名名…" +
		"\r\x1b[Kslapstar: trying again in 1s\n" +
		"\r\x1b[K… waiting for b (1s of 1h0m0s; Ctrl-C …" +
		"\r\x1b[Kafter\n"
	if got := terminal.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A meddler answers yes, after somebody else has been faster.
type meddler struct {
	first func()
	rest  io.Reader
}

func (m *meddler) Read(p []byte) (int, error) {
	if m.first != nil {
		m.first()
		m.first = nil
	}
	return m.rest.Read(p)
}

// A plan that is out of date is said with its place, once.
func TestConsoleOutOfDate(t *testing.T) {
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	s := httptest.NewServer(server)
	defer s.Close()
	client, err := slap.NewClient(slap.Options{MasterURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	request := func(value string) {
		r := slap.InstanceRequest{Name: "vm", SoftwareRelease: "https://lab.example/vm/software.cfg", SoftwareType: "default", State: slap.Started, Parameters: slap.Parameters{"a": value}}
		if _, err := client.RequestInstance(context.Background(), r); err != nil {
			t.Error(err)
		}
	}
	request("1")
	var out, stderr bytes.Buffer
	in := &meddler{func() { request("2") }, strings.NewReader("yes\n")}
	code := execute(context.Background(), term.Streams{In: in, Out: &out, Err: &stderr, Interactive: true},
		[]string{"slapstar", "--master-url", s.URL, "console", "-c", `request("https://lab.example/vm/software.cfg", "vm", {"a": "3"})`})
	const want = "slapstar: <command>:1:1: request: instance vm: a: the approved plan shows "
	if code != exitRefused || !strings.Contains(stderr.String(), want) || !strings.Contains(stderr.String(), "hint: nothing more was written") {
		t.Errorf("exit code %d, want %d and %q in\n%s", code, exitRefused, want, &stderr)
	}
}

// Names that are listed do not run into each other.
func TestConsoleListsNamesApart(t *testing.T) {
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "saved_shared.star": "", "saved_spaces.star": "", "saved_a.star": ""})
	y := newTypist(t, dir, nil)
	pty.Setsize(y.tty, &pty.Winsize{Rows: 50, Cols: 100})
	y.expect(`>>> $`)
	y.send("load(\"sav\t\t")
	y.expect(`saved_shared\.star +saved_spaces\.star`)
}
