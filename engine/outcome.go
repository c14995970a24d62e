package engine

import (
	"errors"
	"fmt"
)

// An Outcome is what an apply did. The first four lists hold each pending change of
// the plan once, in the order of the plan.
type Outcome struct {
	Done       []*Change
	Failed     []*Change
	NotStarted []*Change
	Needless   []*Change // a value came out as it was, or somebody else has done it

	Errors map[Address]error // of the failed ones
	Waits  []Need            // what was still waited for when the time was up
}

// ErrNotReadyInTime is the error of Run when what was waited for did not come.
var ErrNotReadyInTime = errors.New("not ready in time")

// A WrittenError says that the Master took all changes and does not have them.
type WrittenError struct{ Changes []*Change }

func (e *WrittenError) Error() string {
	return describeFirst(e.Changes, "the Master took it, and now has something else: it still needs")
}

// A MovedError says that, when all was done, the files and the Master differ
// again: somebody else changed the Master, or an instance published another value.
type MovedError struct{ Changes []*Change }

func (e *MovedError) Error() string {
	return describeFirst(e.Changes, "all was done, and meanwhile something else has changed: now it needs")
}

func describeFirst(list []*Change, what string) string {
	c := list[0]
	s := fmt.Sprintf("%v: %s: %s %s", c.Resource.Declared().Position(), c.Address(), what, c.Action)
	if len(c.Attributes) > 0 {
		s += fmt.Sprintf(" (%s: %s)", c.Attributes[0].Name, describe(c.Attributes[0]))
	}
	if more := len(list) - 1; more > 0 {
		s += fmt.Sprintf("; and %d more", more)
	}
	return s
}

func (r *run) outcome(waits []Need) *Outcome {
	o := &Outcome{Errors: r.failed, Waits: waits}
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
