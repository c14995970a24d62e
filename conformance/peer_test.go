package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// peerVariable names the folder of the Python environment with the real peer.
const peerVariable = "SLAPSTAR_PEER"

// products are those of the examples.
const products = `
  erp5 https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/erp5/software.cfg
  frontend https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/apache-frontend/software.cfg
  kvm https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/kvm/software.cfg
  mariadb https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/mariadb/software.cfg
  monitor https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/monitor/software.cfg
`

// A site is a Master on a free loopback port, with the configuration of a
// client that uses it, and the programs to run against it.
type site struct {
	t        testing.TB
	peer     string // folder of the Python environment
	slapstar string // the program
	dir      string // of this test
	url      string
	cfg      string // of slapstar and of the stock client
}

// newSite prepares the files; nothing runs yet. It skips the test when there is
// no peer.
func newSite(t testing.TB) *site {
	t.Helper()
	peer := os.Getenv(peerVariable)
	if peer == "" {
		t.Skipf("the conformance run is left out: %s is not set; conformance/run installs the stock SlapOS and sets it", peerVariable)
	}
	s := &site{t: t, peer: peer, dir: t.TempDir()}
	s.slapstar = filepath.Join(s.dir, "slapstar")
	build := exec.Command("go", "build", "-o", s.slapstar, "slapstar/cmd/slapstar")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	port := freePort(t)
	s.url = fmt.Sprintf("http://127.0.0.1:%d/", port)
	s.cfg = filepath.Join(s.dir, "slapos.cfg")
	// The stock client needs master_rest_url with slapproxy; slapstar is run
	// without it elsewhere (see slapstarCfg).
	s.write("slapos.cfg", fmt.Sprintf(`[slapos]
master_url = %s
master_rest_url = %shateoas/
computer_id = local_computer
[slapproxy]
host = 127.0.0.1
port = %d
database_uri = %s
software_product_list =%s`, s.url, s.url, port, filepath.Join(s.dir, "master.sqlite"), products))
	s.write("slapstar.cfg", "[slapos]\nmaster_url = "+s.url+"\n")
	return s
}

// slapstarCfg is the configuration without master_rest_url, which slapstar has
// to find by itself.
func (s *site) slapstarCfg() string { return filepath.Join(s.dir, "slapstar.cfg") }

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *site) write(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// A program runs until it is stopped, at the latest when the test ends.
type program struct {
	pid  int
	stop func() // ends it with SIGTERM and waits; once is enough
	log  *bytes.Buffer
}

func (s *site) start(name string, args ...string) *program {
	s.t.Helper()
	p := &program{log: &bytes.Buffer{}}
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Env = append(os.Environ(), "PYTHONWARNINGS=ignore")
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	p.pid = cmd.Process.Pid
	p.stop = sync.OnceFunc(func() {
		syscall.Kill(-p.pid, syscall.SIGTERM)
		cmd.Wait()
	})
	s.t.Cleanup(func() {
		p.stop()
		if s.t.Failed() {
			s.t.Logf("%s %s:\n%s", name, strings.Join(args, " "), tail(p.log.String()))
		}
	})
	return p
}

func tail(s string) string {
	if len(s) > 4000 {
		return "…" + s[len(s)-4000:]
	}
	return s
}

func (s *site) waitForMaster() {
	s.t.Helper()
	for range 300 {
		resp, err := http.Get(s.url + "hateoas/")
		if err == nil {
			resp.Body.Close()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Fatalf("no Master at %s", s.url)
}

// slapproxy starts the real one.
func (s *site) slapproxy() *program {
	p := s.start(filepath.Join(s.peer, "bin", "slapos"), "proxy", "start", "--cfg", s.cfg)
	s.waitForMaster()
	return p
}

// embedded starts ours.
func (s *site) embedded() *program {
	p := s.start(s.slapstar, "proxy", "--cfg", s.cfg)
	s.waitForMaster()
	return p
}

// A result is what a program did.
type result struct {
	code           int
	stdout, stderr string
	processor      time.Duration // used by the program
}

func (s *site) run(name string, args ...string) result {
	s.t.Helper()
	return s.runAs(nil, name, args...)
}

// runAs runs a program with attributes of its process.
func (s *site) runAs(attributes *syscall.SysProcAttr, name string, args ...string) result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = s.dir, &out, &errs, attributes
	cmd.Env = append(os.Environ(), "PYTHONWARNINGS=ignore")
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatalf("%s %q: %v", name, args, err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String(), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
}

// must runs a program and compares its exit code.
func (s *site) must(code int, name string, args ...string) result {
	s.t.Helper()
	r := s.run(name, args...)
	if r.code != code {
		s.t.Fatalf("%s %s: got exit code %d, want %d\n%s%s", filepath.Base(name), strings.Join(args, " "),
			r.code, code, tail(r.stdout), tail(r.stderr))
	}
	return r
}

// star runs slapstar on a file.
func (s *site) star(code int, args ...string) result {
	s.t.Helper()
	return s.must(code, s.slapstar, append([]string{"--cfg", s.slapstarCfg()}, args...)...)
}

// slapos runs a stock client command.
func (s *site) slapos(code int, args ...string) result {
	s.t.Helper()
	return s.must(code, filepath.Join(s.peer, "bin", "slapos"), append(args, "--cfg", s.cfg)...)
}

// node runs conformance/node.py to its end.
func (s *site) node(args ...string) {
	s.t.Helper()
	s.must(0, filepath.Join(s.peer, "bin", "python"), append([]string{script(s.t, "node.py")}, args...)...)
}

// playNodes publishes connection parameters until the test ends.
func (s *site) playNodes(nodes ...string) {
	s.t.Helper()
	s.start(filepath.Join(s.peer, "bin", "python"), append([]string{script(s.t, "node.py"), "publish", s.url}, nodes...)...)
}

// module is the folder of the project.
func (s *site) module() string {
	s.t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		s.t.Fatal(err)
	}
	return dir
}

// script is the path of a Python file beside this one.
func script(t testing.TB, name string) string {
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// services is what slapos service list says: release by name.
func (s *site) services() map[string]string {
	s.t.Helper()
	var list map[string]string
	out := s.slapos(0, "service", "list").stdout
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		s.t.Fatalf("slapos service list: %v\n%s", err, out)
	}
	return list
}
