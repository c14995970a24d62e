package tree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// lay makes a folder with links and pipes, and something beside it.
func lay(t *testing.T) *os.Root {
	t.Helper()
	top := t.TempDir()
	dir := filepath.Join(top, "inside")
	for name, text := range map[string]string{"outside/token": "token", "inside/a": "text", "inside/sub/b": "b", "inside/large": strings.Repeat("x", 2<<10)} {
		path := filepath.Join(top, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{
		"link": "../outside/token", "dangling": "../outside/nothing", "folder": "../outside", "absolute": filepath.Join(top, "outside/token"), "within": "sub/b", "loop": "loop",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func TestRead(t *testing.T) {
	root := lay(t)
	for name, want := range map[string]string{"a": "text", "sub/b": "b", "within": "b"} {
		if got, err := Read(root, name, 1<<10); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
	for name, want := range map[string]error{
		"link": ErrOutside, "dangling": ErrOutside, "folder/token": ErrOutside, "folder/nothing": ErrOutside, "absolute": ErrOutside,
		"../outside/token": ErrOutside, "../outside/nothing": ErrOutside, "/etc/passwd": ErrOutside,
		"pipe": ErrNotRegular, "sub": ErrNotRegular, "nothing": fs.ErrNotExist,
	} {
		if _, err := Read(root, name, 1<<10); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
	}
	if _, err := Read(root, "large", 1<<10); err == nil || err.Error() != "the file is longer than 1 KiB" {
		t.Errorf("a large file: got %v", err)
	}
	if _, err := Read(root, "loop", 1<<10); err == nil {
		t.Error("a link to itself was read")
	}
}

func TestWrite(t *testing.T) {
	root := lay(t)
	for _, name := range []string{"a", "new", "made/for/it"} {
		if err := Write(root, name, []byte("written")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := Read(root, name, 1<<10); err != nil || string(got) != "written" {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"link", "absolute", "folder/token", "../outside/token", "/tmp/x", "pipe", "sub", "within"} {
		if err := Write(root, name, []byte("written")); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	outside := filepath.Join(filepath.Dir(root.Name()), "outside")
	if got, err := os.ReadFile(filepath.Join(outside, "token")); err != nil || string(got) != "token" {
		t.Errorf("the file outside is %q, %v", got, err)
	}
	entries, err := os.ReadDir(outside)
	if err != nil || len(entries) != 1 {
		t.Errorf("outside: %v, %v", entries, err)
	}
	if left, _ := filepath.Glob(filepath.Join(root.Name(), ".*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// What a person names may lie anywhere, and be a pipe.
func TestReadNamed(t *testing.T) {
	root := lay(t)
	if got, err := ReadNamed(filepath.Join(root.Name(), "link"), 1<<10); err != nil || string(got) != "token" {
		t.Errorf("a link: got %q, %v", got, err)
	}
	pipe := filepath.Join(root.Name(), "pipe")
	go func() {
		f, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		if err == nil {
			f.WriteString("piped")
			f.Close()
		}
	}()
	if got, err := ReadNamed(pipe, 1<<10); err != nil || string(got) != "piped" {
		t.Errorf("a pipe: got %q, %v", got, err)
	}
	if _, err := ReadNamed(filepath.Join(root.Name(), "large"), 1<<10); err == nil || !strings.HasSuffix(err.Error(), "large: the file is longer than 1 KiB") {
		t.Errorf("a large file: got %v", err)
	}
	if _, err := ReadNamed(root.Name(), 1<<10); err == nil || !strings.Contains(err.Error(), "is a folder, want a file") {
		t.Errorf("a folder: got %v", err)
	}
	if _, err := ReadNamed("/dev/zero", 1<<10); err == nil || !strings.Contains(err.Error(), "longer than 1 KiB") {
		t.Errorf("a device without an end: got %v", err)
	}
}

// A relative name does not lead out of the working folder by a link.
func TestOpen(t *testing.T) {
	root := lay(t)
	t.Chdir(root.Name())
	for name, ok := range map[string]bool{".": true, "sub": true, "folder": false, "nothing": false, "..": true, root.Name(): true} {
		got, err := Open(name)
		if (err == nil) != ok {
			t.Errorf("%s: got %v", name, err)
		}
		if err == nil {
			got.Close()
		}
	}
}

// A pipe that nobody writes to is not waited for.
func TestPipeIsNotWaitedFor(t *testing.T) {
	root := lay(t)
	done := make(chan error, 1)
	go func() {
		_, err := Read(root, "pipe", 1<<10)
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, ErrNotRegular) {
			t.Errorf("got %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("it waits")
	}
}

// What belongs to git is neither read nor written, by whatever name.
func TestGit(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "sub", ".git"), 0o755), os.Mkdir(filepath.Join(dir, ".git"), 0o755),
		os.WriteFile(filepath.Join(dir, ".git", "config"), []byte("token"), 0o600), os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("x"), 0o600),
		os.Symlink(".git", filepath.Join(dir, "x")), os.Symlink("x/config", filepath.Join(dir, "y")), os.Symlink("../.git", filepath.Join(dir, "sub", "z"))); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, name := range []string{".git/config", "./.git/config", "sub/../.git/config", ".GIT/config", ".git./config", "git~1/config", "x/config", "y", "sub/z/config", "sub/.git/hooks/pre-commit", ".git"} {
		if _, err := Read(root, name, 100); !errors.Is(err, ErrGit) {
			t.Errorf("reading %s: got %v", name, err)
		}
		if err := Write(root, name, nil); !errors.Is(err, ErrGit) {
			t.Errorf("writing %s: got %v", name, err)
		}
	}
	if _, err := Read(root, ".gitignore", 100); err != nil {
		t.Error(err)
	}
}
