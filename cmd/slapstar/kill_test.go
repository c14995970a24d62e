package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"slapstar/proxy"
	"slapstar/slap"
)

// A killer ends a program at one of its writes: before the Master gets it, or after
// it has taken effect.
type killer struct {
	next   http.Handler
	at     int // which write; 0 is none
	after  bool
	mu     sync.Mutex
	writes int
	victim *exec.Cmd
}

func (k *killer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if isRead(req.Method + " " + req.URL.Path) {
		k.next.ServeHTTP(w, req)
		return
	}
	k.mu.Lock()
	k.writes++
	kill := k.writes == k.at
	victim := k.victim
	k.mu.Unlock()
	if kill && !k.after {
		victim.Process.Kill()
		return
	}
	k.next.ServeHTTP(w, req)
	if kill {
		victim.Process.Kill()
	}
}

// start runs slapstar as a process of its own, which the killer may end.
func (k *killer) start(t *testing.T, at int, after bool, args ...string) string {
	t.Helper()
	cmd := exec.Command("slapstar", args...)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	k.mu.Lock()
	k.at, k.after, k.writes, k.victim = at, after, 0, cmd
	err := cmd.Start()
	k.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if killed := cmd.ProcessState.ExitCode() < 0; killed != (at > 0) {
		t.Fatalf("killed: %t, at write %d\n%s", killed, at, &out)
	}
	return out.String()
}

// A gate holds the first write back until it is opened.
type gate struct {
	next    http.Handler
	once    sync.Once
	reached chan struct{}
	open    chan struct{}
}

func (g *gate) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if !isRead(req.Method + " " + req.URL.Path) {
		g.once.Do(func() {
			close(g.reached)
			<-g.open
		})
	}
	g.next.ServeHTTP(w, req)
}

// gatedMaster starts a Master behind a gate, and writes a file that asks it for five
// instances. It ends with the test.
func gatedMaster(t *testing.T) (g *gate, url, dir string) {
	t.Helper()
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	g = &gate{next: server, reached: make(chan struct{}), open: make(chan struct{})}
	s := httptest.NewServer(g)
	t.Cleanup(s.Close)
	return g, s.URL, writeFolder(t, map[string]string{"main.star": `[request("https://lab.example/vm/software.cfg", "vm-%d" % i) for i in range(5)]`})
}

// heard is within how long a process has noticed a signal, also on a busy machine.
const heard = time.Second

// The first Ctrl-C lets what is in flight finish, starts nothing new and reports; the
// second leaves at once. After either, applying again is all it takes.
func TestInterruptedOnceAndTwice(t *testing.T) {
	for _, times := range []int{1, 2} {
		g, url, dir := gatedMaster(t)
		args := []string{"--master-url", url, "apply", "--auto-approve", "--parallelism", "1", filepath.Join(dir, "main.star")}
		cmd := exec.Command("slapstar", args...)
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-g.reached
		for range times {
			cmd.Process.Signal(os.Interrupt)
			time.Sleep(heard) // two at once would be one
		}
		if times == 1 {
			close(g.open)
		}
		cmd.Wait()
		code := cmd.ProcessState.ExitCode()
		if times == 1 {
			if code != exitInterrupted || !strings.Contains(out.String(), "Apply: 1 done (1 created, 0 updated, 0 destroyed), 0 failed, 4 not started.") {
				t.Errorf("after one Ctrl-C: exit code %d\n%s", code, &out)
			}
		} else {
			if code != -1 {
				t.Errorf("after two: exit code %d, want the end by the signal\n%s", code, &out)
			}
			close(g.open)
		}
		if out, err := exec.Command("slapstar", args...).CombinedOutput(); err != nil {
			t.Errorf("applying again: %v\n%s", err, out)
		}
		if out, err := exec.Command("slapstar", "--master-url", url, "plan", "--detailed-exitcode", filepath.Join(dir, "main.star")).CombinedOutput(); err != nil {
			t.Errorf("the plan is not empty: %v\n%s", err, out)
		}
	}
}

// An apply ends in good order too when its terminal hangs up, and when nobody reads its
// output any more: what is in flight finishes, and a file says how it ended.
func TestHangUpAndBrokenPipe(t *testing.T) {
	for _, broken := range []bool{false, true} {
		g, url, dir := gatedMaster(t)
		file := filepath.Join(dir, "outcome.json")
		cmd := exec.Command("slapstar", "--master-url", url, "apply", "--auto-approve", "--parallelism", "1", "--outcome", file, filepath.Join(dir, "main.star"))
		out, in, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout, cmd.Stderr = in, in
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		in.Close()
		<-g.reached
		if broken {
			out.Close()
		} else {
			cmd.Process.Signal(syscall.SIGHUP)
			time.Sleep(heard)
			go io.Copy(io.Discard, out)
		}
		close(g.open)
		cmd.Wait()
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var outcome struct {
			Done       []string
			NotStarted []string `json:"not_started"`
			ExitCode   int      `json:"exit_code"`
		}
		if err := json.Unmarshal(data, &outcome); err != nil || len(outcome.Done) == 0 || len(outcome.NotStarted) == 0 || len(outcome.Done)+len(outcome.NotStarted) != 5 ||
			outcome.ExitCode != exitInterrupted || cmd.ProcessState.ExitCode() != exitInterrupted {
			t.Errorf("broken pipe %t: exit code %d, %v\n%s", broken, cmd.ProcessState.ExitCode(), err, data)
		}
	}
}

// A plan, an approval and a configuration may be pipes. A signal ends also what waits
// for them.
func TestPipesAreInterrupted(t *testing.T) {
	for _, args := range [][]string{
		{"apply", "--plan", "pipe"}, {"apply", "--approved", "pipe"}, {"--cfg", "pipe", "proxy"},
		{"proxy", "--database", "master.sqlite", "--port", "0", "--tls-cert", "pipe", "--tls-key", "none"},
	} {
		dir := writeFolder(t, map[string]string{"main.star": "", "slapos.cfg": "[slapos]\nmaster_url = embedded:master.sqlite\n"})
		pipe := filepath.Join(dir, "pipe")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := exec.CommandContext(ctx, "slapstar", append([]string{"--max-time", "1h"}, args...)...)
		cmd.Dir = dir
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		opened := make(chan *os.File, 1)
		go func() {
			w, _ := os.OpenFile(pipe, os.O_WRONLY, 0) // when it is read
			opened <- w
			cmd.Process.Signal(syscall.SIGTERM)
		}()
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
			t.Fatalf("%q: exit code %d, want %d", args, code, exitInterrupted)
		}
		(<-opened).Close()
		cancel()
	}
}

// kill -9 at every write of an apply, before and after it takes effect: nothing is
// there twice, nothing is destroyed that was not to be, and applying again ends in
// an empty plan.
func TestKilledAtEveryWrite(t *testing.T) {
	writes := 52
	if testing.Short() {
		writes = 6
	}
	dir := writeFolder(t, map[string]string{
		"before.star": `
for i in range(10):
    request("https://lab.example/vm/software.cfg", "vm-%d" % i, {"a": "1"})
request("https://lab.example/vm/software.cfg", "not ours")
`,
		"main.star": fmt.Sprintf(`
release = "https://lab.example/vm/software.cfg"
supply(release, "local_computer")
db = request(release, "db")
for i in range(%d):
    request(release, "vm-%%d" %% i, {"a": "2", "db": db.getConnectionParameter("url")}, state = "destroyed" if i == 3 else "started")
`, writes-2)})
	for at := 1; at <= writes; at++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d after %t", at, after), func(t *testing.T) {
				t.Parallel()
				killedOnce(t, dir, at, after)
			})
		}
	}
}

func killedOnce(t *testing.T, dir string, at int, after bool) {
	t.Helper()
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{Delay: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	k := &killer{next: server}
	s := httptest.NewServer(k)
	defer s.Close()
	apply := func(at int, after bool, file string) string {
		return k.start(t, at, after, "--master-url", s.URL, "apply", "--auto-approve", filepath.Join(dir, file))
	}
	apply(0, false, "before.star")
	apply(at, after, "main.star")
	apply(0, false, "main.star")
	if out := k.start(t, 0, false, "--master-url", s.URL, "plan", filepath.Join(dir, "main.star")); !strings.Contains(out, "No changes.") {
		t.Errorf("the plan is not empty:\n%s", out)
	}
	client, err := slap.NewClient(slap.Options{MasterURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	node, err := client.Orders(t.Context(), "local_computer")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, p := range node.Partitions {
		if p.Occupied && seen[p.Instance] != "" {
			t.Errorf("%s is there twice", p.Instance)
		}
		if p.Occupied {
			seen[p.Instance] = p.State
		}
	}
	if seen["not ours"] != slap.Started || seen["vm-3"] == slap.Started || seen["vm-4"] != slap.Started {
		t.Errorf("there is %v", seen)
	}
}

// kill -9 in the middle of a saved plan: applied again, it is carried out to its end,
// values that it waited for included, and nothing more. An approval by digest is of the
// whole plan: what is left is another one.
func TestSavedPlanAfterKill(t *testing.T) {
	for _, after := range []bool{false, true} {
		for _, at := range []int{1, 2, 3} {
			server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{Delay: time.Millisecond}})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			k := &killer{next: server}
			s := httptest.NewServer(k)
			defer s.Close()
			dir := writeFolder(t, map[string]string{"main.star": `
db = request("https://lab.example/vm/software.cfg", "db")
request("https://lab.example/vm/software.cfg", "app", {"db": db.getConnectionParameter("url")})
request("https://lab.example/vm/software.cfg", "other")
if db.getConnectionParameter("url"):
    request("https://lab.example/vm/software.cfg", "next stage")
`})
			file, plan, shown := filepath.Join(dir, "main.star"), filepath.Join(dir, "saved.plan.json"), filepath.Join(dir, "shown.json")
			run := func(at int, args ...string) string {
				return k.start(t, at, after, append([]string{"--master-url", s.URL}, args...)...)
			}
			text := run(0, "plan", "--format", "json", file)
			if err := os.WriteFile(shown, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			run(0, "plan", "--out", plan, file)
			run(at, "apply", "--auto-approve", "--plan", plan)
			if done := at - 1; done > 0 || after {
				if out := run(0, "apply", "--approved", shown, file); !strings.Contains(out, "the plan is not the one that was approved; nothing was written") {
					t.Errorf("write %d, after %t: what is left was approved:\n%s", at, after, out)
				}
			}
			out := run(0, "apply", "--auto-approve", "--plan", plan)
			if at == 3 && after { // all was done
				if !strings.Contains(out, "this plan has been carried out already") && !strings.Contains(out, "there is more to come than what was approved") {
					t.Errorf("write %d, after %t: got\n%s", at, after, out)
				}
			} else if !strings.Contains(out, "0 failed, 0 not started.") || !strings.Contains(out, "there is more to come than what was approved") {
				t.Errorf("write %d, after %t: the rest was not carried out:\n%s", at, after, out)
			}
			if out := run(0, "plan", file); !strings.Contains(out, "+ instance next stage") || !strings.Contains(out, "Plan: 1 to create, 0 to update, 0 to destroy.") {
				t.Errorf("write %d, after %t: more or less than the plan was done:\n%s", at, after, out)
			}
		}
	}
}
