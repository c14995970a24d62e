package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/internal/mask"
)

// files lists a folder.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// A file is replaced whole, with its new mode, or not at all; nothing is left beside it.
func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	if err := os.WriteFile(path, []byte("old and longer"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceFile(path, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "new" || info.Mode().Perm() != 0o600 {
		t.Errorf("got %q with mode %v, %v", text, info.Mode(), err)
	}
	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceFile(folder, []byte("new"), 0o600); err == nil {
		t.Error("a folder was replaced")
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("a.txt", link); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceFile(link, []byte("newer"), 0o600); err == nil {
		t.Error("a link was replaced")
	}
	if err := ReplaceFile(filepath.Join(dir, "none", "a.txt"), []byte("new"), 0o600); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in a folder that does not exist: got %v", err)
	}
	if want := []string{"a.txt", "folder", "link"}; !cmp.Equal(files(t, dir), want) {
		t.Errorf("the folder has %q, want %q", files(t, dir), want)
	}
}

func TestSecrets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte("two\nlines\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEST_PASSWORD", "hush\n")
	read := SecretSources{Named: map[string]string{"env": "env:TEST_PASSWORD", "file": "file:" + path, "unset": "env:TEST_NO_PASSWORD"}}.Open(mask.New())
	for _, test := range []struct{ name, want, err string }{
		{"env", "hush\n", ""},
		{"file", "two\nlines", ""},
		{"unset", "", "the environment has no variable TEST_NO_PASSWORD"},
		{"other", "", "it is not given; --secret other=env:VARIABLE or --secret other=file:PATH gives it"},
	} {
		got, err := read(context.Background(), test.name)
		if got != test.want || test.err == "" && err != nil || test.err != "" && (err == nil || err.Error() != test.err) {
			t.Errorf("%s: got %q, %v, want %q, %q", test.name, got, err, test.want, test.err)
		}
	}
	if _, err := read(context.Background(), "other"); !errors.Is(err, ErrNotGiven) {
		t.Errorf("got %v, want ErrNotGiven", err)
	}
}
