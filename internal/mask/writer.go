package mask

import (
	"io"
	"sync"
)

// A Masking is a writer that hides secrets.
type Masking interface {
	io.Writer

	// WriteOwn writes text that holds nothing of files or a Master, or of which the
	// secrets are hidden already: it is written as it is.
	WriteOwn(text string) (int, error)

	// Mask returns what the writer hides; nil: nothing.
	Mask() *Filter
}

// Of returns what a writer hides; nil: nothing.
func Of(w io.Writer) *Filter {
	if m, ok := w.(Masking); ok {
		return m.Mask()
	}
	return nil
}

// WriteOwn writes text that is slapstar's own, such as the counts of a plan.
func WriteOwn(w io.Writer, text string) (int, error) {
	if m, ok := w.(Masking); ok {
		return m.WriteOwn(text)
	}
	return io.WriteString(w, text)
}

// A Writer hides secrets in what it writes, also one that comes in pieces: it keeps what
// may be the beginning of one until more comes. It may be used concurrently.
type Writer struct {
	filter *Filter

	mu   sync.Mutex
	w    io.Writer
	rest string // the beginning of what may be a secret
}

var _ Masking = (*Writer)(nil)

// Writer returns a Writer to w. It has to be flushed at the end, and before somebody is
// asked something.
func (f *Filter) Writer(w io.Writer) *Writer { return &Writer{filter: f, w: w} }

// Mask implements [Masking].
func (w *Writer) Mask() *Filter { return w.filter }

// Write implements [io.Writer].
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.filter.mu.RLock()
	hidden, rest := w.filter.hide(w.rest+string(p), false)
	w.filter.mu.RUnlock()
	w.rest = rest
	if hidden == "" {
		return len(p), nil
	}
	if _, err := w.w.Write([]byte(hidden)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// WriteOwn implements [Masking].
func (w *Writer) WriteOwn(text string) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.flush(); err != nil {
		return 0, err
	}
	return w.w.Write([]byte(text))
}

// Flush writes what was kept.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flush()
}

func (w *Writer) flush() error {
	rest := w.rest
	if w.rest = ""; rest == "" {
		return nil
	}
	_, err := w.w.Write([]byte(w.filter.Text(rest))) // it may be a secret that is the beginning of another
	return err
}
