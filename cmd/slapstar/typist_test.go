package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// A typist is a person at a pseudo-terminal in which slapstar runs, the console in most tests.
type typist struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	done chan error

	mu   sync.Mutex
	seen bytes.Buffer // all that was written
	mark int          // what was expected before ends here
}

// typistFolder is a folder with a configuration, and a history below it.
func typistFolder(t *testing.T) string {
	return writeFolder(t, map[string]string{"slapos.cfg": testConfig, "lib.star": "seven = 7\n"})
}

func newTypist(t *testing.T, dir string, env []string, args ...string) *typist {
	t.Helper()
	return watch(t, dir, env, append([]string{"console"}, args...)...)
}

// watch runs slapstar, any command of it.
func watch(t *testing.T, dir string, env []string, args ...string) *typist {
	t.Helper()
	y := &typist{t: t, cmd: exec.Command("slapstar", args...), done: make(chan error, 1)}
	y.cmd.Dir = dir
	y.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "CI=", "NO_COLOR=1", "HOME="+dir, "XDG_STATE_HOME="+filepath.Join(dir, "state"))
	y.cmd.Env = append(y.cmd.Env, env...)
	var err error
	if y.tty, err = pty.StartWithSize(y.cmd, &pty.Winsize{Rows: 50, Cols: 200}); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		buffer := make([]byte, 4096)
		for {
			n, err := y.tty.Read(buffer)
			y.mu.Lock()
			y.seen.Write(buffer[:n])
			y.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	go func() {
		err := y.cmd.Wait()
		<-read
		y.done <- err
	}()
	t.Cleanup(func() {
		y.cmd.Process.Kill()
		y.tty.Close()
	})
	return y
}

// control are the sequences with which a line editor steers the terminal.
var control = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b[=>D]|\r")

// expect waits until something is written behind what was expected before.
func (y *typist) expect(pattern string) string {
	y.t.Helper()
	want := regexp.MustCompile(pattern)
	for range 1500 {
		y.mu.Lock()
		text := y.seen.String()[y.mark:]
		y.mu.Unlock()
		clean := control.ReplaceAllString(text, "")
		if found := want.FindString(clean); found != "" {
			y.mu.Lock()
			y.mark += len(text)
			y.mu.Unlock()
			return found
		}
		time.Sleep(10 * time.Millisecond)
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	y.t.Fatalf("%q was not written; all there is:\n%s", pattern, control.ReplaceAllString(y.seen.String(), ""))
	return ""
}

// send presses keys.
func (y *typist) send(keys string) {
	y.t.Helper()
	if _, err := io.WriteString(y.tty, keys); err != nil {
		y.t.Fatal(err)
	}
}

// enter types a line at a prompt, and expects what is written next before the
// next prompt.
func (y *typist) enter(line, pattern string) string {
	y.t.Helper()
	y.send(line + "\r")
	if pattern == "" {
		pattern = `\n`
	}
	return y.expect(`(?s)(` + pattern + `).*>>> $`)
}

// ends expects the end of the process.
func (y *typist) ends(code int) {
	y.t.Helper()
	select {
	case err := <-y.done:
		got := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			got = exit.ExitCode()
		}
		if got != code {
			y.t.Errorf("exit code %d, want %d", got, code)
		}
	case <-time.After(15 * time.Second):
		y.t.Fatalf("it did not end:\n%s", y.seen.String())
	}
}

const (
	ctrlC = "\x03"
	ctrlD = "\x04"
	ctrlR = "\x12"
	up    = "\x1b[A"
)
