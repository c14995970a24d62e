package run

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"slapstar/slap/config"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// A plan is of a commit, and dirty when a file that it read is another one there. What
// else lies about does not count.
func TestCheckout(t *testing.T) {
	dir := committed(t, map[string]string{"sub/main.star": "a", "sub/lib/[x].star": "b", "sub/real.star": "c", "sub/other.star": "d", "top.star": "e", ".gitignore": "ignored.star\n"})
	if err := os.Symlink("real.star", filepath.Join(dir, "sub/link.star")); err != nil {
		t.Fatal(err)
	}
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "commit", "-qm", "two")
	commit := gitIn(t, dir, "rev-parse", "HEAD")
	write := func(name string) { writeFiles(t, dir, map[string]string{name: "changed"}) }
	read := map[string]string{"main.star": "", "lib/[x].star": "", "link.star": ""}
	checkout := func(untrusted bool) (string, string) {
		p := NewPlanner(&Master{settings: &config.File{}, untrusted: untrusted}, starlib.Inputs{Source: lang.Source{File: filepath.Join(dir, "sub/main.star"), Sources: &lang.Sources{Text: read}}})
		c := p.Checkout(t.Context())
		switch {
		case c.Dirty == nil:
			return c.Commit, "not known"
		case *c.Dirty:
			return c.Commit, "dirty"
		}
		return c.Commit, "clean"
	}
	want := func(when, dirty string, untrusted bool) {
		t.Helper()
		if gotCommit, got := checkout(untrusted); gotCommit != commit || got != dirty {
			t.Errorf("%s: got commit %s, %s; want %s, %s", when, gotCommit, got, commit, dirty)
		}
	}
	want("nothing changed", "clean", false)
	write("sub/other.star")
	write("top.star")
	write("sub/new.json")
	want("files that were not read", "clean", false)
	if err := os.Chtimes(filepath.Join(dir, "sub/main.star"), time.Unix(2e9, 0), time.Unix(2e9, 0)); err != nil {
		t.Fatal(err)
	}
	want("a file that was touched", "clean", false)
	write("sub/real.star")
	want("what a link leads to", "dirty", false)
	want("a stranger's file", "not known", true)
	gitIn(t, dir, "checkout", "-q", "sub/real.star")
	for _, name := range []string{"ignored.star", "new.json"} {
		write("sub/" + name)
		read[name] = ""
		want("a file that is not in the commit", "dirty", false)
		delete(read, name)
	}
	if err := os.RemoveAll(filepath.Join(dir, ".git")); err != nil {
		t.Fatal(err)
	}
	commit = ""
	want("no repository", "not known", false)
}
