package run

import (
	"os"
	"path/filepath"
	"testing"
)

// Names are from the root of the work tree, through whatever links a folder is named.
func TestRepositoryNames(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(top, "root")
	for _, folder := range []string{"root/.git", "root/infra/lib", "elsewhere"} {
		if err := os.MkdirAll(filepath.Join(top, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{"link": "root/infra", "root/lib": "infra/lib", "root/out": "../elsewhere"} {
		if err := os.Symlink(target, filepath.Join(top, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(root)
	for _, test := range []struct{ folder, file, want string }{
		{".", "main.star", "main.star"},
		{"infra", "main.star", "infra/main.star"},
		{"infra", "lib/a.star", "infra/lib/a.star"},
		{"infra", "../main.star", "main.star"},
		{filepath.Join(top, "link"), "main.star", "infra/main.star"},
		{".", "lib/a.star", "infra/lib/a.star"},
		{".", "out/a.star", "out/a.star"},
		{".", filepath.Join(root, "infra", "main.star"), "infra/main.star"},
		{"infra", "nowhere/a.star", "infra/nowhere/a.star"},
		{filepath.Join(top, "elsewhere"), "a.star", filepath.Join(top, "elsewhere", "a.star")},
	} {
		if got := RepositoryNames(test.folder)(test.file); got != filepath.ToSlash(test.want) {
			t.Errorf("%s of %s: got %s, want %s", test.file, test.folder, got, test.want)
		}
	}
	// Without a work tree they are those of the working folder.
	t.Chdir(filepath.Join(top, "elsewhere"))
	if got := RepositoryNames(".")("a.star"); got != "a.star" {
		t.Errorf("got %s", got)
	}
}
