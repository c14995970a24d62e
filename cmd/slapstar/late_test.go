package main

import (
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"slapstar/proxy"
)

// However late a full Master lists what it took, the program asks once for each resource,
// says once that it is done, and has nothing to do afterwards: for software, an instance
// and one that uses it; for the end and the same names again; for the console's supply and
// request; and for a run that was killed in the delay and is started again.
func TestLateMaster(t *testing.T) {
	for _, delay := range []time.Duration{-1, 300 * time.Millisecond, 3 * time.Second} {
		t.Run(delay.String(), func(t *testing.T) {
			if testing.Short() && delay > time.Second {
				t.Skip("it takes the time that it says")
			}
			t.Parallel()
			testLateMaster(t, delay)
		})
	}
}

func testLateMaster(t *testing.T, delay time.Duration) {
	server, err := proxy.Open(proxy.Options{Computer: "COMP-1", Profile: proxy.Full, CatalogDelay: delay, Simulator: proxy.DefaultSimulator{Delay: 10 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	k := &killer{next: server}
	s := httptest.NewServer(k)
	defer s.Close()
	const release = `"https://lab.example/kvm/software.cfg"`
	dir := writeFolder(t, map[string]string{
		"main.star": `
supply(` + release + `, "COMP-1")
db = request(` + release + `, "db")
request(` + release + `, "app", {"db": db.getConnectionParameter("url")})
`,
		"gone.star": `
request(` + release + `, "db", state = "destroyed")
request(` + release + `, "app", state = "destroyed")
`,
		"killed.star": `
db = request(` + release + `, "killed-db")
request(` + release + `, "killed-app", {"db": db.getConnectionParameter("url")})
`,
	})
	run := func(want int, done string, args ...string) string {
		t.Helper()
		for n, arg := range args {
			if strings.HasSuffix(arg, ".star") {
				args[n] = filepath.Join(dir, arg)
			}
		}
		out := k.start(t, 0, false, append([]string{"--master-url", s.URL + proxy.Full.MasterPath()}, args...)...)
		if k.writes != want || !strings.Contains(out, done) {
			t.Errorf("%q: %d writes, want %d, and %q:\n%s", args, k.writes, want, done, out)
		}
		return out
	}
	settled := func(file string) {
		t.Helper()
		path := filepath.Join(dir, file)
		if out, err := exec.Command("slapstar", "--master-url", s.URL+proxy.Full.MasterPath(), "plan", "--detailed-exitcode", path).CombinedOutput(); err != nil {
			t.Errorf("the plan is not empty: %v\n%s", err, out)
		}
	}
	out := run(3, "Apply: 3 done (3 created, 0 updated, 0 destroyed), 0 failed, 0 not started.", "apply", "--auto-approve", "main.star")
	for _, line := range []string{`software \S+ on COMP-1: created`, `instance db: created`, `instance app: created`} {
		if n := len(regexp.MustCompile(line).FindAllString(out, -1)); n != 1 {
			t.Errorf("%s was said %d times:\n%s", line, n, out)
		}
	}
	settled("main.star")
	if delay > time.Second {
		return // the rest takes a minute
	}
	run(2, "Apply: 2 done (0 created, 0 updated, 2 destroyed), 0 failed, 0 not started.", "apply", "--auto-approve", "--wait", "gone.star")
	settled("gone.star")
	run(2, "Apply: 2 done (2 created, 0 updated, 0 destroyed), 0 failed, 0 not started.", "apply", "--auto-approve", "main.star")
	settled("main.star")

	run(2, "started\n", "console", "-c", `supply("https://lab.example/vm/software.cfg", "COMP-1")
print(request("https://lab.example/vm/software.cfg", "vm").wait("url", timeout = "1m").getState())`)
	run(2, "started {\"a\": \"1\"}\n", "console", "--yes", "-c", `request("https://lab.example/vm/software.cfg", "vm", state = "destroyed")
vm = request("https://lab.example/vm/software.cfg", "vm", {"a": "1"}, wait_for = ["url"], timeout = "1m")
print(vm.getState(), vm.getInstanceParameterDict())`)
	run(0, "started {\"a\": \"1\"}\n", "console", "-c", `vm = request("https://lab.example/vm/software.cfg", "vm")
print(vm.getState(), vm.getInstanceParameterDict())`)

	k.start(t, 1, true, "--master-url", s.URL+proxy.Full.MasterPath(), "apply", "--auto-approve", filepath.Join(dir, "killed.star"))
	out = k.start(t, 0, false, "--master-url", s.URL+proxy.Full.MasterPath(), "apply", "--auto-approve", filepath.Join(dir, "killed.star"))
	if !strings.Contains(out, "2 done (2 created, 0 updated, 0 destroyed), 0 failed") && !strings.Contains(out, "1 done (1 created, 0 updated, 0 destroyed), 0 failed") || k.writes > 2 {
		t.Errorf("started again: %d writes\n%s", k.writes, out)
	}
	settled("killed.star")
}
