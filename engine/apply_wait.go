package engine

import (
	"context"
	"slices"
	"time"

	"slapstar/slap"
)

// awaited returns what has to be there at the end: what wait_for names, the value at
// the boundary of this stage, or everything with WaitAll. It ignores instances that
// failed.
func (r *run) awaited() []Reference {
	var list []Reference
	add := func(ref Reference) {
		if r.open(ref) {
			list = append(list, ref)
		}
	}
	for _, c := range r.Plan.Changes {
		i, ok := c.Resource.(*Instance)
		if !ok || r.failed[c.Address()] != nil || c.Pending() && !r.done[c.Address()] && !r.idle[c.Address()] {
			continue
		}
		if r.WaitAll && c.Pending() {
			add(Reference{Instance: i.Name, Position: i.Origin.Position()})
		}
		if i.State == slap.Destroyed {
			continue
		}
		for _, ref := range i.awaited() {
			add(ref)
		}
	}
	if r.Plan.More != nil && len(r.failed) == 0 {
		add(r.Plan.More.Reference)
	}
	if r.WaitAll {
		for _, ref := range r.forOutputs() {
			add(ref)
		}
	}
	return list
}

// forOutputs is what the outputs of the files need of instances that were changed.
func (r *run) forOutputs() []Reference {
	var list []Reference
	for _, o := range r.Plan.Declared.Outputs {
		for _, ref := range o.Value.References() {
			c := r.shown[InstanceAddress(ref.Instance)]
			if c != nil && c.Pending() && r.done[c.Address()] && r.failed[c.Address()] == nil {
				list = append(list, ref)
			}
		}
	}
	return list
}

// wait returns true when one of the values is there that the rest of the plan
// needs, and false when all that is awaited is there and nothing is needed any
// more.
func (r *run) wait(ctx context.Context, needed, awaited []Reference) (arrived bool, err error) {
	if len(needed) > 0 && slices.Equal(needed, r.neededBefore) {
		// One read says that a value is there and the next plan does not see it:
		// do not ask such a Master without a pause.
		if err := r.pause(ctx); err != nil {
			return false, err
		}
	}
	r.neededBefore = needed
	return r.waiter.wait(ctx, needed, awaited, r.forgotten)
}

// forgotten takes back what the Master said that it took and does not have for a
// while: it is asked for again, or has failed. It reports whether there is any.
func (r *run) forgotten(read *State, now time.Time) bool {
	found := false
	for _, ref := range r.left() {
		a, i := InstanceAddress(ref.Instance), r.instances[ref.Instance]
		if !read.lacks(ref.Instance) || !r.done[a] || i.State == slap.Destroyed {
			continue
		}
		patience := forgetful << (r.tries[a] - 1)
		if r.full { // it lists what it took later, and is never asked again
			patience = r.patience()
		}
		if now.Sub(r.since[ref.key()]) < patience {
			continue
		}
		found = true
		if r.full {
			r.undo(r.written[a], &UnlistedError{r.written[a], now.Sub(r.taken[a])})
			continue
		}
		delete(r.done, a)
		delete(r.since, ref.key())
		if r.tries[a] >= maxTries {
			r.failed[a] = &WrittenError{r.written[a]}
		}
	}
	return found
}

// pause waits a second, which counts as waiting.
func (r *run) pause(ctx context.Context) error { return r.spend(ctx, time.Second) }

// spend waits, which counts as waiting.
func (r *run) spend(ctx context.Context, d time.Duration) error {
	if err := r.sleep(ctx, d); err != nil {
		return err
	}
	if r.over += d; r.limit > 0 && r.over >= r.limit {
		return ErrNotReadyInTime
	}
	return nil
}
