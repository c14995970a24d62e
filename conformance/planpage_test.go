package conformance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// pagePlans are what there was and what there is to be, by the number of changes.
var pagePlans = []struct {
	changes       int
	search        string
	found         int // changes that the search finds
	before, after string
}{
	{0, "", 0, "", ""},
	{20, "worker", 8, `
db = request(kvm, "db", {"size": 1})
[request(kvm, "worker-%d" % i, {"ram": 4096}) for i in range(8)]
[request(kvm, "old-%d" % i) for i in range(3)]
request(kvm, "front", {"config": "listen 80\n" * 30, "url": "https://shop.example/a/long/path/to/one/thing"})
`, `
owns("*")
supply(kvm, "COMP-1")
db = request(kvm, "db", {"size": 2, "password": "hunter2"})
[request(kvm, "worker-%d" % i, {"ram": 8192}) for i in range(8)]
request(kvm, "front", {"config": "listen 80\n" * 29 + "listen 8080\n", "url": "https://shop.example/a/long/path/to/two/things"})
[request(kvm, "app-%d" % i, {"url": db.getConnectionParameter("later")}) for i in range(5)]
request(kvm, "far", filter_kw = {"computer_guid": "COMP-1"})
`},
	{1000, "vm-0007", 1, `
[request(kvm, "vm-%d" % (10000 + i), {"ram": i}) for i in range(300)]
`, `
owns("*")
[request(kvm, "vm-%d" % (10000 + i), {"ram": 2 * i + 1}) for i in range(200)]
[request(kvm, "new-vm-" + ("000%d" % i)[-4:], {"ram": i}) for i in range(700)]
`},
}

// The page of a plan in a real browser, with no change, 20 and 1000: it asks for nothing,
// complains of nothing, is found and filtered in, and its keyboard does all of it.
func TestPlanPageInBrowser(t *testing.T) {
	s := newSite(t)
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("the page is not tried in a browser: there is no chromium (Debian's package of that name)")
	}
	const kvm = "kvm = \"https://lab.example/kvm/software.cfg\"\n"
	for _, plan := range pagePlans {
		name := fmt.Sprintf("page%d", plan.changes)
		cfg := s.write(name+".cfg", "[slapos]\nmaster_url = embedded:"+name+".sqlite\n")
		page := filepath.Join(s.dir, name+".html")
		s.must(0, s.slapstar, "--cfg", cfg, "apply", "--no-schemas", "--auto-approve", s.write(name+".before.star", kvm+"request(kvm, \"same\")\n"+plan.before))
		s.must(0, s.slapstar, "--cfg", cfg, "plan", "--no-schemas", "--allow-mass-destroy", "--html", page, s.write(name+".star", kvm+"request(kvm, \"same\")\n"+plan.after))
		args := []string{script(t, "page.py"), chromium, t.TempDir(), page, fmt.Sprint(plan.changes), plan.search, fmt.Sprint(plan.found)}
		if folder := os.Getenv(pictureVariable); folder != "" {
			args = append(args, folder)
		}
		s.must(0, filepath.Join(s.peer, "bin", "python"), args...)
	}
}
