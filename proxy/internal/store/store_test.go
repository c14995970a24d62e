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
