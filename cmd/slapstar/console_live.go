package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// defaultWait is how long a wait of the console lasts that says nothing else.
const defaultWait = time.Hour

// A live carries out what the calls of a session ask for at once: what is new
// without a question, what would change or destroy only after one.
type live struct {
	*slap.Client
	c    *shell
	site engine.Site
}

// Look implements [console.Looker]. What a Master keeps of shared instances only
// its bulk listing tells.
func (l *live) Look(ctx context.Context, name string, shared bool) (*engine.State, error) {
	return lookAt(ctx, l.c.master.Reader(), name, shared)
}

func lookAt(ctx context.Context, r slap.Reader, name string, shared bool) (*engine.State, error) {
	state := engine.NewState()
	full, err := r.Full(ctx) // first: how an instance is read depends on it
	if err != nil && ctx.Err() != nil {
		return nil, err
	} // else it is not known
	state.Full = full
	if shared {
		list, err := r.Instances(ctx)
		if err != nil {
			return nil, err
		}
		state.SharedStateLost, state.Full = list.SharedStateLost, list.Full
		found, there := list.Instances[name]
		if there {
			state.Instances[name] = found
		}
		if !list.Partial[name] {
			return state, nil
		}
	}
	return state, state.Read(ctx, r, name)
}

// Instance implements [console.Live]. A client that knows what kind of Master it asks reads
// more of a full one.
func (l *live) Instance(ctx context.Context, name string) (slap.Instance, error) {
	return readInstance(ctx, l.c.master.Reader(), name)
}

// read reads what a plan of one resource needs. A node that the Master does not
// know is for the Master to refuse: a slapproxy takes software for it, and does not
// tell of it afterwards.
func (l *live) read(ctx context.Context, r engine.Resource, supplied bool) (*engine.State, error) {
	if i, ok := r.(*engine.Instance); ok {
		return l.Look(ctx, i.Name, i.Shared)
	}
	state := engine.NewState()
	var err error
	if state.Full, err = l.c.master.Reader().Full(ctx); err != nil && ctx.Err() != nil { // else it is not known
		return nil, err
	}
	_, err = state.Complete(ctx, l.c.master.Reader(), &engine.Config{Resources: []engine.Resource{r}})
	if s, ok := r.(*engine.Software); ok && state.Unregistered[s.Computer] {
		delete(state.Unregistered, s.Computer)
		if supplied {
			state.Software[s.Computer][s.SoftwareRelease] = s.State
		}
	}
	return state, err
}

// Declare implements [console.Live].
func (l *live) Declare(ctx context.Context, r engine.Resource, read *engine.State) (err error) {
	config := &engine.Config{Resources: []engine.Resource{r}, Secrets: l.c.session.Secrets()}
	if read == nil {
		if read, err = l.read(ctx, r, false); err != nil {
			return err
		}
	}
	if err := l.site.Complete(ctx, l.c.master.Reader(), read, config); err != nil {
		return err
	}
	judged, err := run.Judge(ctx, l.c.schemas, config.Instances())
	if err != nil {
		return err
	}
	plan, err := engine.NewPlan(config, read, engine.Options{Judged: judged})
	if err != nil {
		return err
	}
	for _, n := range plan.Notes {
		fmt.Fprintf(l.c.env.Err, "note: %s: %s\n", term.Name(string(n.Address)), term.Escape(n.Message))
	}
	if len(plan.Refusals) > 0 {
		refusal := plan.Refusals[0]
		return lang.Hint(fmt.Errorf("%s: %w: %s", refusal.Address, run.ErrRefused, refusal.Message), refusal.Hint)
	}
	i, isInstance := r.(*engine.Instance)
	switch change := plan.Changes[0]; {
	case change.Action == engine.NoOp && (!isInstance || len(i.WaitFor) == 0):
		return nil
	case change.Action == engine.Update, change.Action == engine.Delete:
		if err := l.c.allow(ctx, func() error {
			return l.c.view().Plan(plan)
		}); err != nil {
			return err
		}
	}
	defer l.c.watch.Load().Wait()()
	progress := l.c.newWaitLine()
	defer progress.end()
	master := &interruptibleMaster{Client: l.Client, ctx: ctx}
	outcome, err := engine.Apply{
		Master: master,
		Plan:   plan,
		Replan: func(ctx context.Context) (*engine.Plan, *engine.State, error) {
			state, err := l.read(ctx, r, master.supplied)
			if err != nil {
				return nil, nil, err
			}
			plan, err := engine.NewPlan(config, state, engine.Options{})
			return plan, state, err
		},
		Report:  progress.event,
		Timeout: defaultWait,
	}.Run(ctx)
	l.c.master.RememberLag(outcome)
	if outcome != nil && len(outcome.Failed) > 0 {
		return outcome.Errors[r.Address()]
	}
	if outcome != nil && errors.Is(err, engine.ErrNotReadyInTime) {
		return late(err, view.Missing(outcome.Waits, l.c.env.hidden), l.c.env.reported(outcome.Waits))
	}
	return withoutPlace(err, r)
}

// A placedError is an error whose place somebody else tells.
type placedError struct {
	error
	text string
}

func (e *placedError) Error() string { return e.text }
func (e *placedError) Unwrap() error { return e.error }

// withoutPlace takes the place of a resource out of an error about it: the session
// says where it was declared.
func withoutPlace(err error, r engine.Resource) error {
	if err == nil {
		return nil
	}
	if text, ok := strings.CutPrefix(err.Error(), r.Declared().Position().String()+": "); ok {
		return &placedError{err, text}
	}
	return err
}

// late is the error of a wait that was too long. What a node reported may be why.
func late(err error, what, report string) error {
	if report != "" {
		return fmt.Errorf("%w: %s; %s", err, what, report)
	}
	return fmt.Errorf("%w: %s", err, what)
}

// An interruptibleMaster is a Master whose writes end with ctx. An apply finishes what is
// under way, since there is more to come; at a prompt Ctrl-C means the call.
type interruptibleMaster struct {
	*slap.Client
	ctx      context.Context
	supplied bool // the Master took software
}

func (m *interruptibleMaster) RequestInstance(_ context.Context, r slap.InstanceRequest) (slap.Instance, error) {
	i, err := m.Client.RequestInstance(m.ctx, r)
	return i, maybeWritten(m.ctx, err)
}

func (m *interruptibleMaster) Supply(_ context.Context, s slap.SoftwareInstallation) error {
	err := m.Client.Supply(m.ctx, s)
	m.supplied = err == nil
	return maybeWritten(m.ctx, err)
}

func maybeWritten(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return lang.Hint(context.Cause(ctx), "the Master may have taken the request all the same")
	}
	return err
}

// Confirm implements [console.Live].
func (l *live) Confirm(ctx context.Context, at engine.Position, change string) error {
	return l.c.allow(ctx, func() error {
		_, err := fmt.Fprintf(l.c.env.Err, "  %s  %s:%d\n", term.Escape(change), term.Escape(at.File), at.Line)
		return err
	})
}

// view is how a change is shown that somebody is asked about.
func (c *shell) view() view.Text {
	return view.Text{W: c.env.Err, Color: c.env.ErrColor, ShowSecrets: c.options.showSecrets, Whole: true}
}

// allow shows a change and asks. Only the word yes is an approval.
func (c *shell) allow(ctx context.Context, show func() error) error {
	if err := show(); err != nil {
		return err
	}
	switch {
	case c.options.yes:
		return nil
	case !c.env.Interactive:
		return lang.Hint(fmt.Errorf("%w: this changes what the Master has, and there is no terminal to ask for approval on; nothing was changed", run.ErrRefused), "--yes changes without asking")
	}
	defer c.watch.Load().Wait()()
	answer, err := c.ask(ctx, "Change it? Only “yes” is taken for an approval: ")
	switch {
	case err != nil:
		return err
	case strings.TrimSpace(answer) != "yes":
		return errDeclined
	}
	return nil
}

// Wait implements [console.Live].
func (l *live) Wait(ctx context.Context, i *engine.Instance) (slap.Instance, error) {
	want := *i
	if want.Timeout == 0 {
		want.Timeout = defaultWait
	}
	defer l.c.watch.Load().Wait()()
	progress := l.c.newWaitLine()
	defer progress.end()
	report := ""
	found, err := engine.Wait(ctx, l.c.master.Reader(), &want, func(e engine.Event) {
		if e.Kind == engine.Waiting {
			if e.Err == nil {
				report = l.c.env.reported(e.Waits)
			}
			progress.waiting(awaited(i), report, e.Elapsed, e.Limit, e.Err)
		}
	})
	switch {
	case errors.Is(err, engine.ErrNotReadyInTime):
		return found, late(err, fmt.Sprintf("waited %s for %s", want.Timeout, awaited(i)), report)
	case err != nil && ctx.Err() != nil:
		return found, context.Cause(ctx)
	}
	return found, err
}

// awaited names what is waited for.
func awaited(i *engine.Instance) string {
	if len(i.WaitFor) == 0 {
		return fmt.Sprintf("instance %s to be ready", term.Name(i.Name))
	}
	var list []engine.Need
	for _, r := range i.WaitFor {
		r.Instance = i.Name
		list = append(list, engine.Need{Reference: r})
	}
	return view.Missing(list, nil)
}
