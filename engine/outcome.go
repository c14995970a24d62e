package engine

import (
	"errors"
	"fmt"
	"time"
)

// An Outcome is what an apply did. The first four lists hold each pending change of
// the plan once, in the order of the plan.
type Outcome struct {
	Done       []*Change
	Failed     []*Change
	NotStarted []*Change
	Needless   []*Change // a value came out as it was, or somebody else has done it

	Moved  []*Change         // what somebody else changed meanwhile, of what the plan leaves alone
	Errors map[Address]error // of the failed ones
	Waits  []Need            // what was still waited for when the time was up

	// Lag is the longest time that a full Master took to list something that it had taken and
	// did not list at once, as far as that was seen: looks are up to 5 s apart. 0 if nothing
	// was seen unlisted.
	Lag time.Duration
}

// ErrNotReadyInTime is the error of Run when what was waited for did not come.
var ErrNotReadyInTime = errors.New("not ready in time")

// A WrittenError says that the Master took a change and does not have it: the change
// failed.
type WrittenError struct{ Change *Change }

func (e *WrittenError) Error() string {
	return "the Master took it, and now has something else: it still needs " + describeChange(e.Change)
}

// An UnlistedError says that a full Master took a change and does not list it: the change
// failed, as far as can be seen.
type UnlistedError struct {
	Change *Change
	After  time.Duration
}

func (e *UnlistedError) Error() string {
	return fmt.Sprintf("the Master took it, and has not listed it for %s: it may still come; it needs %s", e.After.Round(time.Second), describeChange(e.Change))
}

// An UndoneError says that a change was done, and that somebody else has changed it again
// since: the change failed.
type UndoneError struct{ Change *Change }

func (e *UndoneError) Error() string {
	return "it was done, and somebody has changed it since: now it needs " + describeChange(e.Change)
}

// A MovedError says that, when all was done, something that the plan leaves alone differs:
// somebody else changed the Master, or an instance published another value.
type MovedError struct{ Changes []*Change }

func (e *MovedError) Error() string {
	c := e.Changes[0]
	s := fmt.Sprintf("%v: %s: all was done, and meanwhile something else has changed: now it needs %s", c.Resource.Declared().Position(), c.Address(), describeChange(c))
	if more := len(e.Changes) - 1; more > 0 {
		s += fmt.Sprintf("; and %d more", more)
	}
	return s
}

func describeChange(c *Change) string {
	if len(c.Attributes) == 0 {
		return string(c.Action)
	}
	return fmt.Sprintf("%s (%s: %s)", c.Action, c.Attributes[0].Name, describe(c.Attributes[0]))
}

func (r *run) outcome(waits []Need) *Outcome {
	o := &Outcome{Moved: r.moved, Errors: r.failed, Waits: waits, Lag: r.lag}
	for _, c := range r.Plan.Changes {
		switch {
		case !c.Pending():
		case r.done[c.Address()]:
			o.Done = append(o.Done, c)
		case r.failed[c.Address()] != nil:
			o.Failed = append(o.Failed, c)
		case r.idle[c.Address()]:
			o.Needless = append(o.Needless, c)
		default:
			o.NotStarted = append(o.NotStarted, c)
		}
	}
	return o
}
