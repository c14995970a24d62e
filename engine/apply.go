package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Parallelism is how many requests an apply makes at once, if it is not told.
const Parallelism = 8

// An Apply carries out an approved plan.
type Apply struct {
	Master Master
	Plan   *Plan // as approved; nothing is done that it does not show

	// Replan reads the Master and evaluates the files again. What it plans has
	// to refine Plan; values that were unknown are filled in that way.
	Replan func(context.Context) (*Plan, *State, error)

	Report      func(Event)   // may be nil; called by one goroutine at a time
	Parallelism int           // requests at once; 0 is [Parallelism]. A Master that is not safe for it gets one
	FailFast    bool          // start nothing after a failure
	WaitAll     bool          // wait until all that was changed is ready
	Timeout     time.Duration // for all waiting together; 0 is no limit

	Now   func() time.Time                           // nil for the real clock
	Sleep func(context.Context, time.Duration) error // nil for the real one
}

// run is the state of one Run. One goroutine uses it.
type run struct {
	Apply
	done    map[Address]bool
	failed  map[Address]error
	idle    map[Address]bool    // pending in the approved plan and not in the latest
	shown   map[Address]*Change // the approved plan
	written map[Address]*Change // as it was asked for last
	tries   map[Address]int     // how often a change was written
	unsure  map[Address]bool    // the Master answered "not ready" to it
	moved   []*Change           // what differs at the end and was not to be changed

	waiter
	neededBefore []Reference // what was needed when the last value came
}

// maxTries is how often a change is asked for that the Master answers "not ready"
// to and then does not have.
const maxTries = 4

// Run carries the plan out: everything that can be done is, in the order of the
// plan and in parallel where the order allows; then it waits for the connection
// parameters that the rest needs, plans again and continues. A change that fails
// stops what depends on it and nothing else. When ctx ends, nothing new is started;
// what is under way is finished. The outcome is returned also with an error.
//
// Where the plan ends at a boundary, Run waits for the value there: the next
// plan shows what comes after it, and has to be approved like this one.
//
// The error is a [*NotApprovedError] or a [*DivergedError] before or between writes, a
// [*MovedError] after them, [ErrNotReadyInTime], the error of ctx, or what went wrong;
// failed changes alone are no error. A plan that was made
// without its secrets is refused with [ErrWithheld].
func (a Apply) Run(ctx context.Context) (*Outcome, error) {
	if len(a.Plan.Withheld()) > 0 {
		return nil, ErrWithheld
	}
	r := newRun(a)
	for {
		again, err := r.round(ctx)
		if !again || err != nil {
			return r.outcome(r.overdue(r.Now(), r.read)), err
		}
	}
}

// round plans, does what can be done, and waits for what the rest needs. It
// reports whether there may be more to do.
func (r *run) round(ctx context.Context) (again bool, err error) {
	begin := r.Now()
	next, state, err := r.replan(ctx)
	if err != nil {
		return false, err
	}
	r.pace = r.Now().Sub(begin)
	s := newSchedule(next, r.wanted, r.failed, r.givenUp)
	if renew, err := r.carryOut(ctx, s, state); renew || err != nil {
		return renew, err
	}
	late := false
	if !r.stopped() {
		arrived, err := r.wait(ctx, s.missing(next), r.awaited())
		if late = errors.Is(err, ErrNotReadyInTime); arrived || err != nil && !late {
			return true, err
		}
	}
	again, err = r.verify(ctx, !late)
	if err == nil && (late || !again && len(r.givenUp) > 0) {
		return false, ErrNotReadyInTime
	}
	return again, err
}

// stopped reports whether a failure stopped everything.
func (r *run) stopped() bool { return r.FailFast && len(r.failed) > 0 }

func newRun(a Apply) *run {
	r := &run{Apply: a, done: map[Address]bool{}, failed: map[Address]error{}, idle: map[Address]bool{}, shown: a.Plan.byAddress(),
		written: map[Address]*Change{}, tries: map[Address]int{}, unsure: map[Address]bool{}}
	if r.Parallelism == 0 {
		r.Parallelism = Parallelism
	}
	if r.Now == nil {
		r.Now = time.Now
	}
	if r.Sleep == nil {
		r.Sleep = sleep
	}
	if r.Report == nil {
		r.Report = func(Event) {}
	}
	r.waiter = waiter{waiting: newWaiting(r.Timeout, a.Plan.instances()...), master: r.Master, tell: r.Report, heartbeat: heartbeat, now: r.Now, sleep: r.Sleep, read: NewState(),
		waited: func(ref Reference) bool { return r.done[InstanceAddress(ref.Instance)] }}
	return r
}

// wanted reports whether a change of the latest plan is still to be made. What
// comes after this stage has no approval yet.
func (r *run) wanted(c *Change) bool {
	a := c.Address()
	return r.shown[a] != nil && c.Pending() && !r.done[a] && r.failed[a] == nil
}

func (r *run) replan(ctx context.Context) (*Plan, *State, error) {
	next, state, err := r.Replan(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !next.CanApply() {
		return nil, nil, &RefusedError{Refusals: next.Refusals}
	}
	clear(r.idle)
	now := next.byAddress()
	for a, c := range r.shown { // what nobody declares any more and is gone needs nothing either
		r.idle[a] = c.Pending() && (now[a] == nil || !now[a].Pending())
	}
	moved, err := checkRefines(r.Plan, next, r.done, state.ConnectionParameter)
	if err != nil {
		return nil, nil, err
	}
	return next, state, r.refuse(next, moved)
}

// refuse makes changes fail whose targets somebody else has changed. Before the first
// write nothing is done at all.
func (r *run) refuse(next *Plan, moved map[Address]error) error {
	for _, c := range next.Changes {
		a := c.Address()
		err := moved[a]
		switch {
		case err == nil || r.failed[a] != nil:
			continue
		case len(r.tries) == 0:
			return err
		}
		if shown := r.shown[a]; shown == nil || !shown.Pending() { // it was to be left alone: the end says so
			continue
		}
		r.failed[a] = err
		r.Report(Event{Kind: Failed, Time: r.Now(), Change: c, Err: err})
	}
	return nil
}

// Reading again takes at most a part of the time of an apply, and not more often than that.
const (
	renewalPart  = 20
	leastRenewal = 2 * time.Second
)

// carryOut does what can be done with the values known now. It reports whether it stopped
// because that was read long ago: somebody else may have changed what is to be written.
func (r *run) carryOut(ctx context.Context, s *schedule, state *State) (renew bool, err error) {
	type result struct {
		change   *Change
		begin    time.Time
		notReady bool
		err      error
	}
	most := r.Parallelism
	if state.CreateSerially {
		most = 1 // and more connections make a slapproxy slower, not faster
	}
	results := make(chan result)
	read := r.Now()
	for running := 0; ; {
		for running < most && ctx.Err() == nil && !r.stopped() {
			if len(r.tries) > 0 && r.Now().Sub(read) > max(leastRenewal, renewalPart*r.pace) && s.more() {
				renew = true
				break
			}
			c := s.next()
			if c == nil {
				break
			}
			r.start(c)
			running++
			begin := r.Now()
			go func() {
				notReady, err := write(ctx, r.Master, c)
				results <- result{c, begin, notReady, err}
			}()
		}
		if running == 0 {
			return renew, ctx.Err()
		}
		done := <-results
		running--
		r.finish(done.change, done.notReady, done.err, r.Now().Sub(done.begin))
		s.finish(done.change, done.err != nil)
	}
}

func (r *run) start(c *Change) {
	a := c.Address()
	if approved := r.shown[a]; approved == nil || !approved.Pending() {
		panic("engine: " + string(a) + " is written and was not approved") // checkRefines sees to that
	}
	r.tries[a]++
	r.written[a] = c
	r.Report(Event{Kind: Started, Time: r.Now(), Change: c})
}

func (r *run) finish(c *Change, notReady bool, err error, took time.Duration) {
	a := c.Address()
	if err != nil {
		r.failed[a] = err
		r.Report(Event{Kind: Failed, Time: r.Now(), Change: c, Err: err, Elapsed: took})
		return
	}
	r.done[a], r.unsure[a] = true, notReady
	r.Report(Event{Kind: Done, Time: r.Now(), Change: c, Elapsed: took})
}

// verify reads once more: success is what the Master then has, not what it
// answered. What it answered "not ready" to, and does not have, is asked for again;
// what failed and is there all the same is done, and what waits for it may go on.
//
// When nothing may follow, the last of these is not.
func (r *run) verify(ctx context.Context, goOn bool) (again bool, err error) {
	if len(r.tries) == 0 {
		return false, nil
	}
	plan, _, err := r.Replan(ctx)
	if err != nil {
		return false, fmt.Errorf("reading the result: %w", err)
	}
	var left, moved []*Change
	for _, c := range plan.Changes {
		a := c.Address()
		switch {
		case !c.Pending() && r.failed[a] != nil && r.written[a] != nil && sameWish(r.written[a], c):
			// It took effect although no answer came, or none that says so.
			delete(r.failed, a)
			r.done[a], again = true, true
			r.Report(Event{Kind: Done, Time: r.Now(), Change: r.written[a]})
		case !c.Pending() || r.failed[a] != nil:
		case r.done[a] && !sameWish(r.written[a], c):
			moved = append(moved, c)
		case r.done[a] && r.unsure[a] && r.tries[a] < maxTries && goOn && !r.stopped():
			delete(r.done, a)
			again = true
		case r.done[a]:
			left = append(left, c)
		case r.shown[a] == nil && r.Plan.Declared.More == nil, r.shown[a] != nil && (!r.shown[a].Pending() || r.idle[a]):
			moved = append(moved, c)
		}
	}
	switch {
	case len(left) > 0:
		for _, c := range left { // the Master took it, and that is not done
			r.undo(c, &WrittenError{c})
		}
		return false, nil
	case again && goOn && !r.stopped():
		return true, r.pause(ctx)
	case len(moved) > 0:
		for _, c := range moved {
			if r.done[c.Address()] {
				r.undo(c, &UndoneError{c})
			} else {
				r.moved = append(r.moved, c)
			}
		}
		if len(r.moved) > 0 {
			return false, &MovedError{Changes: r.moved}
		}
	}
	return false, nil
}

// undo makes a change that was done one that failed.
func (r *run) undo(c *Change, err error) {
	a := c.Address()
	delete(r.done, a)
	r.failed[a] = err
	r.Report(Event{Kind: Failed, Time: r.Now(), Change: r.written[a], Err: err})
}

// sameWish reports whether two changes ask for the same.
func sameWish(a, b *Change) bool {
	return diverged(a.Resource, b.Resource, func(string, string) (string, bool) { return "", false }, func(Address, attributePath) bool { return false }) == nil
}
