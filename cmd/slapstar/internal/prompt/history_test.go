package prompt

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func openHistory(t *testing.T, path string) *History {
	t.Helper()
	h, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "history")
	h := openHistory(t, path)
	for _, e := range []struct {
		entry string
		keep  bool
	}{
		{"a", true},
		{"def f():\n    return 1\n", true}, // a block is one entry
		{"def f():\n    return 1", true},   // the same again
		{" hidden", true},
		{"secret", false},
		{"", true},
		{strings.Repeat("x", maxEntry+1), true},
	} {
		if err := h.Add(e.entry, e.keep); err != nil {
			t.Fatal(err)
		}
	}
	if h.Len() != 4 { // of this session
		t.Errorf("got %d entries, want 4", h.Len())
	}
	data, err := os.ReadFile(path)
	if want := "{\"entry\":\"a\"}\n{\"entry\":\"def f():\\n    return 1\"}\n"; err != nil || string(data) != want {
		t.Errorf("got %v\n%swant\n%s", err, data, want)
	}
	again := openHistory(t, path)
	if line, err := again.GetLine(1); err != nil || line != "def f():\n    return 1" {
		t.Errorf("got %q, %v", line, err)
	}
	if _, err := again.GetLine(2); err == nil {
		t.Error("there is a third entry")
	}
}

// A damaged file gives what can be read, and others lose the right to read it.
func TestDamagedHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(path, []byte("{\"entry\":\"a\"}\n{\"ent\n\x00\n{\"entry\":\"b\"}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if h := openHistory(t, path); h.Len() != 2 {
		t.Errorf("got %d entries, want 2", h.Len())
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// Sessions at the same time keep each other's entries.
func TestHistoryOfManySessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var sessions sync.WaitGroup
	for s := range 8 {
		h := openHistory(t, path)
		sessions.Go(func() {
			for i := range 50 {
				if err := h.Add(fmt.Sprintf("entry %d of %d", i, s), true); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sessions.Wait()
	if n := openHistory(t, path).Len(); n != 400 {
		t.Errorf("got %d entries, want 400", n)
	}
}

func TestLongHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var b strings.Builder
	for i := range 2*maxEntries + 1 {
		fmt.Fprintf(&b, "{\"entry\":\"%d\"}\n", i)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	openHistory(t, path)
	h := openHistory(t, path)
	last, err := h.GetLine(h.Len() - 1)
	if h.Len() != maxEntries || err != nil || last != fmt.Sprint(2*maxEntries) {
		t.Errorf("got %d entries, the last one %q, %v", h.Len(), last, err)
	}
}
