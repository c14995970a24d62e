package term

import (
	"io"
	"sync"

	"slapstar/internal/mask"
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

var _ mask.Masking = (*Diversion)(nil)

// Write implements [io.Writer].
func (d *Diversion) Write(p []byte) (int, error) { return d.writer().Write(p) }

// WriteOwn implements [mask.Masking].
func (d *Diversion) WriteOwn(text string) (int, error) { return mask.WriteOwn(d.writer(), text) }

// Mask implements [mask.Masking].
func (d *Diversion) Mask() *mask.Filter { return mask.Of(d.W) }

func (d *Diversion) writer() io.Writer {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.to != nil {
		return d.to
	}
	return d.W
}
