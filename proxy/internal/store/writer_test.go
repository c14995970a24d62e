package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Writes that come while the store closes are carried out or have an error: they
// ended in a panic. What was acknowledged is there.
func TestCloseDuringWrites(t *testing.T) {
	for range 5 {
		file := filepath.Join(t.TempDir(), "master.sqlite")
		s, err := Open(Options{Path: file})
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		var acknowledged [8]int
		begun := make(chan struct{}, len(acknowledged))
		for worker := range acknowledged {
			group.Go(func() {
				for {
					err := s.Write(context.Background(), func(tx *Tx) error {
						_, err := tx.Exec("INSERT INTO software (computer, release, state) VALUES (?, ?, 'available')", string(rune('a'+worker)), time.Now().String())
						return err
					})
					if errors.Is(err, ErrClosed) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					if acknowledged[worker]++; acknowledged[worker] == 3 {
						begun <- struct{}{}
					}
				}
			})
		}
		for range acknowledged {
			<-begun
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		group.Wait()
		want := 0
		for _, n := range acknowledged {
			want += n
		}
		db, err := sql.Open("sqlite", "file:"+file)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var got int
		if err := db.QueryRow("SELECT count(*) FROM software").Scan(&got); err != nil || got != want {
			t.Errorf("got %d written, %v, want the %d acknowledged", got, err, want)
		}
	}
}

// A write that fails or panics is undone, and those that share its commit are not.
func TestWritesUndone(t *testing.T) {
	s, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	oops := errors.New("oops")
	writes := []func() error{func() error { return nil }, func() error { return oops }, func() error { panic(oops) }}
	for _, copies := range []int{1, 20} { // alone, and many in one commit
		var group sync.WaitGroup
		for range copies {
			for n, end := range writes {
				group.Go(func() {
					err := s.Write(context.Background(), func(tx *Tx) error {
						if _, err := tx.Exec("INSERT INTO computer (reference, address, netmask) VALUES (hex(randomblob(16)), '', '')"); err != nil {
							return err
						}
						return end()
					})
					panicked, ok := errors.AsType[*PanicError](err)
					if ok {
						err, _ = panicked.Value.(error)
					}
					if want := []error{nil, oops, oops}[n]; ok != (n == 2) || !errors.Is(err, want) {
						t.Errorf("write %d: got error %v, panicked %t, want %v", n, err, ok, want)
					}
				})
			}
		}
		group.Wait()
	}
	var got int
	if err := s.QueryRow("SELECT count(*) FROM computer").Scan(&got); err != nil || got != 21 {
		t.Errorf("got %d written, %v, want 21", got, err)
	}
}
