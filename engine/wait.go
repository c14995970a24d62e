package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"slapstar/slap"
)

// heartbeat is how often a wait is reported while nothing happens.
const heartbeat = 10 * time.Second

// clock is what an apply remembers of its waits.
type clock struct {
	pace   time.Duration           // how long the last plan took
	waited time.Duration           // in all waits that are over
	since  map[Reference]time.Time // when each was waited for first
	seen   map[Reference]bool      // what came of that which is waited for at the end
	open   []Reference             // what is waited for now
	needed []Reference             // what was needed when the last value came
	late   []Reference             // of the instances that were given up
	last   reading                 // the last one
	turn   int                     // of those that are read one by one
}

// awaited is what has to be there at the end: by wait_for, by the boundary that
// the next stage is behind, or because all is waited for; of instances that did not
// fail.
func (r *run) awaited() []Reference {
	var list []Reference
	for _, c := range r.Plan.Changes {
		i, ok := c.Resource.(*Instance)
		if !ok || r.failed[c.Address()] != nil || c.Pending() && !r.done[c.Address()] && !r.idle[c.Address()] {
			continue
		}
		if r.WaitAll && c.Pending() {
			list = append(list, r.unseen(Reference{Instance: i.Name, Position: i.Origin.Position()})...)
		}
		if i.State == slap.Destroyed {
			continue
		}
		for _, key := range i.WaitFor {
			list = append(list, r.unseen(Reference{Instance: i.Name, Key: key, Position: i.Origin.Position()})...)
		}
	}
	if r.Plan.More != nil && len(r.failed) == 0 {
		list = append(list, r.unseen(r.Plan.More.Reference)...)
	}
	return list
}

// unseen is ref, unless it came already or was given up.
func (r *run) unseen(ref Reference) []Reference {
	if r.seen[ref.key()] || r.givenUp[ref.Instance] {
		return nil
	}
	return []Reference{ref}
}

// wait returns true when one of the values is there that the rest of the plan
// needs, and false when all that is awaited is there and nothing is needed any
// more. An instance whose own time is up is given up. The error is
// [ErrNotReadyInTime] when the time of the apply is up.
func (r *run) wait(ctx context.Context, needed, awaited []Reference) (arrived bool, err error) {
	if len(needed) > 0 && slices.Equal(needed, r.needed) {
		// One read says that a value is there and the next plan does not see it:
		// do not ask such a Master without a pause.
		if err := r.pause(ctx); err != nil {
			return false, err
		}
	}
	r.needed = needed
	begin := r.Now()
	reported := time.Duration(-1)
	elapsed := time.Duration(0)
	defer func() { r.waited += elapsed }()
	var failure error // of the last look
	if r.open = slices.Concat(needed, awaited); len(r.open) == 0 {
		return false, nil
	}
	for {
		elapsed = r.Now().Sub(begin)
		r.begin(r.open)
		read, err := r.look(ctx, r.open)
		if failure = err; err != nil && !passes(err) {
			return false, err
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		came := r.take(read, r.open, elapsed)
		if slices.ContainsFunc(needed, func(ref Reference) bool { return came[ref.key()] }) || r.forgotten(read) {
			r.open = slices.Concat(r.left(needed, came), r.left(awaited, came))
			return true, nil
		}
		r.giveUp(r.open)
		needed, awaited = r.left(needed, came), r.left(awaited, came)
		r.open = slices.Concat(needed, awaited)
		if len(r.open) == 0 {
			return false, nil
		}
		if reported < 0 || elapsed-reported >= heartbeat {
			r.Report(Event{Kind: Waiting, Time: r.Now(), Waits: r.waits(read), Elapsed: elapsed, Limit: r.limit(), Err: failure})
			reported = elapsed
		}
		if r.Timeout > 0 && r.waited+elapsed >= r.Timeout {
			return false, ErrNotReadyInTime
		}
		if err := r.Sleep(ctx, r.pollDelay(elapsed)); err != nil {
			return false, err
		}
	}
}

// limit is how long what is waited for may last: the time of the apply, or less where
// all of it is of instances that have a time of their own.
func (r *run) limit() time.Duration {
	var longest time.Duration
	for _, ref := range r.open {
		i := r.declaration(ref.Instance)
		if i == nil || i.Timeout == 0 {
			return r.Timeout
		}
		longest = max(longest, i.Timeout)
	}
	if r.Timeout > 0 {
		return min(longest, r.Timeout)
	}
	return longest
}

// forgotten takes back what the Master said that it took and does not have for a
// while: it is asked for again, or has failed.
func (r *run) forgotten(read reading) bool {
	found := false
	for _, ref := range r.open {
		a, i := InstanceAddress(ref.Instance), r.declaration(ref.Instance)
		if !read.gone[ref.Instance] || !r.done[a] || i.State == slap.Destroyed {
			continue
		}
		if patience := forgetful << (r.asked[a] - 1); r.Now().Sub(r.since[ref.key()]) < patience {
			continue
		}
		found = true
		delete(r.done, a)
		delete(r.since, ref.key())
		if r.asked[a] >= maxAsked {
			r.failed[a] = &WrittenError{Changes: []*Change{r.written[a]}}
		}
	}
	return found
}

// forgetful is how long a Master may be without an instance that it said it took;
// each time that it is asked again it may take twice as long. A full Master needs
// a while until it lists one.
const forgetful = 5 * time.Second

// begin notes when something is waited for first.
func (r *run) begin(list []Reference) {
	for _, ref := range list {
		if _, ok := r.since[ref.key()]; !ok {
			r.since[ref.key()] = r.Now()
		}
	}
}

// take notes and reports what came.
func (r *run) take(read reading, list []Reference, elapsed time.Duration) map[Reference]bool {
	came := map[Reference]bool{}
	var waits []Wait
	for _, ref := range list {
		if read.there(ref, r.declaration(ref.Instance)) {
			came[ref.key()], r.seen[ref.key()] = true, true
			waits = append(waits, Wait{Reference: ref, Since: r.Now().Sub(r.since[ref.key()])})
		}
	}
	if len(waits) > 0 {
		r.Report(Event{Kind: Arrived, Time: r.Now(), Waits: waits, Elapsed: elapsed})
	}
	return came
}

// left is what is still to come, of instances that were not given up.
func (r *run) left(list []Reference, came map[Reference]bool) []Reference {
	return slices.DeleteFunc(slices.Clone(list), func(ref Reference) bool { return came[ref.key()] || r.givenUp[ref.Instance] })
}

// giveUp gives up the instances whose own time is up.
func (r *run) giveUp(list []Reference) {
	for _, ref := range list {
		if r.seen[ref.key()] {
			continue
		}
		if i := r.declaration(ref.Instance); i != nil && i.Timeout > 0 && r.Now().Sub(r.since[ref.key()]) >= i.Timeout {
			r.givenUp[ref.Instance] = true
			r.late = append(r.late, ref)
		}
	}
}

// declaration is what the approved plan says of an instance, or nil.
func (r *run) declaration(name string) *Instance {
	c := r.shown[InstanceAddress(name)]
	if c == nil {
		return nil
	}
	i, _ := c.Resource.(*Instance)
	return i
}

// waits is what is waited for now, with what the nodes say.
func (r *run) waits(read reading) []Wait {
	list := make([]Wait, len(r.open))
	for n, ref := range r.open {
		list[n] = Wait{Reference: ref, Status: read.instances[ref.Instance].AccessStatus, Since: r.Now().Sub(r.since[ref.key()])}
	}
	return list
}

// overdue is what was waited for when the apply ended.
func (r *run) overdue() []Wait {
	r.open = slices.Concat(r.late, r.open)
	return r.waits(r.last)
}

// pause waits a second, which counts as waiting.
func (r *run) pause(ctx context.Context) error {
	if err := r.Sleep(ctx, time.Second); err != nil {
		return err
	}
	if r.waited += time.Second; r.Timeout > 0 && r.waited >= r.Timeout {
		return ErrNotReadyInTime
	}
	return nil
}

// passes reports whether an error does not end a wait of an hour: a Master that
// is away for a while, or busy, or answers with an error page.
func passes(err error) bool {
	_, content := errors.AsType[*slap.ContentError](err)
	status, answered := errors.AsType[*slap.StatusError](err)
	return errors.Is(err, slap.ErrUnreachable) || errors.Is(err, slap.ErrBusy) || content || answered && status.Code >= 500
}

// pollDelay asks often at first and seldom later: a simulated node answers at
// once, a real one builds for an hour. It is no shorter than planning again takes.
func (r *run) pollDelay(elapsed time.Duration) time.Duration {
	return min(max(elapsed/10, r.pace, 100*time.Millisecond), 10*time.Second)
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
