package store

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

// SQLite takes two slashes in front for a host.
func TestTwoSlashes(t *testing.T) {
	s, err := Open(Options{Path: "/" + filepath.Join(t.TempDir(), "master.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestWriteReadOnly(t *testing.T) {
	s, err := Open(Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Write(context.Background(), func(*Tx) error {
		t.Error("the write was called")
		return nil
	})
	if !errors.Is(err, ErrReadOnly) {
		t.Errorf("got error %v, want ErrReadOnly", err)
	}
}

// otherProgram is one that has a table called other.
var otherProgram = Predecessor{
	Recognise: func(q Reader) (found bool, err error) {
		err = q.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = 'other'").Scan(&found)
		return found, err
	},
	Copy: func(*Tx) (int, error) { return 1, nil },
}

// foreignDatabase makes the database of otherProgram.
func foreignDatabase(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "other.db")
	db, err := connect(file, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE other (x)"); err != nil {
		t.Fatal(err)
	}
	return file
}
