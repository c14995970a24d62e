package console

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/engine"
	"slapstar/slap/release"
)

// A testManual is a Manual over a folder of schemas.
type testManual struct{ *release.Schemas }

func (testManual) Best(product string) string {
	return "https://lab.example/" + product + "/software.cfg"
}

var manualFiles = map[string]string{
	"kvm/software.cfg.json": `{"name": "KVM", "description": "Machines", "serialisation": "json-in-xml", "software-type": {
	  "default": {"title": "One", "request": "one.json", "index": 0},
	  "cluster": {"title": "Many", "description": "Many of them.", "request": "many.json", "index": 1},
	  "default-shared": {"software-type": "default", "shared": true, "request": "none.json", "index": 2},
	  "broken": {"index": 3}}}`,
	"kvm/one.json": `{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["disk-type"], "properties": {
	  "ram-size": {"title": "RAM.", "description": "RAM, in MiB.", "type": "integer", "default": 4096},
	  "disk-type": {"type": "string", "enum": ["virtio", "ide", "a very long name of a type of a disk", "another name of a type of a disk"], "default": "virtio"},
	  "use-nat": {"type": "boolean", "default": true},
	  "level": {"enum": [1, "two", null]}}}`,
	"kvm/many.json": `{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {
	  "kvm-partition-dict": {"title": "Machines", "type": "object", "patternProperties": {".*": {"$ref": "one.json"}}},
	  "site-list": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}, "state": {"enum": ["on", "off"]}}}},
	  "more": {"type": "object", "additionalProperties": {"properties": {"depth": {"type": "number"}}}}}}`,
	"kvm/none.json": `{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}`,
}

// manualSession is a staged session with a manual; said gets what it prints.
func manualSession(t *testing.T, said *strings.Builder) *Session {
	t.Helper()
	dir := t.TempDir()
	for name, text := range manualFiles {
		file := filepath.Join(dir, "lab.example", name)
		os.MkdirAll(filepath.Dir(file), 0o700)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := testInputs(t.TempDir())
	in.Print = func(_ engine.Position, text string) { said.WriteString(text + "\n") }
	s, err := New(in, Options{Manual: testManual{&release.Schemas{Dir: dir, Offline: true}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestHelpOnRelease(t *testing.T) {
	var said strings.Builder
	s := manualSession(t, &said)
	for _, c := range []struct{ text, want, fails string }{
		{`help(product.kvm)`, `https://lab.example/kvm/software.cfg
    KVM: Machines

Software types; help(release, "TYPE") lists the parameters of one:
    default (json-in-xml)
        One
    cluster (json-in-xml)
        Many of them.
    default (shared, json-in-xml)
    broken (json-in-xml)

Parameters of software type default (json-in-xml):
    disk-type  text; required; default "virtio"
        one of "virtio", "ide", "a very long name of a type of a disk", "another
        name of a type of a disk"
    level  anything; one of 1, "two", None
    ram-size  whole number; default 4096
        RAM, in MiB.
    use-nat  True or False; default True
`, ""},
		{`help("https://lab.example/kvm/software.cfg", "cluster")`, `Parameters of software type cluster (json-in-xml):
    kvm-partition-dict  dictionary
        Machines
        names like .*  dictionary
            disk-type  text; required; default "virtio"
                one of "virtio", "ide", "a very long name of a type of a disk", "another
                name of a type of a disk"
            level  anything; one of 1, "two", None
            ram-size  whole number; default 4096
                RAM, in MiB.
            use-nat  True or False; default True
    more  dictionary
        any other name  anything
            depth  number
    site-list  list
        each item:
            name  text
            state  anything; one of "on", "off"
`, ""},
		{`help(product.kvm, software_type = "default-shared")`, "Parameters of software type default (shared, json-in-xml):\n    the schema names none\n", ""},
		{`help(product.kvm, "clster")`, "", `has no software type "clster", only "default", "cluster", "broken"`},
		{`help(product.kvm, "broken")`, "", "request: it is missing"},
		{`help(product.erp5)`, "", "not found"},
		{`help(request, "default")`, "", "software_type is of a software release"},
	} {
		said.Reset()
		_, err := enter(s, c.text)
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%s: got the error %v, want %q", c.text, err, c.fails)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
		}
		if diff := cmp.Diff(c.want, said.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestCompleteParameters(t *testing.T) {
	s := manualSession(t, new(strings.Builder))
	if _, err := enter(s, `mine = "https://lab.example/kvm/software.cfg"`, `kind = "cluster"`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{`request(product.kvm, "a", {"r`, "ram-size"},
		{`request(product.kvm, "a", {"`, "disk-type level ram-size use-nat"},
		{`request(product.kvm, "a", {"ram-size": 1, "di`, "disk-type"},
		{`request(product["kvm"], "a", {"r`, "ram-size"},
		{`request(product.get('kvm'), "a", {"r`, "ram-size"},
		{`request(mine, "a", {"r`, "ram-size"},
		{`request("https://lab.example/kvm/software.cfg", "a", {"r`, "ram-size"},
		{`request(software_release = product.kvm, partition_parameter_kw = {"r`, "ram-size"},
		{`slap.registerOpenOrder().request(product.kvm, "a", {"r`, "ram-size"},
		{`request(product.kvm, "a", {"_": json.encode({"r`, "ram-size"},
		{`request(product.kvm, "a", {"disk-type": "v`, "virtio"},
		{`request(product.kvm, "a", {"level": "`, "two"},
		{`request(product.kvm, "a", {"use-nat": T`, "True"},
		{`request(product.kvm, "a", {"ram-size": "`, ""},
		{`request(product.kvm, "a", {"ram-size": 1}, filter_kw = {"comp`, "computer_guid"},
		{`request(product.kvm, "a", software_type = "cl`, "cluster"},
		{`request(product.kvm, "a", {"x": 1}, "`, "broken cluster default"},
		{`help(product.kvm, "cl`, "cluster"},
		{`help(product.kvm, software_type = "cl`, "cluster"},
		{`request(product.kvm, "a", software_type = "cluster", partition_parameter_kw = {"si`, "site-list"},
		{`request(product.kvm, "a", software_type = kind, partition_parameter_kw = {"si`, "site-list"},
		{`request(product.kvm, "a", software_type = what(), partition_parameter_kw = {"`, ""},
		{`request(product.kvm, "a", software_type = "cluster", partition_parameter_kw = {"site-list": [{"name": "x"}, {"`, "name state"},
		{`request(product.kvm, "a", software_type = "cluster", partition_parameter_kw = {"site-list": [{"state": "o`, "off on"},
		{`request(product.kvm, "a", software_type = "cluster", partition_parameter_kw = {"kvm-partition-dict": {"vm0": {"r`, "ram-size"},
		{`request(product.kvm, "a", software_type = "cluster", partition_parameter_kw = {"more": {"x": {"`, "depth"},
		{`request(product.kvm, "a", shared = True, partition_parameter_kw = {"`, ""},
		{`request(product.none, "a", {"`, ""},
		{`f(product.kvm, "a", {"`, ""},
		{`request(product.kvm, "a", {"ram-size": [{"`, ""},
	} {
		var got []string
		for _, candidate := range s.Complete(c.text).Candidates {
			got = append(got, candidate.Text)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
	for _, candidate := range s.Complete(`request(product.kvm, "a", {"ram-size": 4`).Candidates {
		if candidate.Text == "4096" {
			t.Errorf("4096 is put after a 4")
		}
	}
	for _, candidate := range s.Complete(`request(product.kvm, "a", {`).Candidates {
		if candidate.Text == `"ram-size"` && candidate.Note == "whole number; default 4096: RAM." {
			return
		}
	}
	t.Errorf("a parameter outside of a string has no quotes, or no note")
}
