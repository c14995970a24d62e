package term

import (
	"io"
	"sync"
)

// A Diversion is a writer that can be sent elsewhere for a while. It may be used
// concurrently.
type Diversion struct {
	W io.Writer // where it writes unless it is sent elsewhere

	mu sync.Mutex
	to io.Writer // nil: to W
}

// Divert sends what is written to another writer, or back with nil.
func (d *Diversion) Divert(to io.Writer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = to
}

// Write implements [io.Writer].
func (d *Diversion) Write(p []byte) (int, error) {
	d.mu.Lock()
	to := d.to
	d.mu.Unlock()
	if to == nil {
		to = d.W
	}
	return to.Write(p)
}
