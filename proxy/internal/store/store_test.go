package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A database has one lock, whatever it is called.
func TestTwoThroughLink(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.sqlite")
	link := filepath.Join(t.TempDir(), "link.sqlite")
	s, err := Open(Options{Path: "/" + file}) // with two slashes in front
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	other, err := Open(Options{Path: link})
	if _, inUse := errors.AsType[*InUseError](err); !inUse {
		t.Errorf("got error %v, want an InUseError", err)
	}
	if err == nil {
		other.Close()
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
