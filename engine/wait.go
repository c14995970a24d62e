package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"slapstar/slap"
)

// heartbeat is how often an apply reports a wait while nothing happens.
const heartbeat = 10 * time.Second

// forgetful is how long a Master may be without an instance that it said it took;
// each time that it is asked again it may take twice as long. A full Master needs
// a while until it lists one.
const forgetful = 5 * time.Second

// A waiter reads a Master until what is waited for is there.
type waiter struct {
	waiting
	master    Reader
	tell      func(Event)
	heartbeat time.Duration // the shortest time between two events of kind Waiting
	now       func() time.Time
	sleep     func(context.Context, time.Duration) error
	pace      time.Duration // the shortest pause between two reads, where that is long
	read      *State        // what was read last
	turn      int           // of the instances that are read one by one
	full      bool          // it is a full Master

	// waited reports whether it is worth saying that something is there which is there at the
	// first look: nobody waited for it, but for what has just been asked for. nil: it always is.
	waited func(Reference) bool
}

// Wait reads an instance until it has published the connection parameters of WaitFor,
// or, with none of them, until it is ready, and returns it as it was read last. It
// waits no longer than Timeout; 0 is for ever. What passes is waited for, as by
// an apply: a Master that is away or busy, or that does not show the instance yet.
//
// Each read after which something is left is reported by an event of kind [Waiting].
//
// The error is [ErrNotReadyInTime], [slap.ErrNotFound] for an instance that there is
// not, that of ctx, or what went wrong.
func Wait(ctx context.Context, m Reader, i *Instance, report func(Event)) (slap.Instance, error) {
	w := waiter{waiting: newWaiting(i.Timeout), master: m, tell: report, now: time.Now, sleep: sleep, read: NewState()}
	return w.instance(ctx, i)
}

// instance is Wait.
func (w *waiter) instance(ctx context.Context, i *Instance) (slap.Instance, error) {
	awaited := i.awaited()
	if len(awaited) == 0 {
		awaited = []Reference{{Instance: i.Name}}
	}
	absent, err := w.wait(ctx, nil, awaited, func(read *State, now time.Time) bool {
		return read.lacks(i.Name) && w.elapsed(now) >= forgetful
	})
	if absent && err == nil {
		err = fmt.Errorf("instance %q: %w", i.Name, slap.ErrNotFound)
	}
	return w.read.Instances[i.Name], err
}

// wait returns true when something is there that is needed, or when stop says of
// what was read that there is no more to wait for; false when all that is awaited is
// there and nothing is needed any more. An instance whose own time is up is given up.
// The error is [ErrNotReadyInTime] when the time of all is up.
func (w *waiter) wait(ctx context.Context, needed, awaited []Reference, stop func(read *State, now time.Time) bool) (bool, error) {
	w.begin(w.now(), needed, awaited)
	if len(w.left()) == 0 {
		return false, nil
	}
	defer func() { w.end(w.now()) }()
	told := time.Duration(-1)
	for {
		failure := w.look(ctx)
		if failure != nil && !Passes(failure) {
			return false, failure
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		now := w.now()
		came, enough := w.take(now, w.read)
		if told < 0 && w.waited != nil {
			came = slices.DeleteFunc(came, func(n Need) bool { return !w.waited(n.Reference) })
		}
		if len(came) > 0 {
			w.tell(Event{Kind: Arrived, Time: now, Waits: came, Elapsed: w.elapsed(now)})
		}
		if enough || stop(w.read, now) {
			return true, nil
		}
		w.giveUp(now)
		if len(w.left()) == 0 {
			return false, nil
		}
		if elapsed := w.elapsed(now); told < 0 || elapsed-told >= w.heartbeat {
			w.tell(Event{Kind: Waiting, Time: now, Waits: w.report(now, w.read), Elapsed: elapsed, Limit: w.bound(), Err: failure})
			told = elapsed
		}
		if w.expired(now) {
			return false, ErrNotReadyInTime
		}
		if err := w.sleep(ctx, w.delay(now, w.pace)); err != nil {
			return false, err
		}
	}
}

// Passes reports whether an error does not end a wait of an hour: a Master that
// is away for a while, or busy, or answers with an error page.
func Passes(err error) bool {
	_, content := errors.AsType[*slap.ContentError](err)
	status, answered := errors.AsType[*slap.StatusError](err)
	return errors.Is(err, slap.ErrUnreachable) || errors.Is(err, slap.ErrBusy) || content || answered && status.Code >= 500
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
