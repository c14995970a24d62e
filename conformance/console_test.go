package conformance

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// consoleScript is Python and Starlark, without shared instances: on two nodes they
// break the listing of a slapproxy. Where it asks for what exists it says all
// that it wants: what it leaves out, slapos console resets.
const consoleScript = `
request(product.kvm, "myuniquekvm")
request(product.kvm, "myotheruniquekvm", filter_kw={ "computer_guid": "COMP-12345" })
request(product.kvm, "mythirduniquekvm", partition_parameter_kw={"nbd_ip":"2a01:e35:2e27:460:e2cb:4eff:fed9:48dc", "nbd_port":"1024"})
supply(product.kvm, "mycomputer")
print(request(product.kvm, "myuniquekvm").getState())

partition = slap.registerComputerPartition("local_computer", "slappart0")
partition.setConnectionDict({"url": "https://[2001:db8::1]/"})
print(request(product.kvm, "myuniquekvm").getConnectionParameter("url"))
print(partition.getId(), partition.getState(), partition.getSoftwareRelease().getURI())

def machine(name, size, state):
    return request(software_release=product["mariadb"] if False else product.get("mariadb"), partition_reference=name,
                   partition_parameter_kw={"size": size, "flag": True, "none": None, "text": "a < b & c"},
                   software_type="small", filter_kw={"computer_guid": "local_computer"}, state=state)

for name in ["one", "two", "three"]:
    print(name, machine(name, 1, "started").getId())
machine("one", 2, "started")
machine("two", 1, "stopped")
machine("three", 1, "destroyed")

slap.registerOpenOrder().request(software_release=product.kvm, partition_reference="ordered", partition_parameter_kw={"k": "v"})
slap.registerSupply().supply(product.mariadb, "local_computer")
slap.registerSupply().supply(product.kvm, "local_computer", "available")
slap.registerSupply().supply(product.kvm, "local_computer", "destroyed")
print(slap.getSoftwareReleaseListFromSoftwareProduct("kvm")[0])
print(sorted(slap.getOpenOrderDict().keys()))
print([p.getId() for p in slap.registerComputer("local_computer").getComputerPartitionList()][0])
slap.registerComputerPartition("local_computer", "slappart1").bang("again")
slap.registerComputerPartition("local_computer", "slappart1").rename("renamed")
`

// The same script leaves a slapproxy in the same state, whichever console
// evaluates it, and says the same.
func TestConsoleOnSlapproxy(t *testing.T) {
	stock, ours := newSite(t), newSite(t)
	var views [2]view
	var outputs [2]string
	for i, s := range []*site{stock, ours} {
		s.slapproxy()
		s.node("format", s.url, "8", node)
		s.node("format", s.url, "2", "COMP-12345")
		path := s.write("script.star", consoleScript)
		if i == 0 {
			outputs[i] = s.slapos(0, "console", path).stdout
		} else {
			outputs[i] = s.star(0, "console", "--yes", path).stdout
		}
		views[i] = s.stockView()
	}
	if diff := cmp.Diff(views[0], views[1]); diff != "" {
		t.Errorf("the Masters differ (- slapos, + slapstar):\n%s", diff)
	}
	if len(views[0].Services) < 6 {
		t.Errorf("the script did little: %v", views[0].Services)
	}
	if diff := cmp.Diff(unquoted(outputs[0]), unquoted(outputs[1])); diff != "" {
		t.Errorf("the output differs (- slapos, + slapstar):\n%s", diff)
	}
	// What slapos console resets without a question, slapstar keeps.
	getter := ours.write("getter.star", `print(request(product.get("mariadb"), "one").getInstanceParameter("size"))`)
	if got := ours.star(0, "console", getter).stdout; got != "2\n" {
		t.Errorf("looked up: got %q, want the parameter that is there", got)
	}
	ours.star(4, "console", ours.write("change.star", `request(product.get("mariadb"), "one", {"size": 3})`))
	if diff := cmp.Diff(views[1], ours.stockView()); diff != "" {
		t.Errorf("looking up and a refused change have changed something:\n%s", diff)
	}
}

// unquoted makes the quotes of Python those of Starlark.
func unquoted(s string) string {
	out := []rune(s)
	for i, r := range out {
		if r == '\'' {
			out[i] = '"'
		}
	}
	return string(out)
}

// BenchmarkConsoleStart compares the start of both consoles with nothing to do, in
// turns: medians of 7.
//
//	conformance/run -run NONE -bench ConsoleStart -benchtime 1x
func BenchmarkConsoleStart(b *testing.B) {
	const rounds = 7
	s := newSite(b)
	s.slapproxy()
	empty := s.write("empty.py", "")
	programs := [2][]string{
		{filepath.Join(s.peer, "bin", "slapos"), "console", empty, "--cfg", s.cfg},
		{s.slapstar, "--cfg", s.slapstarCfg(), "console", "-c", "pass"},
	}
	for b.Loop() {
		var seconds, kilobytes [2][]float64
		for round := range rounds + 1 {
			for i, program := range programs {
				out := s.must(0, filepath.Join(s.peer, "bin", "python"), append([]string{script(b, "measure.py")}, program...)...).stdout
				var m struct {
					Seconds, Kilobytes float64
					Code               int
				}
				if err := json.Unmarshal([]byte(out), &m); err != nil || m.Code != 0 {
					b.Fatalf("%q: exit code %d, %v", program, m.Code, err)
				}
				if round > 0 { // the first one reads the programs from disk
					seconds[i], kilobytes[i] = append(seconds[i], m.Seconds), append(kilobytes[i], m.Kilobytes)
				}
			}
		}
		b.ReportMetric(1000*median(seconds[0]), "ms-slapos")
		b.ReportMetric(1000*median(seconds[1]), "ms-slapstar")
		b.ReportMetric(median(seconds[0])/median(seconds[1]), "slapos/slapstar-time")
		b.ReportMetric(median(kilobytes[0])/1024, "MB-slapos")
		b.ReportMetric(median(kilobytes[1])/1024, "MB-slapstar")
		b.ReportMetric(median(kilobytes[0])/median(kilobytes[1]), "slapos/slapstar-memory")
	}
}
