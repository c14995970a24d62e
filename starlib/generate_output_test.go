package starlib

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"slapstar/engine"
)

// What is written of values of a document says the same again, in each form that they have.
func TestGenerateOutputs(t *testing.T) {
	exec := func(source string) *engine.Config {
		t.Helper()
		file := filepath.Join(t.TempDir(), "main.star")
		if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		in := testInputs(file)
		in.Vars = nil
		c, err := Exec(context.Background(), in)
		if err != nil {
			t.Fatalf("%v\n%s", err, source)
		}
		return c
	}
	before := exec(`
db = request("https://lab.example/db", "db", wait_for = ["url", ("_", "url"), ("router", "a.b", 0)])
out = db.output()
request("https://lab.example/app", "app", {
    "alone": out["n"], "text": "<" + out["url"] + ">", "str": "x" + str(out["n"]), "int": "%d" % int(out["n"]), "float": float(out["n"]),
    "repr": repr(out["n"]), "json": json.encode({"a": [out["a.b"][-1], "q" + out["url"]]}), "decoded": "y" + json.decode(db.getConnectionParameter("_"))["url"],
    "guid": db.getInstanceGuid(), "id": "z" + db.getId(), "strip": out["url"].strip("/"),
})
request("https://lab.example/app", "nested", {"all": out, "n": [out["n"], json.decode(db.getConnectionParameter("conf"))[0]], "u": out["url"]}, serialisation = "json-in-xml")
request("https://lab.example/db", "shared", {}, shared = True, host = db)
`)
	source := Generate(before)
	after := exec(source)
	if len(after.Resources) != len(before.Resources) {
		t.Fatalf("got\n%s", source)
	}
	for n, b := range before.Instances() {
		a := after.Instances()[n]
		if list := differences(b, a); len(list) > 0 || !slices.Equal(a.WaitFor, b.WaitFor) {
			t.Errorf("%s differs in %v:\n%s", b.Name, list, source)
		}
	}
}
