package engine

import (
	"slices"
	"time"

	"slapstar/slap"
)

// A waiting is the bookkeeping of waits, those of one apply or that of [Wait]. It asks
// nobody and has no clock: it gets what was read, and the time.
type waiting struct {
	instances map[string]*Instance // as declared, by name; some may not be
	limit     time.Duration        // of all waits together; 0: none

	needed  []Reference // one of these ends a wait
	awaited []Reference // all of these have to come

	begun time.Time               // when this wait began
	over  time.Duration           // how long the waits before it took
	since map[Reference]time.Time // when each was waited for first
	seen  map[Reference]bool      // what came, in any wait

	// When the node reported last of instances that are updated, before that: they are ready
	// when it has reported again. It is zero where there was no report; those of which it is
	// not told are not in it.
	reported map[string]time.Time

	givenUp map[string]bool // instances whose own time is up
	late    []Reference     // what was waited for of those
}

func newWaiting(limit time.Duration, declared ...*Instance) waiting {
	w := waiting{instances: map[string]*Instance{}, limit: limit, since: map[Reference]time.Time{}, seen: map[Reference]bool{}, reported: map[string]time.Time{}, givenUp: map[string]bool{}}
	for _, i := range declared {
		w.instances[i.Name] = i
	}
	return w
}

// open reports whether something is still worth waiting for: it did not come yet, and
// its instance was not given up.
func (w *waiting) open(ref Reference) bool { return !w.seen[ref.key()] && !w.givenUp[ref.Instance] }

// begin begins a wait.
func (w *waiting) begin(now time.Time, needed, awaited []Reference) {
	w.begun, w.needed, w.awaited = now, slices.Clone(needed), slices.Clone(awaited)
	for _, ref := range w.left() {
		if _, ok := w.since[ref.key()]; !ok {
			w.since[ref.key()] = now
		}
	}
}

// end ends it.
func (w *waiting) end(now time.Time) { w.over += w.elapsed(now) }

// elapsed is how long this wait takes already.
func (w *waiting) elapsed(now time.Time) time.Duration { return now.Sub(w.begun) }

// left is what is still to come.
func (w *waiting) left() []Reference { return slices.Concat(w.needed, w.awaited) }

// expired reports whether the time of all waits together is up.
func (w *waiting) expired(now time.Time) bool {
	return w.limit > 0 && w.over+w.elapsed(now) >= w.limit
}

// report is what is waited for, with what the nodes say.
func (w *waiting) report(now time.Time, read *State) []Need { return w.needs(w.left(), now, read) }

// overdue is report, with what was given up.
func (w *waiting) overdue(now time.Time, read *State) []Need {
	return w.needs(slices.Concat(w.late, w.left()), now, read)
}

func (w *waiting) needs(list []Reference, now time.Time, read *State) []Need {
	needs := make([]Need, len(list))
	for n, ref := range list {
		needs[n] = Need{Reference: ref, Came: read.publishedNames(ref.Instance), Status: read.Instances[ref.Instance].Status.Text, Phase: read.phase(ref.Instance), Since: now.Sub(w.since[ref.key()])}
	}
	return needs
}

// bound is how long the wait may last: the limit, or less where each instance that is
// waited for has a Timeout.
func (w *waiting) bound() time.Duration {
	var longest time.Duration
	for _, ref := range w.left() {
		i := w.instances[ref.Instance]
		if i == nil || i.Timeout == 0 {
			return w.limit
		}
		longest = max(longest, i.Timeout)
	}
	if w.limit > 0 {
		return min(longest, w.limit)
	}
	return longest
}

// delay is how long to wait until the next look, often at first and seldom later: a
// simulated node answers at once, a real one builds for an hour. It is no shorter
// than pace.
func (w *waiting) delay(now time.Time, pace time.Duration) time.Duration {
	elapsed := w.elapsed(now)
	d := min(max(elapsed/10, pace, 100*time.Millisecond), 10*time.Second)
	if w.limit > 0 {
		d = min(d, w.limit-w.over-elapsed)
	}
	return d
}

// take takes what has come out of what is left, and returns it. It reports whether
// that was needed.
func (w *waiting) take(now time.Time, read *State) (came []Need, enough bool) {
	arrived := func(ref Reference) bool {
		return read.fulfils(ref, w.instances[ref.Instance]) && (!ref.ready() || w.reportedSince(ref.Instance, read))
	}
	for _, ref := range w.left() {
		if arrived(ref) {
			w.seen[ref.key()] = true
			came = append(came, Need{Reference: ref, Since: now.Sub(w.since[ref.key()])})
		}
	}
	enough = slices.ContainsFunc(w.needed, arrived)
	w.needed, w.awaited = slices.DeleteFunc(w.needed, arrived), slices.DeleteFunc(w.awaited, arrived)
	return came, enough
}

// reportedSince reports whether a node has reported of an instance since that was updated, as
// far as it can be known: of what is shared or stopped the Master shows no report.
func (w *waiting) reportedSince(name string, read *State) bool {
	before, updated := w.reported[name]
	i := read.Instances[name]
	switch {
	case !updated, i.Status.Kind == slap.NeverReports, i.Status.Kind == slap.NotReported && i.State == slap.Stopped:
		return true
	case before.IsZero():
		return i.Status.Kind != slap.NotReported
	}
	return i.Status.Reported.After(before)
}

// giveUp takes the instances whose own time is up out of what is left.
func (w *waiting) giveUp(now time.Time) {
	for _, ref := range w.left() {
		i := w.instances[ref.Instance]
		if i != nil && i.Timeout > 0 && now.Sub(w.since[ref.key()]) >= i.Timeout {
			w.givenUp[ref.Instance] = true
			w.late = append(w.late, ref)
		}
	}
	hopeless := func(ref Reference) bool { return w.givenUp[ref.Instance] }
	w.needed, w.awaited = slices.DeleteFunc(w.needed, hopeless), slices.DeleteFunc(w.awaited, hopeless)
}
