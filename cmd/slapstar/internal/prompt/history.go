package prompt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Bounds of a history.
const (
	maxEntries = 2000     // that are kept
	maxEntry   = 64 << 10 // bytes of one that is kept
)

// A History is what was entered before, in this session and in others. An entry
// is one line of JSON in the file, however many lines it has.
type History struct {
	path    string // empty: none is kept
	entries []string
}

// A record is a line of the file.
type record struct {
	Entry string `json:"entry"`
}

// OpenHistory reads a file, which only its owner can read from then on. It is made
// when there is something to keep. The error is that nothing could be read or can
// be kept; the history works all the same.
func OpenHistory(path string) (*History, error) {
	h := &History{path: path}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		return &History{}, fmt.Errorf("reading the history: %w", err)
	}
	lines := bytes.Split(data, []byte("\n"))
	for _, line := range lines {
		var r record
		if json.Unmarshal(line, &r) == nil && r.Entry != "" { // what is damaged is left out
			h.entries = append(h.entries, r.Entry)
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return h, fmt.Errorf("keeping the history to its owner: %w", err)
	}
	if len(h.entries) > 2*maxEntries {
		h.entries = h.entries[len(h.entries)-maxEntries:]
		return h, h.rewrite()
	}
	return h, nil
}

// rewrite makes the file shorter. Another session that appends meanwhile may lose
// that entry, and nothing else.
func (h *History) rewrite() error {
	f, err := os.CreateTemp(filepath.Dir(h.path), ".history-*") // mode 0600
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, entry := range h.entries {
		b.Write(line(entry))
	}
	_, err = f.Write(b.Bytes())
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), h.path)
}

func line(entry string) []byte {
	data, _ := json.Marshal(record{entry}) // text can be marshalled
	return append(data, '\n')
}

// Add remembers an entry, and keeps it in the file unless it is for this session
// only. One that begins with a space, or is the last one again, is not
// remembered.
func (h *History) Add(entry string, keep bool) error {
	entry = strings.TrimRight(entry, " \t\n")
	if entry == "" || entry[0] == ' ' || len(h.entries) > 0 && h.entries[len(h.entries)-1] == entry {
		return nil
	}
	h.entries = append(h.entries, entry)
	if !keep || h.path == "" || len(entry) > maxEntry {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return fmt.Errorf("keeping the history: %w", err)
	}
	f, err := os.OpenFile(h.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("keeping the history: %w", err)
	}
	_, err = f.Write(line(entry)) // in one write: others append, too
	return errors.Join(err, f.Close())
}

// The methods below are those that the line editor calls.

// Write does nothing: what is kept is decided when the entry has been evaluated.
func (h *History) Write(string) (int, error) { return len(h.entries), nil }

// GetLine returns an entry, counted from the oldest.
func (h *History) GetLine(i int) (string, error) {
	if i < 0 || i >= len(h.entries) {
		return "", errors.New("no such entry")
	}
	return h.entries[i], nil
}

// Len returns how many there are.
func (h *History) Len() int { return len(h.entries) }

// Dump returns all entries.
func (h *History) Dump() any { return h.entries }
