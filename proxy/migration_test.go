package proxy

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
)

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
