package run

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
	"slapstar/starlib/lang"
)

// commit makes a git repository of the folder, if it is none, and commits its files.
func (r *testRun) commit(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{
		{"init", "-q"},
		{"add", "."},
		{"-c", "user.name=test", "-c", "user.email=test@lab.example", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "files"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = r.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, out)
		}
	}
}

// A plan since a revision destroys what the files, and those that they load, declared
// there and no longer declare.
func TestSince(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git to make a repository with")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	const before = "load('names.star', 'names')\n[request('https://lab.example/app.cfg', name) for name in names]\n"
	r := newTestRun(t, map[string]string{"main.star": before, "names.star": "names = ['a', 'b']\n"})
	r.commit(t)
	r.write(t, "names.star", "names = ['b']\n")
	r.write(t, "main.star", before+"var('new')\n")
	for _, name := range []string{"a", "b", "c"} {
		r.request(t, slap.InstanceRequest{Name: name, SoftwareRelease: "https://lab.example/app.cfg"})
	}
	in := r.inputs()
	in.Vars = map[string]lang.Var{"new": {Text: "x", Explicit: true}} // which the files did not ask for then
	earlier, err := Since(context.Background(), "HEAD", in)
	if err != nil {
		t.Fatal(err)
	}
	p := NewPlanner(r.master, in)
	p.CompareSince("HEAD", earlier)
	plan, _, err := p.Plan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := summary(plan), []string{"destroy instance a"}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if !in.Vars["new"].Explicit {
		t.Error("Since changed the inputs that it was given")
	}
	for _, revision := range []string{"no-such-branch", "--help", ""} {
		if _, err := Since(context.Background(), revision, in); err == nil || !strings.HasPrefix(err.Error(), "--since "+revision+": git: ") {
			t.Errorf("revision %q: got %v, want what git says", revision, err)
		}
	}
}
