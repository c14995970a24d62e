package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"slapstar/cmd/slapstar/internal/term"
)

var update = flag.Bool("update", false, "rewrite the golden parts of scripts and plans")

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "slapstar" { // which is run by a test
		os.Setenv("XDG_STATE_HOME", os.DevNull) // tests leave nothing in the home folder
	}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("tests have no network")
	}}
	testscript.Main(m, map[string]func(){
		"slapstar": func() { os.Exit(start(testClock)) },
		"glab":     forgeCommand("glab"), "gh": forgeCommand("gh"), "jq": jqCommand,
	})
}

// execute runs one command line with the clock of the machine.
func execute(ctx context.Context, streams term.Streams, args []string) int {
	return executeAt(ctx, streams, args, time.Now)
}

// testClock is the time, or what $TEST_TIME says instead.
func testClock() time.Time {
	if at, err := time.Parse(time.RFC3339, os.Getenv("TEST_TIME")); err == nil {
		return at
	}
	return time.Now()
}

// TestScripts runs testdata/script: the real program, as a user would.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			port, err := freePort()
			if err != nil {
				return err
			}
			env.Setenv("PORT", strconv.Itoa(port))
			pipelines, err := filepath.Abs("../../examples/ci")
			if err != nil {
				return err
			}
			env.Setenv("PIPELINES", pipelines)
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			return copyExamples(filepath.Join(env.WorkDir, "examples"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"serving":   serving,
			"fetch":     fetch,
			"listing":   listing,
			"terminate": terminate,
			"expand":    expand,
			"capture":   capture,

			"persons": persons,
			"post":    post,
			"until":   until,

			"samedigest": sameDigest,
		},
	})
}

// copyExamples leaves behind what running the examples by hand made: the
// database of their Master. The scenarios have a test of their own.
func copyExamples(to string) error {
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", "*"))
	if err != nil {
		return err
	}
	for _, path := range files {
		if ext := filepath.Ext(path); ext != ".star" && ext != ".cfg" || filepath.Base(filepath.Dir(path)) == "scenarios" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		folder := filepath.Join(to, filepath.Base(filepath.Dir(path)))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(path)), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// exits CODE COMMAND…: as exec, with the exact exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// serving waits until somebody listens on $PORT.
func serving(ts *testscript.TestScript, _ bool, _ []string) {
	for range 500 {
		conn, err := net.Dial("tcp", "127.0.0.1:"+ts.Getenv("PORT"))
		if err == nil {
			conn.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("nobody listens on port %s", ts.Getenv("PORT"))
}

// expand FILE…: replaces variables in files.
func expand(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		path := ts.MkAbs(name)
		text, err := os.ReadFile(path)
		ts.Check(err)
		ts.Check(os.WriteFile(path, []byte(os.Expand(string(text), ts.Getenv)), 0o600))
	}
}

// capture NAME FILE REGEXP: the variable becomes the first group of the expression.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: capture NAME FILE REGEXP")
	}
	found := regexp.MustCompile(args[2]).FindStringSubmatch(ts.ReadFile(args[1]))
	if len(found) != 2 {
		ts.Fatalf("no match for %s in %s", args[2], args[1])
	}
	ts.Setenv(args[0], found[1])
}

// fetch gets a page, which becomes the standard output.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fetch URL")
	}
	resp, err := http.Get(args[0])
	ts.Check(err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", args[0], resp.Status)
	}
	_, err = ts.Stdout().Write(page)
	ts.Check(err)
}

// listing PATH: mode and name of a file and of all that is below it, and where a
// link leads to. Not every machine has the programs that would tell.
func listing(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: listing PATH")
	}
	root := ts.MkAbs(".")
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if target, err := os.Readlink(path); err == nil {
			name += " -> " + target
		}
		_, err = fmt.Fprintln(ts.Stdout(), info.Mode(), filepath.ToSlash(name))
		return err
	}))
}

// digests finds them in what plan() and plan --format json write.
var digests = regexp.MustCompile(`digest"?: "?(v3-[0-9a-f]{64})`)

// samedigest FILE FILE: both have the digest of the same plan.
func sameDigest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: samedigest FILE FILE")
	}
	one, other := digests.FindStringSubmatch(ts.ReadFile(args[0])), digests.FindStringSubmatch(ts.ReadFile(args[1]))
	if one == nil || other == nil || one[1] != other[1] {
		ts.Fatalf("the digests are %q and %q", one, other)
	}
}

// terminate ends the programs in the background as a service manager does.
func terminate(ts *testscript.TestScript, _ bool, _ []string) {
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}
