package engine

import (
	"context"
	"errors"
	"time"

	"slapstar/slap"
)

// Parallelism is how many requests an apply makes at once, if it is not told.
const Parallelism = 8

// Patience is how long a full Master may take to list what it took: a search finds that
// only when background activities have run, after a second on an idle site and later under
// load (docs/reference/protocol.md, section e).
const Patience = 2 * time.Minute

// FullCreations is how many instances are created at once on a full Master, if an apply is
// not told otherwise: the creations of one person conflict with each other there.
const FullCreations = 2

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
	Patience    time.Duration // how long a full Master may take to list what it took; 0 is [Patience]

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
	unsure  map[Address]answer  // how the Master took it
	taken   map[Address]time.Time
	asked   map[Address]time.Time // when it was written last
	told    map[Address]bool      // that it is done
	moved   []*Change             // what differs at the end and was not to be changed

	unlisted map[Address]bool // taken, and not listed when that was looked at last
	lag      time.Duration    // the longest that one of these was unlisted

	most      int                   // how many changes are written at once
	calm      int                   // how many were since the Master last refused one as too many
	postponed []postponement        // what a full Master cannot take yet, of this round
	waits     map[Address]time.Time // since when
	said      time.Time             // when that was told last

	begun    time.Time     // the first write
	renewing bool          // the next read is made for what somebody else may have changed
	renewals time.Duration // took so long

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
	if r.renewing {
		r.renewals += r.pace
	}
	s := newSchedule(next, r.wanted, r.failed, r.givenUp, r.lettingGo)
	r.holdNames(s, next, state)
	if r.renewing, err = r.carryOut(ctx, s, state); r.renewing || err != nil {
		return r.renewing, err
	}
	if len(r.postponed) > 0 && !r.stopped() {
		return true, r.waitPostponed(ctx)
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
		written: map[Address]*Change{}, tries: map[Address]int{}, unsure: map[Address]answer{}, taken: map[Address]time.Time{}, asked: map[Address]time.Time{}, told: map[Address]bool{}, waits: map[Address]time.Time{}}
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
	r.full = state.Full
	clear(r.idle)
	now := next.byAddress()
	for a, c := range r.shown { // what nobody declares any more and is gone needs nothing either
		r.idle[a] = c.Pending() && (now[a] == nil || !now[a].Pending())
	}
	moved, err := checkRefines(r.Plan, next, r.done, state.Find)
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
		r.fail(c, err, 0)
	}
	return nil
}

// carryOut does what can be done with the values known now. It reports whether it stopped
// because that was read long ago: somebody else may have changed what is to be written.
func (r *run) carryOut(ctx context.Context, s *schedule, state *State) (renew bool, err error) {
	type result struct {
		change *Change
		begin  time.Time
		answer answer
		err    error
	}
	r.adapt(state)
	results := make(chan result)
	read := r.Now()
	for running := 0; ; {
		for running < r.most && ctx.Err() == nil && !r.stopped() {
			if r.due(read) && s.more() {
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
				answer, err := write(ctx, r.Master, c)
				results <- result{c, begin, answer, err}
			}()
		}
		if running == 0 {
			return renew, ctx.Err()
		}
		done := <-results
		running--
		if r.postpones(done.change, done.err) {
			s.hold(done.change)
			continue
		}
		r.finish(done.change, done.answer, done.err, r.Now().Sub(done.begin))
		s.finish(done.change, done.err != nil)
	}
}

func (r *run) start(c *Change) {
	a := c.Address()
	if approved := r.shown[a]; approved == nil || !approved.Pending() {
		panic("engine: " + string(a) + " is written and was not approved") // checkRefines sees to that
	}
	if len(r.tries) == 0 {
		r.begun = r.Now()
	}
	r.tries[a]++
	r.asked[a] = r.Now()
	if i, ok := c.Resource.(*Instance); ok && c.Action == Update {
		if before := c.Current.Status; !before.Reported.IsZero() || before.Kind == slap.NotReported || before.Kind == slap.NeverReports {
			r.reported[i.Name] = before.Reported
		}
	}
	r.written[a] = c
	r.Report(Event{Kind: Started, Time: r.Now(), Change: c})
}

func (r *run) finish(c *Change, how answer, err error, took time.Duration) {
	a := c.Address()
	if err != nil {
		r.fail(c, err, took)
		return
	}
	r.done[a], r.unsure[a] = true, how
	if _, again := r.taken[a]; !again {
		r.taken[a] = r.Now()
	}
	if how != inProgress { // which may be somebody else's
		r.tellDone(c, took)
	}
}

func (r *run) fail(c *Change, err error, took time.Duration) {
	r.failed[c.Address()] = err
	r.Report(Event{Kind: Failed, Time: r.Now(), Change: c, Err: err, Elapsed: took})
}

// tellDone says once that a change was done.
func (r *run) tellDone(c *Change, took time.Duration) {
	if a := c.Address(); !r.told[a] {
		r.told[a] = true
		r.Report(Event{Kind: Done, Time: r.Now(), Change: c, Elapsed: took})
	}
}
