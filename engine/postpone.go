package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slapstar/slap"
)

// A postponement is a change that a full Master cannot take yet.
type postponement struct {
	change *Change
	err    error // what it answered; nil: it was not asked
}

// Leaving reports whether a name belongs to what was destroyed: a full Master lists that
// until background activities have archived it, and lets nobody have the name before.
func (s *State) Leaving(name string) bool {
	i, listed := s.Instances[name]
	return s.Full && listed && i.State == slap.Destroyed
}

// holdNames holds back the creations whose names are not free yet.
func (r *run) holdNames(s *schedule, next *Plan, state *State) {
	r.postponed = nil
	for _, c := range next.Changes {
		i, ok := c.Resource.(*Instance)
		if !ok || c.Action != Create || !r.wanted(c) || !state.Leaving(i.Name) {
			continue
		}
		if waited, later := r.postpone(c, nil); later {
			s.hold(c)
		} else {
			r.fail(c, &NameTakenError{Change: c, After: waited}, waited)
			s.finish(c, true)
		}
	}
}

// postpones reports whether a full Master answered that it cannot take a change now and
// may later: nothing has happened then.
func (r *run) postpones(c *Change, err error) bool {
	switch {
	case !r.full || err == nil:
		r.calm++
		return false
	case slap.MeaningOf(err) == slap.Conflicting:
		r.most, r.calm = 1, 0
	case !errors.Is(err, slap.ErrGoing):
		return false
	}
	_, later := r.postpone(c, err)
	return later
}

// postpone puts a change off, as long as there is patience for it.
func (r *run) postpone(c *Change, err error) (waited time.Duration, later bool) {
	a, now := c.Address(), r.Now()
	since, waits := r.waits[a]
	if !waits {
		since, r.waits[a] = now, now
	}
	if waited = now.Sub(since); waited >= r.patience() {
		return waited, false
	}
	r.postponed = append(r.postponed, postponement{c, err})
	return waited, true
}

// waitPostponed says what is put off, and waits a little.
func (r *run) waitPostponed(ctx context.Context) error {
	e := Event{Kind: Postponed, Time: r.Now(), Limit: r.patience()}
	for _, p := range r.postponed {
		e.Changes = append(e.Changes, p.change)
		if p.err != nil {
			e.Err = p.err
		}
		e.Elapsed = max(e.Elapsed, e.Time.Sub(r.waits[p.change.Address()]))
	}
	if e.Time.Sub(r.said) >= heartbeat {
		r.said = e.Time
		r.Report(e)
	}
	return r.spend(ctx, r.nextLook(e.Elapsed))
}

// nextLook is how long to wait until the next look at a full Master, after some time.
func (r *run) nextLook(elapsed time.Duration) time.Duration {
	return max(min(elapsed/4, mostDelay), leastDelay, r.pace)
}

// patience is how long a full Master may take to list what it took.
func (r *run) patience() time.Duration {
	if r.Patience > 0 {
		return r.Patience
	}
	return Patience
}

// recovery is after how many changes one more is written at once again.
const recovery = 20

// adapt sets how many changes are written at once.
func (r *run) adapt(state *State) {
	most := r.Parallelism
	switch {
	case state.CreateSerially:
		most = 1 // and more connections make a slapproxy slower, not faster
	case most == 0 && state.Full:
		most = FullCreations
	case most == 0:
		most = Parallelism
	}
	if r.most == 0 || !state.Full {
		r.most = most
	}
	if r.calm >= recovery {
		r.most, r.calm = min(r.most+1, most), 0
	}
}

// A NameTakenError says that the name of what is to be created still belongs to what was
// destroyed: the creation failed, and nothing was asked for.
type NameTakenError struct {
	Change *Change
	After  time.Duration
}

func (e *NameTakenError) Error() string {
	return fmt.Sprintf("its name belongs to an instance that was destroyed, and the Master has not let go of that for %s", e.After.Round(time.Second))
}
