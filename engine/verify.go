package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slapstar/slap"
)

// verify reads once more: success is what the Master then has, not what it
// answered. What it answered "not ready" to, and does not have, is asked for again;
// what failed and is there all the same is done, and what waits for it may go on. A
// full Master gets the time that it needs to list what it took.
//
// When nothing may follow, the last of these is not.
func (r *run) verify(ctx context.Context, goOn bool) (again bool, err error) {
	if len(r.tries) == 0 {
		return false, nil
	}
	for begin, told := r.Now(), time.Duration(-1); ; {
		plan, state, err := r.Replan(ctx)
		if err != nil {
			return false, fmt.Errorf("reading the result: %w", err)
		}
		v := r.compare(plan, state, goOn)
		r.measure(v.unlisted)
		if len(v.unlisted) == 0 {
			return r.conclude(ctx, v, goOn)
		}
		now := r.Now()
		elapsed := now.Sub(begin)
		if told < 0 || elapsed-told >= heartbeat {
			told = elapsed
			r.Report(Event{Kind: Unlisted, Time: now, Changes: v.unlisted, Elapsed: elapsed, Limit: r.patience()})
		}
		if err := r.spend(ctx, r.nextLook(elapsed)); errors.Is(err, ErrNotReadyInTime) {
			for _, c := range v.unlisted {
				if r.failed[c.Address()] == nil {
					r.undo(c, &UnlistedError{c, now.Sub(r.taken[c.Address()])})
				}
			}
			return false, err
		} else if err != nil {
			return false, err
		}
	}
}

// How long is waited between two looks at what a full Master does not list yet.
const (
	leastDelay = 200 * time.Millisecond
	mostDelay  = 5 * time.Second
)

// A verdict is what the Master has after what was written.
type verdict struct {
	again    bool      // something is to be written, or may go on
	unlisted []*Change // taken, and not listed yet
	left     []*Change // taken, and not there
	moved    []*Change // somebody else has changed it
}

// measure notes how long the Master took to list what it did not list at the last look.
func (r *run) measure(unlisted []*Change) {
	still := map[Address]bool{}
	for _, c := range unlisted {
		still[c.Address()] = true
	}
	for a := range r.unlisted {
		if !still[a] && r.done[a] {
			r.lag = max(r.lag, r.Now().Sub(r.taken[a]))
		}
	}
	r.unlisted = still
}

func (r *run) compare(plan *Plan, state *State, goOn bool) verdict {
	var v verdict
	for _, c := range plan.Changes {
		a := c.Address()
		switch {
		case !c.Pending() && r.failed[a] != nil && r.written[a] != nil && sameWish(r.written[a], c):
			// It took effect although no answer came, or none that says so.
			delete(r.failed, a)
			r.done[a], v.again = true, true
			r.tellDone(r.written[a], 0)
		case !c.Pending() && r.done[a] && sameWish(r.written[a], c):
			r.tellDone(r.written[a], 0) // of what was in progress
		case c.Pending() && state.Full && r.unclear(a):
			v.unlisted = append(v.unlisted, c)
		case !c.Pending() || r.failed[a] != nil:
		case r.done[a] && !sameWish(r.written[a], c):
			v.moved = append(v.moved, c)
		case r.done[a] && state.Full && r.Now().Sub(r.taken[a]) < r.patience():
			if r.unsure[a] == inProgress && goOn && state.lists(c) && r.dueAgain(a) { // it was another wish that was under way
				delete(r.done, a)
				v.again = true
			} else {
				v.unlisted = append(v.unlisted, c)
			}
		case r.done[a] && state.Full:
			r.undo(c, &UnlistedError{c, r.Now().Sub(r.taken[a])})
		case r.done[a] && r.unsure[a] != certain && r.tries[a] < maxTries && goOn && !r.stopped():
			delete(r.done, a)
			v.again = true
		case r.done[a]:
			v.left = append(v.left, c)
		case r.shown[a] == nil && r.Plan.Declared.More == nil, r.shown[a] != nil && (!r.shown[a].Pending() || r.idle[a]):
			v.moved = append(v.moved, c)
		}
	}
	return v
}

// lateGrace is how long a full Master is looked at for what may have taken effect although
// its answer could not be read.
const lateGrace = 15 * time.Second

// unclear reports whether a change may still be listed that counts as failed: something
// answered, or the connection broke, after it was sent.
func (r *run) unclear(a Address) bool {
	err := r.failed[a]
	_, unreadable := errors.AsType[*slap.ContentError](err)
	return (unreadable || errors.Is(err, slap.ErrUnreachable)) && r.Now().Sub(r.asked[a]) < lateGrace
}

// dueAgain reports whether it is time to ask once more for what was answered "in progress",
// and is listed as it was: after a second, and twice as long after each further time.
func (r *run) dueAgain(a Address) bool {
	return r.Now().Sub(r.asked[a]) >= max(time.Second, r.asked[a].Sub(r.taken[a]))
}

func (r *run) conclude(ctx context.Context, v verdict, goOn bool) (again bool, err error) {
	switch {
	case len(v.left) > 0:
		for _, c := range v.left { // the Master took it, and that is not done
			r.undo(c, &WrittenError{c})
		}
		return false, nil
	case v.again && goOn && !r.stopped():
		return true, r.pause(ctx)
	}
	for _, c := range v.moved {
		if r.done[c.Address()] {
			r.undo(c, &UndoneError{c})
		} else {
			r.moved = append(r.moved, c)
		}
	}
	if len(r.moved) > 0 {
		return false, &MovedError{Changes: r.moved}
	}
	return false, nil
}

// undo makes a change that was done one that failed.
func (r *run) undo(c *Change, err error) {
	a := c.Address()
	delete(r.done, a)
	delete(r.told, a)
	r.fail(r.written[a], err, 0)
}

// sameWish reports whether two changes ask for the same.
func sameWish(a, b *Change) bool {
	return diverged(a.Resource, b.Resource, func(Reference) (string, bool) { return "", false }, func(Address, attributePath) bool { return false }) == nil
}
