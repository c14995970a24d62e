package slap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// Limits bound what a Master may answer. A field that is 0 means the default.
type Limits struct {
	Rows  int   // of one listing; 1 000 000
	Bytes int64 // of one answer, and of all pages of one listing, unpacked; 64 MiB
	Reads int64 // of all answers to one [Reader.Bounded], unpacked; 4 times Bytes
}

func (l Limits) orDefaults() Limits {
	if l.Rows == 0 {
		l.Rows = 1_000_000
	}
	if l.Bytes == 0 {
		l.Bytes = 64 << 20
	}
	if l.Reads == 0 {
		l.Reads = 4 * l.Bytes
	}
	return l
}

// ErrTooMuch is the error of an answer that is beyond the [Limits].
var ErrTooMuch = errors.New("the Master answers too much")

// A counter counts the bytes of answers that belong together.
type counter struct {
	parent *counter // counts them, too; may be nil
	what   string   // that they belong to, as in "in one listing"
	most   int64
	used   atomic.Int64
}

type counterKey struct{}

// counting returns a context whose answers count together, besides those counters
// that ctx has.
func counting(ctx context.Context, what string, most int64) context.Context {
	parent, _ := ctx.Value(counterKey{}).(*counter)
	return context.WithValue(ctx, counterKey{}, &counter{parent: parent, what: what, most: most})
}

// add counts n bytes, which may be negative.
func (c *counter) add(n int64) error {
	var err error
	for ; c != nil; c = c.parent {
		if c.used.Add(n) > c.most && err == nil {
			err = fmt.Errorf("%w: more than %s %s", ErrTooMuch, size(c.most), c.what)
		}
	}
	return err
}

func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}

// A body is an answer that is counted while it is read, as it is unpacked.
type body struct {
	r       io.Reader
	counter *counter
	n       int64  // bytes so far
	head    []byte // the first of them, for messages
	err     error  // other than io.EOF
}

// maxHead is how much of an answer is kept for messages.
const maxHead = 4 << 10

// Read implements [io.Reader].
func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.r.Read(p)
	b.n += int64(n)
	if room := maxHead - len(b.head); room > 0 {
		b.head = append(b.head, p[:min(n, room)]...)
	}
	if tooMuch := b.counter.add(int64(n)); tooMuch != nil {
		n, err = 0, tooMuch
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// uncount takes back what was counted, of an answer that is read again.
func (b *body) uncount() {
	b.counter.add(-b.n)
}

// describe is describeBody of an answer that was not kept.
func (b *body) describe() string {
	if b.n > int64(len(b.head)) && !looksLikeHTML(b.head) {
		return fmt.Sprintf("%d bytes of something else", b.n)
	}
	return describeBody(b.head)
}
