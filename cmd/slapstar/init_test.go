package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// On a terminal init asks for what no flag says.
func TestInitAsks(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is concurrent")
	}
	dir := t.TempDir()
	y := watch(t, dir, nil, "init")
	y.expect(`URL of the Master \(empty: an embedded one, in this folder\): $`)
	y.send("\r")
	y.expect(`Files for CI, github or gitlab \(empty: none\): $`)
	y.send("\r")
	y.expect(`(?s)wrote slapos.cfg, main.star, main_test.star, .gitignore\n.*Plan: 2 to create.*Next:\n  slapstar plan\n  slapstar apply\n  slapstar test\n`)
	y.ends(0)

	y = watch(t, dir, nil, "init") // nobody is asked again
	y.expect(`kept as they are: slapos.cfg`)
	y.ends(0)

	dir = t.TempDir()
	y = watch(t, dir, nil, "init")
	y.expect(`URL of the Master`)
	y.send("https://127.0.0.1:1/\r")
	y.expect(`File of your certificate`)
	y.send("me.crt\r")
	y.expect(`File of its key: $`)
	y.send("me.key\r")
	y.expect(`Files for CI`)
	y.send("\r")
	y.expect(`me.crt`)
	y.ends(1)
	empty(t, dir)

	y = watch(t, dir, nil, "init", "--master-url", "http://127.0.0.1:1/") // nothing is left to ask
	y.expect(`trying the Master`)
	y.ends(1)
	y = watch(t, dir, nil, "init")
	y.expect(`URL of the Master`)
	y.send(ctrlD)
	y.ends(1)
	empty(t, dir)
}

// empty fails if there is something in a folder, but for what a terminal keeps.
func empty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); name != "state" && !strings.HasPrefix(name, filepath.Base(dir)) {
			t.Errorf("%s was written", name)
		}
	}
}
