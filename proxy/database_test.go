package proxy

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
)

// The file of another program was turned to a log file of SQLite's (its header
// changed), and a lock was left beside it, before it was refused.
func TestOtherProgram(t *testing.T) {
	for name, statement := range map[string]string{
		"tables of another program": "CREATE TABLE bookmark (x)",
		"a later version of ours":   "CREATE TABLE instance (x); PRAGMA user_version = 999",
		"an earlier slapproxy":      "CREATE TABLE partition11 (x)",
		"no database":               "",
	} {
		file := filepath.Join(t.TempDir(), "data.db")
		if statement == "" {
			if err := os.WriteFile(file, []byte("Dear diary"), 0o600); err != nil {
				t.Fatal(err)
			}
		} else {
			change(t, file, statement)
		}
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := Open(Options{Database: file}); err == nil {
			s.Close()
			t.Errorf("%s: got no error", name)
		} else if !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got error %v, want one that names the file", name, err)
		}
		if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: the file has changed, %v", name, err)
		}
		if beside, err := os.ReadDir(filepath.Dir(file)); err != nil || len(beside) != 1 {
			t.Errorf("%s: got %v beside it, %v", name, beside, err)
		}
	}
}

// A Master that only reads, and was started before the one that writes, never
// saw what that wrote.
func TestReadOnlyStartedFirst(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.sqlite")
	newSiteOn(t, Options{Database: file}).close()
	reader := newSiteOn(t, Options{Database: file, ReadOnly: true})
	defer reader.close()
	if got := reader.instances(t); len(got) != 0 {
		t.Fatalf("got %v", got)
	}
	writer := newSiteOn(t, Options{Database: file})
	writer.formatNode(t, "local_computer", 100)
	for i := range 100 {
		if _, err := writer.RequestInstance(context.Background(), vm(fmt.Sprintf("vm%d", i))); err != nil {
			t.Fatal(err)
		}
	}
	if got := reader.instances(t); len(got) != 100 {
		t.Errorf("while the other runs: got %d instances, want 100", len(got))
	}
	writer.close() // which moves the log into the file
	if got := reader.instances(t); len(got) != 100 {
		t.Errorf("after the other ended: got %d instances, want 100", len(got))
	}
}

// A slapproxy that was killed in the middle of a write leaves a file with half
// of it, and a journal to undo that: it was taken over with the half.
func TestTakeOverAfterKill(t *testing.T) {
	file := slapproxyDatabase(t)
	killed := filepath.Join(t.TempDir(), "proxy.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	// With a small cache what is not committed goes to the file.
	if _, err := db.Exec(`PRAGMA cache_size = 1; BEGIN; UPDATE partition17 SET xml = NULL, software_release = 'half' WHERE slap_state = 'busy';
		WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2000) INSERT INTO software17 (url) SELECT 'https://lab.example/' || n FROM n`); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-journal"} {
		content, err := os.ReadFile(file + end)
		if err != nil {
			t.Fatal(err)
		}
		if end == "" && !bytes.Contains(content, []byte("https://lab.example/1000")) {
			t.Fatal("nothing of the write is in the file, so there is nothing to undo")
		}
		if err := os.WriteFile(killed+end, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := newSiteOn(t, Options{Database: killed})
	defer s.close()
	list, err := s.SoftwareInstallations(context.Background(), "local_computer")
	if want := (slap.SoftwareInstallation{SoftwareRelease: kvm, Computer: "local_computer", State: slap.Available}); err != nil || len(list) != 1 || list[0] != want {
		t.Errorf("got %d software installations, %v, want the one of before", len(list), err)
	}
	if got := s.instances(t)["host"].SoftwareRelease; got != kvm {
		t.Errorf("got release %q, want %q", got, kvm)
	}
}

// version1 makes a database as the first version of this program did, with
// data in it.
func version1(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", "version1.sql"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "master.sqlite")
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(string(script)); err != nil {
		t.Fatal(err)
	}
	return file
}

func checkVersion1(t *testing.T, s *closingSite) {
	t.Helper()
	ctx := context.Background()
	host := s.instances(t)["host"]
	if host.Computer != "COMP-1" || host.Partition != "slappart0" || host.ConnectionParameters["url"] != "https://host.example/" {
		t.Errorf("got %+v", host)
	}
	user, err := s.Instance(ctx, "user")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slap.Parameters{"n": "1"}, user.Parameters); diff != "" || !user.Shared {
		t.Errorf("got %+v\n(-want +got):\n%s", user, diff)
	}
	software, err := s.SoftwareInstallations(ctx, "COMP-1")
	if diff := cmp.Diff([]slap.SoftwareInstallation{{SoftwareRelease: kvm, Computer: "COMP-1", State: slap.Available}}, software); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func versionOfFile(t *testing.T, file string) (version int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

func TestMigration(t *testing.T) {
	file := version1(t)
	ctx := context.Background()
	s := newSiteOn(t, Options{Database: file})
	checkVersion1(t, s)
	r := vm("new")
	r.SLA = slap.Parameters{"computer_guid": "COMP-1"}
	if _, err := s.RequestInstance(ctx, r); err != nil {
		t.Error(err)
	}
	s.close()
	fresh := filepath.Join(t.TempDir(), "fresh.sqlite")
	newSiteOn(t, Options{Database: fresh}).close()
	if got, want := versionOfFile(t, file), versionOfFile(t, fresh); got != want {
		t.Errorf("got version %d, want %d", got, want)
	}
	s = newSiteOn(t, Options{Database: file})
	defer s.close()
	checkVersion1(t, s)
	if _, there := s.instances(t)["new"]; !there {
		t.Error("what was written after the migration is lost")
	}
}

// What may only be read is migrated in memory.
func TestMigrationReadOnly(t *testing.T) {
	file := version1(t)
	s := newSiteOn(t, Options{Database: file, ReadOnly: true})
	checkVersion1(t, s)
	r := vm("new")
	r.SLA = slap.Parameters{"computer_guid": "COMP-1"}
	if _, err := s.RequestInstance(context.Background(), r); err == nil {
		t.Error("a write had no error")
	}
	s.close()
	if got := versionOfFile(t, file); got != 1 {
		t.Errorf("got version %d, want 1 as before", got)
	}
}
