package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// releases is where the releases of the scenarios are on the web.
const releases = "lab.nexedi.com/nexedi/slapos/raw/1.0.408/software"

// releasesVariable names a checkout of SlapOS releases.
const releasesVariable = "SLAPSTAR_RELEASES"

// The scenarios do what their tests say, with nodes that publish as the releases do: each
// shows all that there will be in its first plan, and ends where nothing is to be done.
func TestScenarios(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is concurrent")
	}
	archive, err := txtar.ParseFile(filepath.Join("testdata", "scenarios.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	schemas := t.TempDir()
	for _, f := range archive.Files {
		file := filepath.Join(schemas, releases, f.Name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	testScenarios(t, schemas)
}

// The scenarios are right for the releases themselves, of which nothing is left unchecked.
func TestScenariosOfReleases(t *testing.T) {
	checkout := os.Getenv(releasesVariable)
	if checkout == "" {
		t.Skipf("the schemas of releases are left out: %s names no checkout", releasesVariable)
	}
	schemas := t.TempDir()
	if err := os.CopyFS(filepath.Join(schemas, releases), os.DirFS(filepath.Join(checkout, "software"))); err != nil {
		t.Fatal(err)
	}
	testScenarios(t, schemas)
}

func testScenarios(t *testing.T, schemas string) {
	folder, err := filepath.Abs("../../examples/scenarios")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder) // nothing is written there
	t.Setenv("SCENARIO_SECRET", "hush-hush")
	tests, err := filepath.Glob("*_test.star")
	if err != nil || len(tests) != 14 {
		t.Fatalf("got %d scenarios, want 14; %v", len(tests), err)
	}
	var c screen
	if code := c.run(context.Background(), "", "test", "--schema-dir", schemas); code != exitDone {
		t.Errorf("exit code %d\n%s%s", code, &c.out, &c.err)
	}
	for _, name := range tests {
		var c screen
		file := strings.TrimSuffix(name, "_test.star") + ".star"
		secret := "=env:SCENARIO_SECRET"
		if code := c.run(context.Background(), "", "validate", "--strict", "--schema-dir", schemas, "--secret", "erp5-password"+secret, "--secret", "smtp-password"+secret, file); code != exitDone {
			t.Errorf("%s: exit code %d\n%s%s", file, code, &c.out, &c.err)
		}
	}
}
