package run

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"slapstar/cmd/slapstar/internal/adopt"
)

// Each value is read back from its file as it was, and no file is written over.
func TestSecretFolder(t *testing.T) {
	folder := SecretFolder{filepath.Join(t.TempDir(), "a", "b")}
	var secrets []adopt.Secret
	for n, value := range []string{"hush", "hush\n", "hush\n\n", "hush\r", "hush\r\n", "", " ", "\uFEFFhush", "a\nb", "ünï"} {
		secrets = append(secrets, adopt.Secret{Name: string(rune('a' + n)), Value: value})
	}
	files, err := folder.Missing(secrets)
	if err != nil || len(files) != len(secrets) {
		t.Fatal(files, err)
	}
	if err := folder.Make(); err != nil {
		t.Fatal(err)
	}
	if err := WriteNew(files, false); err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		path := filepath.Join(folder.Path, s.Name)
		data, err := os.ReadFile(path)
		if got := secretText(data); err != nil || got != s.Value {
			t.Errorf("%q is read back as %q, %v", s.Value, got, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", s.Name, info.Mode(), err)
		}
	}
	if files, err := folder.Missing(secrets); err != nil || len(files) != 0 {
		t.Errorf("the second time %v, %v", files, err)
	}
	secrets[0].Value = "other"
	if _, err := folder.Missing(secrets); err == nil {
		t.Error("another value is not refused")
	}
}

// A folder that may become part of a repository is refused, also where a link leads there.
func TestSecretFolderCheck(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"tree/.git", "tree/envs/prod", "worktree", "open", "private/files"} {
		if err := os.MkdirAll(in(name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.WriteFile(in("worktree/.git"), nil, 0o600), os.Chmod(in("open"), 0o755), os.Symlink(in("tree/envs"), in("link")),
		os.Symlink(in("nowhere"), in("dangling")), os.WriteFile(in("file"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		folder, entry string
		ok            bool
	}{
		{"new/deep", "private/main.star", true},
		{"private", "private/files/main.star", true},
		{"private/files/x", "private/files/main.star", false},
		{"private/files", "private/files/main.star", false},
		{"tree/x", "private/main.star", false},
		{"tree", "private/main.star", false},
		{"worktree/x", "private/main.star", false},
		{"link/x", "private/main.star", false},
		{"link", "tree/envs/main.star", false},
		{"dangling/x", "private/main.star", false},
		{"open", "private/main.star", false},
		{"open/new", "private/main.star", true},
		{"file", "private/main.star", false},
	} {
		if err := (SecretFolder{in(test.folder)}).Check(in(test.entry)); (err == nil) != test.ok {
			t.Errorf("--secret-dir %s for %s: %v, want ok %t", test.folder, test.entry, err, test.ok)
		}
	}
}

// All of several new files, or none.
func TestWriteNew(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) NewFile { return NewFile{filepath.Join(dir, name), []byte(name), 0o644} }
	if err := os.WriteFile(filepath.Join(dir, "there"), []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]NewFile{{file("a"), file("there")}, {file("a"), file("missing/b")}} {
		if err := WriteNew(list, false); err == nil {
			t.Errorf("%v: no error", list)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%v is left, %v", entries, err)
		}
	}
	if err := WriteNew([]NewFile{file("a"), file("there")}, true); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "there")); string(text) != "there" {
		t.Errorf("got %q, %v", text, err)
	}
	if err := os.Symlink("there", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, replace := range []bool{false, true} {
		if err := WriteNew([]NewFile{file("link")}, replace); err == nil {
			t.Error("a link was replaced")
		}
	}
}
