package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"slapstar/slap"
)

// A Master is a SlapOS Master that may be written to. All writes of slapstar
// are in this file.
type Master interface {
	Reader
	RequestInstance(context.Context, slap.InstanceRequest) (slap.Instance, error)
	Supply(context.Context, slap.SoftwareInstallation) error
}

// An Apply carries out an approved plan.
type Apply struct {
	Master Master
	Plan   *Plan // as approved; nothing is done that it does not show

	// Replan reads the Master and evaluates the files again. What it plans has
	// to refine Plan; values that were unknown are filled in that way.
	Replan func(context.Context) (*Plan, *State, error)

	Report  func(Event)   // may be nil
	Timeout time.Duration // for all waiting together; 0 is no limit

	Now   func() time.Time                           // nil for the real clock
	Sleep func(context.Context, time.Duration) error // nil for the real one
}

// An Outcome is what an apply did. The lists hold each pending change of
// the plan once, in the order of the plan.
type Outcome struct {
	Done       []*Change
	Failed     []*Change
	NotStarted []*Change
	Needless   []*Change // a value came out as it was, or somebody else has done it

	Errors  map[Address]error // of the failed ones
	Missing []Reference       // what was still waited for when the time was up
}

// ErrNotReadyInTime is the error of Run when what was waited for did not come.
var ErrNotReadyInTime = errors.New("not ready in time")

// A WrittenError says that the Master took all changes and does not have them.
type WrittenError struct{ Changes []*Change }

func (e *WrittenError) Error() string {
	c := e.Changes[0]
	s := fmt.Sprintf("%v: %s: the Master answered success, but it still needs %s", c.Resource.Declared().Position(), c.Address(), c.Action)
	if len(c.Attributes) > 0 {
		s += fmt.Sprintf(" (%s: %s)", c.Attributes[0].Name, describe(c.Attributes[0]))
	}
	if more := len(e.Changes) - 1; more > 0 {
		s += fmt.Sprintf("; and %d more", more)
	}
	return s
}

// run is the state of one Run.
type run struct {
	Apply
	done   map[Address]bool
	failed map[Address]error
	idle   map[Address]bool    // pending in the approved plan and not in the latest
	shown  map[Address]*Change // the approved plan
	waited time.Duration
}

// Run carries the plan out: everything that can be done is, one change after
// the other; then it waits for the connection parameters that the rest needs,
// plans again and goes on. A change that fails stops what depends on it and
// nothing else. When ctx ends, nothing new is started; what is under way is
// finished. The outcome is returned also with an error, unless nothing was
// tried.
//
// Where the plan ends at a boundary, Run waits for the value there: the next
// plan shows what is behind it, and has to be approved like this one.
//
// The error is a [*StaleError] or a [*DivergedError] before or between writes,
// [ErrNotReadyInTime], the error of ctx, or what went wrong; failed changes alone
// are no error.
func (a Apply) Run(ctx context.Context) (*Outcome, error) {
	r := &run{Apply: a, done: map[Address]bool{}, failed: map[Address]error{}, idle: map[Address]bool{}, shown: map[Address]*Change{}}
	for _, c := range a.Plan.Changes {
		r.shown[c.Address()] = c
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
	var before []Reference // what was waited for last
	for {
		next, err := r.replan(ctx)
		if err != nil {
			return r.outcome(nil), err
		}
		missing, err := r.stage(ctx, next)
		if err != nil {
			return r.outcome(nil), err
		}
		if len(missing) == 0 {
			if missing = r.awaited(); len(missing) == 0 {
				return r.outcome(nil), r.verify(ctx)
			}
			// All is written; what is waited for now is said, and lets the next
			// stage or the user of the apply go on.
			if err := r.waitAll(ctx, missing); err != nil {
				return r.outcome(missing), err
			}
			return r.outcome(nil), r.verify(ctx)
		}
		if slices.Equal(missing, before) {
			// One read says that a value is there and the next plan does not
			// see it: do not ask such a Master without a pause.
			if err := r.Sleep(ctx, time.Second); err != nil {
				return r.outcome(missing), err
			}
			if r.waited += time.Second; r.Timeout > 0 && r.waited >= r.Timeout {
				return r.outcome(missing), ErrNotReadyInTime
			}
		}
		before = missing
		if err := r.wait(ctx, missing); err != nil {
			return r.outcome(missing), err
		}
	}
}

// awaited are the values that were asked to be there at the end, by wait_for or
// by the boundary that the next stage is behind, of instances that did not fail.
func (r *run) awaited() []Reference {
	var list []Reference
	for _, c := range r.Plan.Changes {
		i, ok := c.Resource.(*Instance)
		if !ok || i.State == slap.Destroyed || r.failed[c.Address()] != nil || c.Pending() && !r.done[c.Address()] && !r.idle[c.Address()] {
			continue
		}
		for _, key := range i.WaitFor {
			list = append(list, Reference{Instance: i.Name, Key: key, Position: i.Origin.Position()})
		}
	}
	if r.Plan.More != nil && len(r.failed) == 0 {
		list = append(list, r.Plan.More.Reference)
	}
	return list
}

func (r *run) replan(ctx context.Context) (*Plan, error) {
	next, state, err := r.Replan(ctx)
	if err != nil {
		return nil, err
	}
	if !next.CanApply() {
		return nil, &RefusedError{Refusals: next.Refusals}
	}
	clear(r.idle)
	for _, c := range next.Changes {
		r.idle[c.Address()] = !c.Pending()
	}
	return next, CheckRefines(r.Plan, next, r.done, state.ConnectionParameter)
}

// stage does what can be done with the values known now. It returns what the
// rest of the plan waits for.
func (r *run) stage(ctx context.Context, p *Plan) (missing []Reference, err error) {
	open := map[Address]*Change{}
	for _, c := range p.Changes {
		// What comes after this stage has no approval yet.
		if r.shown[c.Address()] != nil && c.Pending() && !r.done[c.Address()] && r.failed[c.Address()] == nil {
			open[c.Address()] = c
		}
	}
	// Each round does at least one change, or is the last.
	for progress := true; progress; {
		progress = false
		for _, c := range p.Changes {
			if open[c.Address()] == nil || !r.startable(c, open) {
				continue
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			delete(open, c.Address())
			r.write(ctx, c)
			progress = true
		}
	}
	return r.missing(p, open), nil
}

// startable reports whether nothing stands before a change.
func (r *run) startable(c *Change, open map[Address]*Change) bool {
	for _, a := range c.DependsOn {
		if open[a] != nil || r.failed[a] != nil {
			return false
		}
	}
	return len(c.References()) == 0
}

// missing lists the values that the open changes wait for, each once, leaving
// out those that will not come because an instance failed or is not started.
func (r *run) missing(p *Plan, open map[Address]*Change) []Reference {
	hopeless := map[Address]bool{}
	for a := range r.failed {
		hopeless[a] = true
	}
	for spread := true; spread; { // a round for each level of dependencies
		spread = false
		for a, c := range open {
			if !hopeless[a] && slices.ContainsFunc(c.DependsOn, func(d Address) bool { return hopeless[d] }) {
				hopeless[a], spread = true, true
			}
		}
	}
	type key struct{ instance, key string }
	seen := map[key]bool{}
	var list []Reference
	for _, c := range p.Changes {
		if open[c.Address()] == nil || hopeless[c.Address()] {
			continue
		}
		for _, ref := range c.References() {
			k := key{ref.Instance, ref.Key}
			if open[InstanceAddress(ref.Instance)] == nil && !seen[k] {
				seen[k] = true
				list = append(list, ref)
			}
		}
	}
	return list
}

// write makes the one request of a change. It is finished even when ctx ends
// meanwhile: half a write is worse than one more.
func (r *run) write(ctx context.Context, c *Change) {
	ctx = context.WithoutCancel(ctx)
	r.Report(Event{Kind: Started, Change: c})
	var err error
	if approved := r.shown[c.Address()]; approved == nil || !approved.Pending() {
		panic("engine: " + string(c.Address()) + " is written and was not approved") // CheckRefines sees to that
	}
	switch want := c.Resource.(type) {
	case *Instance:
		_, err = r.Master.RequestInstance(ctx, instanceRequest(want, c))
	case *Software:
		err = r.Master.Supply(ctx, slap.SoftwareInstallation{
			SoftwareRelease: want.SoftwareRelease,
			Computer:        want.Computer,
			State:           want.State,
		})
	}
	if err != nil && !errors.Is(err, slap.ErrNotReady) { // not ready: taken, and allocated later
		r.failed[c.Address()] = err
		r.Report(Event{Kind: Failed, Change: c, Err: err})
		return
	}
	r.done[c.Address()] = true
	r.Report(Event{Kind: Done, Change: c})
}

// instanceRequest sends every attribute, since what is left out becomes empty.
// A destroy repeats what the Master has: only the state is to change.
func instanceRequest(want *Instance, c *Change) slap.InstanceRequest {
	if c.Action == Delete && c.Current != nil {
		request := c.Current.InstanceRequest
		request.State = slap.Destroyed
		return request
	}
	request := slap.InstanceRequest{
		Name:            want.Name,
		SoftwareRelease: want.SoftwareRelease,
		SoftwareType:    want.SoftwareType,
		State:           want.State,
		Shared:          want.Shared,
		Parameters:      slap.Parameters{},
		SLA:             want.SLA,
	}
	for key, text := range want.Parameters {
		value, known := text.Known()
		switch {
		case known:
			request.Parameters[key] = value
		case c.Action != Delete: // of what cannot be read, and is to go: no matter
			panic(fmt.Sprintf("engine: parameter %q of %q is written before it is known", key, want.Name))
		}
	}
	return request
}

// verify reads once more: success is what the Master then has.
func (r *run) verify(ctx context.Context) error {
	if len(r.done) == 0 {
		return nil
	}
	plan, _, err := r.Replan(ctx)
	if err != nil {
		return fmt.Errorf("reading the result: %w", err)
	}
	var left []*Change
	for _, c := range plan.Changes {
		if c.Pending() && r.done[c.Address()] {
			left = append(left, c)
		}
	}
	if len(left) > 0 {
		return &WrittenError{Changes: left}
	}
	return nil
}

func (r *run) outcome(missing []Reference) *Outcome {
	o := &Outcome{Errors: r.failed, Missing: missing}
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
