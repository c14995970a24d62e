package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"slapstar/slap/jsonschema"
)

// schemaFiles are entry files and tests, with faults and without.
var schemaFiles = map[string]string{
	"slapos.cfg": testConfig,
	"main.star": `host = request(product.kvm, "host")
request(product.kvm, "db", {"password": "s3cr3t", "size": 1}, filter_kw = {"computer_guid": "COMP-1"}, depends_on = ["host"])
request(product.kvm, "guest", shared = True, depends_on = ["host"])
`,
	"fewer.star": `owns("d*")
request(product.kvm, "dark")
`,
	"software.cfg.json": `{"name": "R", "description": "", "serialisation": "json-in-xml", "software-type": {
  "default": {"title": "", "description": "", "request": "in.json", "response": "in.json"}}}`,
	"in.json": `{"type": "object", "properties": {"port": {"type": "integer"}}}`,
	"wrong.star": `a = request("software.cfg", "a", {"port": "many"}, serialisation = "json-in-xml")
request("software.cfg", "b", {"port": 1})
request("missing/software.cfg", "c")
x = 1 if a.getConnectionParameter("url") != "" else 2
`,
	"broken.star": "x = reqest(\n",
	"undefined.star": `def f():
    request(product.kvm, "vm", unknown = 1)
f()
`,
	"outputs.star": `db = request(product.kvm, "db")
output("a", [1, None, "x"])
output("b", db.getConnectionParameter("later"))
output("c", db.output("x", 0), secret = True)
x = 1 if db.getConnectionParameter("later") == "1" else 2
`,
	"some_test.star": `def test_good():
    assert.eq(1, 1)

def check():
    assert.eq(1, 2)

def test_wrong():
    check()

def test_plan():
    plan("nothing.star")
`,
	"none_test.star": "assert.nothing(unknown)\n",
	"inputs.star":    "var('a', type = int, values = [1, 2], help = 'h'); var('b', default = [None]); var('c'); secret('d'); var('e', default = struct)\n",
}

// What the commands write as JSON is what the schemas in docs describe, and a member
// that they do not describe is found.
func TestOutputsMatchTheirSchemas(t *testing.T) {
	schemas := map[string]*jsonschema.Schema{}
	for _, name := range []string{"list", "orphans", "info", "computers", "doctor", "validate", "test", "inputs", "drift", "output", "status"} {
		schema, err := jsonschema.Compile("../../docs/"+name+".schema.json", os.ReadFile)
		if err != nil {
			t.Fatal(err)
		}
		schemas[name] = schema
	}
	t.Chdir(writeFolder(t, schemaFiles))
	run := func(want int, args ...string) []byte {
		t.Helper()
		var c screen
		if code := c.run(context.Background(), "", args...); code != want {
			t.Fatalf("%q: exit code %d, want %d\n%s%s", args, code, want, &c.out, &c.err)
		}
		return c.out.Bytes()
	}
	check := func(want int, args ...string) {
		t.Helper()
		name := args[0]
		if slices.Contains(args, "--inputs") {
			name = "inputs"
		}
		args = append(args, "--format", "json")
		checkOutput(t, schemas[name], fmt.Sprintf("%q", args), run(want, args...))
	}
	check(0, "list")
	check(3, "status", "outputs.star")
	check(3, "output", "outputs.star")
	run(0, "apply", "--auto-approve", "main.star")
	check(0, "list")
	check(0, "orphans", "main.star")
	check(0, "orphans", "fewer.star")
	check(0, "drift", "main.star")
	check(5, "drift", "fewer.star")
	check(0, "info", "db")
	check(0, "computers")
	check(0, "doctor")
	check(0, "validate", "main.star")
	check(1, "validate", "wrong.star")
	check(1, "validate", "broken.star")
	check(1, "validate", "undefined.star")
	check(0, "validate", "--inputs", "inputs.star")
	check(0, "plan", "--inputs", "inputs.star")
	check(0, "plan", "--inputs", "main.star")
	check(0, "test", "--run", "good", "some_test.star")
	check(1, "test")
}

func checkOutput(t *testing.T, s *jsonschema.Schema, command string, output []byte) {
	t.Helper()
	doc, err := jsonschema.Parse(output)
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	violations := func() []jsonschema.Violation {
		t.Helper()
		list, err := s.Validate(doc, nil)
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		return list
	}
	for _, v := range violations() {
		t.Errorf("%s: %s: %s\n%s", command, v.Path, v.Message, output)
	}
	for where, object := range objects(doc, "") {
		object["stranger"] = 1
		if len(violations()) == 0 {
			t.Errorf("%s: %s may have a member that is not described", command, where)
		}
		delete(object, "stranger")
	}
}

// objects are those of a JSON value, by their place in it.
func objects(doc any, where string) map[string]map[string]any {
	all := map[string]map[string]any{}
	switch doc := doc.(type) {
	case map[string]any:
		all[where+"/"] = doc
		for _, name := range slices.Sorted(maps.Keys(doc)) {
			maps.Copy(all, objects(doc[name], where+"/"+name))
		}
	case []any:
		for i, item := range doc {
			maps.Copy(all, objects(item, fmt.Sprintf("%s/%d", where, i)))
		}
	}
	return all
}
