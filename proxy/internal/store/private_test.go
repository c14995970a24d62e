//go:build unix

package store

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// allowAll is what a process does whose files everybody may read and write.
func allowAll(t *testing.T) {
	t.Helper()
	before := syscall.Umask(0)
	t.Cleanup(func() { syscall.Umask(before) })
}

// modes are those of the files in a folder, by name.
func modes(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]string{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		modes[e.Name()] = fmt.Sprintf("%04o", info.Mode().Perm())
	}
	return modes
}

func allPrivate(names ...string) map[string]string {
	modes := map[string]string{}
	for _, name := range names {
		modes[name] = "0600"
	}
	return modes
}

func register(t *testing.T, s *Store) {
	t.Helper()
	err := s.Write(context.Background(), func(tx *Tx) error {
		_, err := tx.Exec("INSERT INTO computer (reference, address, netmask) VALUES ('COMP-1', '', '')")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Everybody on the machine could read the passwords in a database.
func TestPrivate(t *testing.T) {
	allowAll(t)
	folder := t.TempDir()
	s, err := Open(Options{Path: filepath.Join(folder, "master.sqlite"), Log: func(s string) { t.Errorf("said %q of a new database", s) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	register(t, s)
	want := allPrivate("master.sqlite", "master.sqlite-wal", "master.sqlite-shm", "master.sqlite.lock")
	if diff := cmp.Diff(want, modes(t, folder)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The file is private before there is anything in it: SQLite opens it after that.
func TestPrivateBeforeSQLite(t *testing.T) {
	allowAll(t)
	folder := t.TempDir()
	var l locks
	if err := l.lockOwn(filepath.Join(folder, "master.sqlite"), nil); err != nil {
		t.Fatal(err)
	}
	defer l.release()
	if diff := cmp.Diff(allPrivate("master.sqlite", "master.sqlite.lock"), modes(t, folder)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A database that was made before, with what a kill left beside it, is made private.
func TestNarrow(t *testing.T) {
	allowAll(t)
	for name, open := range map[string]func(folder string) string{
		"file": func(folder string) string { return filepath.Join(folder, "master.sqlite") },
		"symbolic link": func(folder string) string {
			link := filepath.Join(t.TempDir(), "link.sqlite")
			if err := os.Symlink(filepath.Join(folder, "master.sqlite"), link); err != nil {
				t.Fatal(err)
			}
			return link
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := killed(t)
			var said []string
			o := Options{Path: open(folder), ReadOnly: true, Log: func(s string) { said = append(said, s) }}
			s, err := Open(o)
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
			if mode := modes(t, folder)["master.sqlite"]; mode != "0644" || len(said) > 0 {
				t.Errorf("opened to read: got mode %s and %q, want nothing changed", mode, said)
			}
			folder = killed(t)
			o.Path, o.ReadOnly = open(folder), false
			if s, err = Open(o); err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			want := allPrivate("master.sqlite", "master.sqlite-wal", "master.sqlite-shm", "master.sqlite.lock")
			if diff := cmp.Diff(want, modes(t, folder)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if all := strings.Join(said, "\n"); !strings.Contains(all, "master.sqlite had mode 0644, which let others read passwords in it; it has 0600 now") {
				t.Errorf("said %q", all)
			}
			var count int
			if err := s.QueryRow("SELECT count(*) FROM computer").Scan(&count); err != nil || count != 1 {
				t.Errorf("got %d compute nodes, %v, want what was written before the kill", count, err)
			}
		})
	}
}

// killed returns a folder with what is left of a Master that was killed, all of
// which others may read.
func killed(t *testing.T) string {
	t.Helper()
	folder, copied := t.TempDir(), t.TempDir()
	s, err := Open(Options{Path: filepath.Join(folder, "master.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	register(t, s)
	for _, name := range []string{"master.sqlite", "master.sqlite-wal", "master.sqlite-shm"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return copied
}

// What is taken over is private from the beginning; the database of the other
// program stays as it is.
func TestPrivateTakeOver(t *testing.T) {
	allowAll(t)
	file := foreignDatabase(t)
	folder := filepath.Dir(file)
	during := map[string]string{}
	p := otherProgram
	p.Copy = func(*Tx) (int, error) {
		maps.Copy(during, modes(t, folder))
		return 1, nil
	}
	s, err := Open(Options{Path: file, Predecessor: p})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, got := range []map[string]string{during, modes(t, folder)} {
		for _, name := range slices.Sorted(maps.Keys(got)) {
			if want := map[bool]string{true: "0644", false: "0600"}[name == "other.db"]; got[name] != want {
				t.Errorf("%s: got mode %s, want %s", name, got[name], want)
			}
		}
	}
	if len(during) != 5 { // the two databases, the log, its index, the lock
		t.Errorf("files while it was taken over: %v", during)
	}
}
