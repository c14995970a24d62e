package proxy

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
)

// slapproxyDatabase makes a database as slapproxy 1.24 has it: the tables of
// section (i) of the protocol's reference, with two instances, a child, a shared
// one, what is left of another shared one, and software.
func slapproxyDatabase(t *testing.T, statements ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "proxy.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	script, err := os.ReadFile("testdata/slapproxy.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(string(script) + strings.Join(statements, "\n")); err != nil {
		t.Fatal(err)
	}
	return file
}

// A slapproxy is stopped, and our Master started on its database: all goes on.
func TestTakeOver(t *testing.T) {
	file := slapproxyDatabase(t)
	ctx := context.Background()
	for _, readOnly := range []bool{true, false, false} { // the second start on it finds what the first took over
		s := newSiteOn(t, Options{Database: file, ReadOnly: readOnly})
		node, err := s.Orders(ctx, "local_computer")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range node.Partitions {
			got = append(got, strings.Join([]string{p.Reference, p.State, p.Instance, p.Root, p.SoftwareType, p.Parameters["a"], p.Connection["url"]}, " "))
			if p.Reference == "slappart0" {
				want := []slap.SharedInstance{{Reference: "_sh1", Title: "_sh1", SoftwareType: "default", Parameters: slap.Parameters{"k": "3"}}}
				if diff := cmp.Diff(want, p.Shared); diff != "" {
					t.Errorf("shared instances (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]slap.Address{{Interface: "tap0", Address: "10.0.0.1"}, {Interface: "tap0", Address: "2001:db8::1"}}, p.Addresses); diff != "" {
					t.Errorf("addresses (-want +got):\n%s", diff)
				}
				if p.Timestamp != "1795429814.52576" {
					t.Errorf("timestamp: got %s", p.Timestamp)
				}
			}
		}
		want := []string{
			"slappart0 started host host default 1 https://host/",
			"slappart1 stopped child host RootSoftwareInstance  ",
			"slappart2 destroyed     ",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read-only %v: (-want +got):\n%s", readOnly, diff)
		}
		shared, err := s.Instance(ctx, "sh1")
		if err != nil || !shared.Shared || shared.ConnectionParameters["url"] != "https://sh1/" {
			t.Errorf("shared: got %v, %v", shared, err)
		}
		if diff := cmp.Diff([]slap.SoftwareInstallation{{SoftwareRelease: kvm, Computer: "local_computer", State: "available"}}, node.Software); diff != "" {
			t.Errorf("software (-want +got):\n%s", diff)
		}
		if list, err := s.Instances(ctx); err != nil || len(list.Instances) != 1 || len(list.Partial) != 1 {
			t.Errorf("listed %v, %v", list, err)
		}
		s.close()
	}
	// When slapproxy goes on, both have something of their own, and ours does not
	// win silently.
	change(t, file, "INSERT INTO software17 (url) VALUES ('https://lab.example/new')")
	_, err := Open(Options{Database: file})
	if err == nil || !strings.Contains(err.Error(), "has gone on since it was taken over: remove "+file+".slapstar") {
		t.Errorf("got error %v", err)
	}
	if err := os.Remove(file + ".slapstar"); err != nil {
		t.Fatal(err)
	}
	s := newSiteOn(t, Options{Database: file})
	defer s.close()
	if list, err := s.SoftwareInstallations(ctx, "local_computer"); err != nil || len(list) != 2 {
		t.Errorf("taken over again: got %v, %v", list, err)
	}
}

// change writes to a database as another program does.
func change(t *testing.T, file, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func TestTakeOverRefuses(t *testing.T) {
	for _, test := range []struct{ statement, want string }{
		{"UPDATE partition17 SET slap_state = 'busy', partition_reference = 'host', requested_by = '' WHERE reference = 'slappart2';", "two instances of one name"},
		{"ALTER TABLE partition17 RENAME TO partition9; DROP TABLE slave17;", "version 9 of its tables, want 17"},
		{"UPDATE partition17 SET slave_instance_list = 'x' WHERE reference = 'slappart0';", "the shared instances on slappart0 of local_computer"},
	} {
		file := slapproxyDatabase(t, test.statement)
		_, err := Open(Options{Database: file})
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got error %v, want %q", test.statement, err, test.want)
		}
		// Once it is mended it can be taken over.
		if !strings.Contains(test.want, "version") {
			change(t, file, "UPDATE partition17 SET slap_state = 'free' WHERE reference = 'slappart2'")
			change(t, file, "UPDATE partition17 SET slave_instance_list = NULL")
			newSiteOn(t, Options{Database: file}).close()
		}
	}
}
