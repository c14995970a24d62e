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

// The first paragraphs of ERP5's error page say nothing; type and value are told
// apart by their labels.
func TestFullErrorPage(t *testing.T) {
	s := ready(t, 1)
	s.running(t, vm("a"))
	const request = "requestComputerPartition"
	for _, test := range []struct {
		name        string
		do          func() (int, string)
		code        int
		kind, value string
	}{
		{"another release", func() (int, string) {
			return s.form(t, request, "software_release", "x", "partition_reference", "a", "software_type", "default")
		}, 500, "NotImplementedError", "You can not change the release / type / shared states"},
		{"nothing of that name", func() (int, string) { return s.form(t, "supplySupply", "url", "<x>", "computer_id", "COMP-9") }, 404, "NotFound", "COMP-9 is not registered."},
		{"a field that is missing", func() (int, string) { return s.form(t, request, "partition_reference", "a") }, 400, "BadRequest", ""},
		{"not ready", func() (int, string) {
			return s.form(t, request, "software_release", "<y>", "partition_reference", "new", "software_type", "default")
		}, 408, "SoftwareInstanceNotReady", ""},
		{"no such endpoint", func() (int, string) { return s.form(t, "nothing<x>") }, 404, "NotFound", "/erp5/portal_slap/nothing&lt;x&gt;"},
	} {
		code, page := test.do()
		_, rest, _ := strings.Cut(page, "<body>\n")
		start := "<p class=\"clear\"></p>\n<p>An error was encountered while publishing this resource.</p>\n<p><strong>Error Type: " +
			test.kind + "</strong><br /> <strong>Error Value: " + test.value
		if code != test.code || !strings.HasPrefix(rest, start) {
			t.Errorf("%s: got %d %s, want %d with %s", test.name, code, page, test.code, start)
		}
	}
}
