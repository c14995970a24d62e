package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// A Tx is the transaction that a write works in: it reads and writes. It must not
// be used after the function that got it returns, nor concurrently.
type Tx struct{ statements *statements }

// Query is that of [sql.Tx].
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return tx.statements.Query(query, args...)
}

// QueryRow is that of [sql.Tx].
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	return tx.statements.QueryRow(query, args...)
}

// Exec is that of [sql.Tx].
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) {
	return tx.statements.Exec(query, args...)
}

// A write is one transaction on its way.
type write struct {
	ctx  context.Context
	do   func(*Tx) error
	done chan error
}

// maxGroup is how many writes share one commit. A commit waits for the disk;
// those that arrive meanwhile share the next one.
const maxGroup = 256

// A writer carries out writes one after the other, each whole or not at all, on
// a connection of its own.
type writer struct {
	statements *statements // one connection, used by run alone
	writes     chan *write
	closing    chan struct{} // closed: nothing is taken any more
	finished   chan struct{} // closed: what was taken is done
}

// ErrClosed is the error of a write that comes after the end.
var ErrClosed = errors.New("this Master is ending")

func newWriter(s *statements) *writer {
	w := &writer{statements: s, writes: make(chan *write, maxGroup), closing: make(chan struct{}), finished: make(chan struct{})}
	go w.run()
	return w
}

// Close lets what was handed in finish. What is handed in later has an error.
func (w *writer) Close() {
	close(w.closing)
	<-w.finished
}

// write is [Store.Write].
func (w *writer) write(ctx context.Context, do func(*Tx) error) error {
	job := &write{ctx: ctx, do: do, done: make(chan error, 1)}
	select {
	case w.writes <- job:
	case <-w.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-job.done:
		return err
	case <-w.finished:
	}
	select {
	case err := <-job.done: // it was the last one
		return err
	default: // it came too late
		return ErrClosed
	}
}

// checkpointDelay is how long what was written waits for the disk at most: what
// a power cut may cost.
const checkpointDelay = time.Second

func (w *writer) run() {
	defer close(w.finished)
	var due <-chan time.Time // of the next checkpoint; nil when all is on the disk
	for {
		var first *write
		select {
		case first = <-w.writes:
		case <-w.closing:
			select {
			case first = <-w.writes:
			default:
				return
			}
		case <-due:
			due = nil
			w.statements.Exec("PRAGMA wal_checkpoint(PASSIVE)") // a failure is that of the next commit
			continue
		}
		if due == nil {
			due = time.After(checkpointDelay)
		}
		group := []*write{first}
		for len(group) < maxGroup {
			select {
			case next := <-w.writes:
				group = append(group, next)
				continue
			default:
			}
			break
		}
		for i, err := range w.commit(group) {
			group[i].done <- err
		}
	}
}

// commit carries out a group and returns the error of each.
func (w *writer) commit(group []*write) []error {
	errs := make([]error, len(group))
	all := func(err error) []error {
		for i := range errs {
			errs[i] = errors.Join(errs[i], err)
		}
		return errs
	}
	if _, err := w.statements.Exec("BEGIN IMMEDIATE"); err != nil {
		return all(err)
	}
	for i, job := range group {
		if errs[i] = job.ctx.Err(); errs[i] == nil {
			errs[i] = w.carryOut(job, len(group) == 1)
		}
	}
	end := "COMMIT"
	if len(group) == 1 && errs[0] != nil {
		end = "ROLLBACK"
	}
	if _, err := w.statements.Exec(end); err != nil {
		w.statements.Exec("ROLLBACK") // which the failed commit may have done
		return all(err)
	}
	return errs
}

// carryOut does one write of a group: with an error, nothing of it stays. For one
// that is alone in its group commit sees to that.
func (w *writer) carryOut(job *write, alone bool) error {
	if alone {
		return safely(job.do, &Tx{w.statements})
	}
	if _, err := w.statements.Exec("SAVEPOINT one"); err != nil {
		return err
	}
	err := safely(job.do, &Tx{w.statements})
	if err != nil {
		if _, back := w.statements.Exec("ROLLBACK TO one"); back != nil {
			return errors.Join(err, back)
		}
	}
	_, released := w.statements.Exec("RELEASE one")
	return errors.Join(err, released)
}

// A PanicError is a panic of a write, which was undone.
type PanicError struct {
	Value any    // what was panicked with
	Stack []byte // where, as [debug.Stack] writes it; the text of the error leaves it out
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// safely turns a panic into an error: this is not the goroutine of a request,
// where net/http does.
func safely(do func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{p, debug.Stack()}
		}
	}()
	return do(tx)
}
