package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Thirty services that were requested with the stock command become files of which the
// plan is empty, on the real slapproxy.
func TestImportFromSlapproxy(t *testing.T) {
	s := newSite(t)
	s.slapproxy()
	s.node("format", s.url, "40", "local_computer")
	s.playNodes("local_computer")
	s.slapos(0, "supply", kvmRelease, "local_computer")
	document := s.write("p.json", `{"db": {"hosts": ["a", "b"], "port": 3306}, "on": true}`)
	for n, args := range [][]string{ // it takes seconds
		{mariadbRelease, "--parameters", "size=3", "password=hunter2-hunter2"},
		{kvmRelease, "--parameters", "ram-size=1024", "note=a b", "--state", "stopped"},
		{"https://lab.example/custom/software.cfg", "--type", "cluster", "--node", "computer_guid=local_computer"},
		{kvmRelease, "--force-serialisation", "json-in-xml", "--parameters-file", document},
	} {
		// It exits with 2 until something is published.
		s.run(filepath.Join(s.peer, "bin", "slapos"), append([]string{"request", fmt.Sprintf("svc-%02d", n), "--cfg", s.cfg}, args...)...)
	}
	s.slapos(0, "console", s.write("services.py", `
import json
for n in range(4, 30):
    name = "svc-%02d" % n
    if n % 3 == 0:
        request(product.mariadb, name, partition_parameter_kw={"size": n, "password": "hunter2-%04d" % n})
    elif n % 3 == 1:
        request(product.kvm, name)
    else:
        request(product.kvm, name, partition_parameter_kw={"_": json.dumps({"n": n, "deep": [{"password": "hunter2-%04d" % n}]})}, state="stopped")
`))
	if got := len(s.services()); got != 30 {
		t.Fatalf("there are %d services, want 30", got)
	}
	repository := filepath.Join(s.dir, "repository")
	s.must(0, s.slapstar, "init", repository, "--master-url", s.url)
	if err := os.Mkdir(filepath.Join(repository, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}
	file, secrets := filepath.Join(repository, "existing.star"), filepath.Join(s.dir, "secrets")
	imported := s.must(0, s.slapstar, "import", "--out", file, "--secrets", "file", "--secret-dir", secrets)
	if !strings.Contains(imported.stderr, "30 instances, 1 software installation; the plan is empty") {
		t.Errorf("import says:\n%s", imported.stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for want, there := range map[string]bool{"hunter2": false, "request(product.kvm, \"svc-04\")": true, "\"hosts\": [\"a\", \"b\"]": true, "secret(\"svc_00_password\")": true} {
		if strings.Contains(string(text), want) != there {
			t.Errorf("%q in the file: %t, want %t\n%s", want, !there, there, tail(string(text)))
		}
	}
	plan := []string{"plan", "--detailed-exitcode", file}
	written, err := os.ReadDir(secrets)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range written {
		plan = append(plan, "--secret", secret.Name()+"=file:"+filepath.Join(secrets, secret.Name()))
	}
	if out := s.must(0, s.slapstar, plan...).stdout; !strings.Contains(out, "No changes. 31 unchanged.") {
		t.Errorf("the plan is not empty:\n%s", tail(out))
	}
}
