package limit

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/starlib/lang"
)

const (
	interval  = 10 * time.Millisecond  // between two looks
	grace     = time.Second            // between the end of the context and that of the process
	patience  = 300 * time.Millisecond // the same, after a signal
	reporting = 5 * time.Second        // that the last message may take: somebody has to read it
)

// The runtime ends the process, with a trace, where a stack would have to grow beyond
// runtimeStack; stacks are doubled, so that is at 1 GiB. Above maxStack the watch does.
const (
	maxStack     = 256 << 20
	runtimeStack = 2_000_000_000
)

// Options say what is watched.
type Options struct {
	Signal context.Context // ends when somebody wants the work to end
	Limits Limits
	Place  *lang.Place // is moved by evaluations
	Err    io.Writer   // gets the last message, where the process is ended
	Last   func(error) // gets the same after that, an [*lang.Error] if the place is known; may be nil

	ExitFailed, ExitInterrupted int // exit codes
}

// A Watch looks at one piece of work while it runs. Its methods may be called
// concurrently, and on nil, which watches nothing.
type Watch struct {
	o      Options
	cancel context.CancelCauseFunc
	ends   struct{ time, memory, nesting, interrupted *end } // made in advance: there may be no memory

	waits   atomic.Int32
	writing atomic.Bool // something is under way that has to be finished
	written atomic.Bool
	rested  atomic.Bool // the clock begins anew

	over    chan struct{}
	mu      sync.Mutex // held while the process ends, so that nothing comes after that
	once    sync.Once
	message [4096]byte  // room for the last one
	hurry   *time.Timer // exits when it cannot be written
}

// An end is why work is to end.
type end struct {
	err  error
	text string // of the message, after the place
	code int
}

func newEnd(err error, code int) *end {
	text := err.Error() + "\n"
	if hint := lang.HintOf(err); hint != "" {
		text += "hint: " + hint + "\n"
	}
	return &end{err, text, code}
}

// Begin watches work from now on, which runs with the context that it returns: that ends
// with the signal, or when a limit is passed, and then [context.Cause] is an
// [*ExceededError]. Work that continues nevertheless ends with the process.
func Begin(o Options) (context.Context, *Watch) {
	ctx, cancel := context.WithCancelCause(o.Signal)
	o.Place.Forget()
	w := &Watch{o: o, cancel: cancel, over: make(chan struct{})}
	w.ends.time = newEnd(o.Limits.timeError(), o.ExitFailed)
	w.ends.memory = newEnd(o.Limits.memoryError(), o.ExitFailed)
	w.ends.nesting = newEnd(nestingError(), o.ExitFailed)
	w.ends.interrupted = newEnd(errors.New("interrupted"), o.ExitInterrupted)
	w.hurry = time.AfterFunc(time.Hour, func() { os.Exit(o.ExitFailed) })
	w.hurry.Stop()
	debug.SetMaxStack(runtimeStack)
	debug.SetMemoryLimit(int64(o.Limits.Values())) // from there on garbage is not left lying about
	if used, _ := newGauge().read(); uint64(used) > o.Limits.Values() {
		runtime.GC() // what work before this has left counts for that
	}
	go w.look()
	return ctx, w
}

// End ends the watch: the work is done.
func (w *Watch) End() {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.once.Do(func() { close(w.over) })
	w.cancel(nil)
}

// Wait stops the clock until resume is called: the work waits for a Master, a person, or
// for time to pass.
func (w *Watch) Wait() (resume func()) { return w.wait(1) }

// Resume lets the clock run within a Wait, until wait is called.
func (w *Watch) Resume() (wait func()) { return w.wait(-1) }

func (w *Watch) wait(n int32) func() {
	if w == nil {
		return func() {}
	}
	w.waits.Add(n)
	return func() { w.waits.Add(-n) }
}

// Writing says that a Master is about to be written to. Time ends nothing from then on
// until Rest, and a signal not the process any more: what is under way is finished.
func (w *Watch) Writing() {
	if w != nil {
		w.writing.Store(true)
		w.written.Store(true)
	}
}

// Rest says that nothing is under way any more. What comes next has all the time for
// itself.
func (w *Watch) Rest() {
	if w != nil {
		w.rested.Store(true)
		w.writing.Store(false)
	}
}

// Source adds to a source of files what their evaluation needs to be watched.
func (w *Watch) Source(s lang.Source) lang.Source {
	if w != nil {
		s.Place, s.Memory = w.o.Place, w.o.Limits.Values()
	}
	return s
}

// look is the watch. It allocates nothing, or the collector would make it wait for the
// work.
func (w *Watch) look() {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	g, before := newGauge(), time.Now()
	var used, late time.Duration // by the work, in all and since it was to end
	var why *end
	for {
		select {
		case <-w.over:
			return
		case <-ticks.C:
		}
		passed := time.Since(before)
		before = before.Add(passed)
		working := w.waits.Load() <= 0 && !w.writing.Load()
		if w.rested.CompareAndSwap(true, false) {
			used = 0
		}
		if working {
			used += passed
		}
		if working && why != nil && (why != w.ends.interrupted || !w.written.Load()) {
			late += passed
		}
		memory, stacks := g.read()
		switch {
		case stacks > maxStack:
			w.exit(w.ends.nesting)
		case memory > w.o.Limits.Memory:
			w.exit(w.ends.memory)
		case late > grace, late > patience && why == w.ends.interrupted:
			w.exit(why)
		case why != nil:
		case w.o.Signal.Err() != nil:
			why = w.ends.interrupted
		case memory > w.o.Limits.Memory/4*3:
			why = w.ends.memory
			w.cancel(why.err)
		case used > w.o.Limits.Time:
			why = w.ends.time
			w.cancel(why.err)
		}
	}
}

// exit ends the process, unless the work is done. It allocates nothing either.
func (w *Watch) exit(why *end) {
	w.mu.Lock() // for ever
	select {
	case <-w.over:
		w.mu.Unlock()
		return
	default:
	}
	w.hurry.Reset(reporting)
	m := append(w.message[:0], "slapstar: "...)
	if at, known := w.o.Place.Position(); known && len(at.File) < len(w.message)/2 {
		m = append(m, term.Clean(at.File)...)
		m = strconv.AppendInt(append(m, ':'), int64(at.Line), 10)
		m = strconv.AppendInt(append(m, ':'), int64(at.Col), 10)
		m = append(m, ": "...)
	}
	w.o.Err.Write(append(m, why.text...))
	if w.o.Last != nil { // which may allocate: the message is out, and it has as much time
		w.o.Last(w.placed(why.err))
	}
	os.Exit(why.code)
}

// placed is an error with the place of the last statement.
func (w *Watch) placed(err error) error {
	if at, known := w.o.Place.Position(); known {
		return lang.NewError(at, err)
	}
	return err
}
