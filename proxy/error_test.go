package proxy

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"slapstar/proxy/internal/store"
)

// A write that panics is undone, and tells the client nothing of this program.
func TestWritePanics(t *testing.T) {
	var log []string
	s, err := Open(Options{Log: func(text string) { log = append(log, text) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.update(context.Background(), func(tx *store.Tx) error {
		if err := addNode(tx, "COMP-1"); err != nil {
			return err
		}
		panic("oops")
	})
	code, message := s.status(err)
	if code != http.StatusInternalServerError || !strings.Contains(message, "panic: oops") || strings.Contains(message, "goroutine") {
		t.Errorf("got %d %s", code, message)
	}
	if !strings.Contains(strings.Join(log, "\n"), "TestWritePanics") {
		t.Errorf("where it was is not in the log: %q", log)
	}
	if list, err := findNodes(s.db, "1"); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v, want nothing written", list, err)
	}
}
