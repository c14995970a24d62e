package conformance

import (
	"path/filepath"
	"strings"
	"testing"
)

// A saved plan, its refusal when the Master has moved on, and the end of all that
// a file declares, on the real slapproxy.
func TestSavedPlansAndDestroyOnSlapproxy(t *testing.T) {
	s := newSite(t)
	s.slapproxy()
	s.node("format", s.url, "10", "local_computer")
	s.playNodes("local_computer")
	file := s.write("main.star", `
kvm = "https://lab.example/kvm/software.cfg"
supply(kvm, "local_computer")
db = request(kvm, "db")
app = request(kvm, "app", {"db": db.getConnectionParameter("url")})
request(kvm, "on-app", {"k": "v"}, shared = True)
`)
	plan := filepath.Join(s.dir, "plan.json")
	s.star(0, "plan", "--out", plan, file)
	if out := s.star(0, "apply", "--auto-approve", "--plan", plan).stdout; !strings.Contains(out, "Apply: 4 done (4 created") {
		t.Errorf("got\n%s", out)
	}
	s.star(0, "plan", "--detailed-exitcode", file)
	if err := s.star(4, "apply", "--auto-approve", "--plan", plan).stderr; !strings.Contains(err, "carried out already") {
		t.Errorf("got\n%s", err)
	}
	// Somebody stops an instance at the stock command line.
	s.slapos(0, "request", "db", "https://lab.example/kvm/software.cfg", "--state", "stopped")
	if out := s.star(0, "plan", file).stdout; !strings.Contains(out, "changed on the Master") {
		t.Errorf("the plan does not say that it was changed on the Master:\n%s", out)
	}
	s.star(0, "plan", "--out", plan, file)
	s.slapos(0, "request", "db", "https://lab.example/kvm/software.cfg", "--state", "started")
	s.star(4, "apply", "--auto-approve", "--plan", plan)

	if out := s.star(0, "destroy", "--auto-approve", file).stdout; !strings.Contains(out, "0 to create, 0 to update, 4 to destroy") {
		t.Errorf("got\n%s", out)
	}
	if out := s.star(0, "destroy", "--auto-approve", file).stdout; !strings.Contains(out, "No changes.") {
		t.Errorf("destroying again:\n%s", out)
	}
}

// Applies in parallel lose nothing on a Master that would lose instances: they are
// created one after the other.
func TestNothingIsLostOnSlapproxy(t *testing.T) {
	s := newSite(t)
	s.slapproxy()
	s.node("format", s.url, "60", "local_computer")
	file := s.write("main.star", `[request("https://lab.example/kvm/software.cfg", "vm-%d" % i) for i in range(60)]`)
	if out := s.star(0, "apply", "--auto-approve", "--parallelism", "16", file).stdout; !strings.Contains(out, "Apply: 60 done") {
		t.Errorf("got\n%s", out)
	}
	s.star(0, "plan", "--detailed-exitcode", file)
	if got := len(s.services()); got != 60 {
		t.Errorf("there are %d instances, want 60", got)
	}
}
