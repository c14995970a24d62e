package store

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// What this test binary does with the database that a variable names, when another
// process starts it.
var elsewhere = map[string]func(path string) error{
	"SLAPSTAR_TEST_OPEN": func(path string) error {
		s, err := Open(Options{Path: path, Predecessor: otherProgram})
		if err != nil {
			return err
		}
		return s.Close()
	},
	// What another program does that wants the file for itself, and knows only the
	// locks of SQLite.
	"SLAPSTAR_TEST_EXCLUSIVE": func(path string) error {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		return syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_WRLCK, Start: 1<<30 + 2, Len: 510})
	},
}

func TestMain(m *testing.M) {
	for variable, do := range elsewhere {
		if path := os.Getenv(variable); path != "" {
			if err := do(path); err != nil {
				os.Stdout.WriteString(err.Error())
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// inOtherProcess returns the error of one of elsewhere.
func inOtherProcess(t *testing.T, variable, path string) string {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), variable+"="+path)
	var out bytes.Buffer
	c.Stdout = &out
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func openElsewhere(t *testing.T, path string) string {
	t.Helper()
	return inOtherProcess(t, "SLAPSTAR_TEST_OPEN", path)
}

// renameFolder gives the folder of a file another name, and returns what the file
// is called then.
func renameFolder(t *testing.T, file string) string {
	renamed := filepath.Dir(file) + "-renamed"
	if err := os.Rename(filepath.Dir(file), renamed); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(renamed, filepath.Base(file))
}

func rename(t *testing.T, file string) string {
	if err := os.Rename(file, file+"-renamed"); err != nil {
		t.Fatal(err)
	}
	return file + "-renamed"
}

// linkAs gives a file a second name in another folder.
func linkAs(link func(from, to string) error) func(*testing.T, string) string {
	return func(t *testing.T, file string) string {
		name := filepath.Join(t.TempDir(), "link.sqlite")
		if err := link(file, name); err != nil {
			t.Fatal(err)
		}
		return name
	}
}

// A database is open for writing once, whatever it is called. Two Masters on two
// hard links to it gave one partition to two instances.
func TestOneWriter(t *testing.T) {
	for _, test := range []struct {
		name  string
		other func(t *testing.T, file string) string // what the database is also called
	}{
		{"the same name", func(_ *testing.T, file string) string { return file }},
		{"symbolic link", linkAs(os.Symlink)},
		{"hard link", linkAs(os.Link)},
		{"symbolic link to the folder", func(t *testing.T, file string) string {
			folder := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(filepath.Dir(file), folder); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(folder, filepath.Base(file))
		}},
		{"renamed", rename},
		{"renamed folder", renameFolder},
		{"symbolic link through a renamed folder", func(t *testing.T, file string) string {
			return linkAs(os.Symlink)(t, renameFolder(t, file))
		}},
		{"hard link through a renamed folder", func(t *testing.T, file string) string {
			return linkAs(os.Link)(t, renameFolder(t, file))
		}},
		{"removed", func(t *testing.T, file string) string { // its log file is still in use
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			return file
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "site")
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(folder, "master.sqlite")
			s, err := Open(Options{Path: file})
			if err != nil {
				t.Fatal(err)
			}
			other := test.other(t, file)
			if got, want := openElsewhere(t, other), "database "+other+": another process has it open"; got != want {
				t.Errorf("another process: got %q, want %q", got, want)
			}
			if twice, err := Open(Options{Path: other}); err == nil {
				twice.Close()
				t.Error("this process opened it twice")
			} else if _, inUse := errors.AsType[*InUseError](err); !inUse {
				t.Errorf("this process: got error %v, want an InUseError", err)
			}
			// What was refused has taken no lock away.
			if got := openElsewhere(t, other); got == "" {
				t.Error("another process opened it after that")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if got := openElsewhere(t, other); got != "" {
				t.Errorf("when it is closed: got %q", got)
			}
		})
	}
}

// A second opening in this process, though refused, ended the locks that SQLite had
// on the file: another program could then have taken its log file away.
func TestRefusedKeepsLocks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.sqlite")
	s, err := Open(Options{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, path := range []string{file, linkAs(os.Link)(t, file)} {
		if twice, err := Open(Options{Path: path}); err == nil {
			twice.Close()
			t.Errorf("%s: this process opened it twice", path)
		}
	}
	if got := inOtherProcess(t, "SLAPSTAR_TEST_EXCLUSIVE", file); got == "" {
		t.Error("another process got the file for itself")
	}
}

// The database of another program is taken over once at a time, too: two links to
// it have two files beside them.
func TestOneTakeOver(t *testing.T) {
	for name, link := range map[string]func(from, to string) error{"symbolic": os.Symlink, "hard": os.Link} {
		t.Run(name, func(t *testing.T) {
			file := foreignDatabase(t)
			other := linkAs(link)(t, file)
			s, err := Open(Options{Path: file, Predecessor: otherProgram})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := openElsewhere(t, other), "database "+other+": another process has it open"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if _, err := os.Stat(other + takenOver); err == nil {
				t.Error("it was taken over a second time")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if got := openElsewhere(t, other); got != "" {
				t.Errorf("when it is closed: got %q", got)
			}
		})
	}
}
