package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
)

type applyOptions struct {
	file        string
	autoApprove bool
	timeout     time.Duration
	allowMass   bool
	inputs      inputFlags
}

// maxStages is how many plans one apply carries out, each behind a boundary of the
// one before.
const maxStages = 100

func applyCommand(e *env) *cli.Command {
	var o applyOptions
	return &cli.Command{
		Name:      "apply",
		Usage:     "show the plan, ask, and carry it out",
		ArgsUsage: "[FILE]",
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "auto-approve", Usage: "do not ask", Destination: &o.autoApprove},
			&cli.DurationFlag{Name: "timeout", Usage: "how long to wait for connection parameters, in total; 0 is for ever", Value: time.Hour, Destination: &o.timeout},
			allowMassFlag(&o.allowMass),
		}, o.inputs.flags()...),
		Action: func(c *cli.Context) (err error) {
			if o.file, err = entryFile(c); err != nil {
				return err
			}
			if o.timeout < 0 {
				return usagef("--timeout: got %s, want no negative time; 0 is for ever", o.timeout)
			}
			return runApply(c.Context, e, o)
		},
	}
}

func runApply(ctx context.Context, e *env, o applyOptions) (err error) {
	if !o.autoApprove && !e.Interactive {
		return &hintedError{fmt.Errorf("%w: there is no terminal to ask for approval on", errRefused),
			"--auto-approve applies without asking"}
	}
	in, err := o.inputs.inputs(o.file)
	if err != nil {
		return err
	}
	m, err := openMaster(e, o.file, false)
	if err != nil {
		return err
	}
	defer func() { err = m.closeAfter(err) }()
	stage := newStage(e, m, in)
	stage.options.AllowMassDestroy = o.allowMass
	for range maxStages {
		plan, err := applyStage(ctx, e, m, stage, o)
		if err != nil || plan.More == nil {
			return err
		}
	}
	return fmt.Errorf("there is still more to come after %d plans: do the files ask for something new in each?", maxStages)
}

// applyStage shows one plan, asks, and carries it out.
func applyStage(ctx context.Context, e *env, m *master, stage *stage, o applyOptions) (*engine.Plan, error) {
	plan, _, err := stage.plan(ctx)
	if err != nil {
		return nil, err
	}
	if err := showPlan(e, plan, "text"); err != nil {
		return nil, err
	}
	if !plan.CanApply() {
		return nil, refused(plan)
	}
	if !plan.Pending() {
		return plan, nil
	}
	if !o.autoApprove {
		if e.Redirected { // what is approved has to have been seen
			if err := (view.Text{W: e.Err, Color: e.ErrColor}).Plan(plan); err != nil {
				return nil, err
			}
		}
		if err := approve(ctx, e, plan); err != nil {
			return nil, err
		}
	}
	progress := view.Text{W: e.Err, Color: e.ErrColor}
	outcome, err := engine.Apply{
		Master:  m,
		Plan:    plan,
		Replan:  stage.plan,
		Report:  progress.Event,
		Timeout: o.timeout,
	}.Run(ctx)
	return plan, report(e, outcome, err)
}

// approve asks; only the word yes is an approval.
func approve(ctx context.Context, e *env, plan *engine.Plan) error {
	var names []string
	for _, c := range plan.Changes {
		if c.Action == engine.Delete {
			names = append(names, view.Escape(string(c.Address())))
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(e.Err, "\nThis destroys %s.", strings.Join(names, ", "))
	}
	fmt.Fprint(e.Err, "\nCarry this plan out? Only “yes” is taken for an approval: ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(e.In).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(e.Err)
		return fmt.Errorf("%w; nothing was changed", ctx.Err())
	case a := <-answer:
		if a != "yes" {
			return errors.New("not approved; nothing was changed")
		}
	}
	return nil
}

// listChanges says the same of some changes, a line each.
func listChanges(e *env, list []*engine.Change, what string) {
	const most = 10
	for i, c := range list {
		if i == most {
			fmt.Fprintf(e.Err, "slapstar: %d more: %s\n", len(list)-most, what)
			return
		}
		fmt.Fprintf(e.Err, "slapstar: %s: %s\n", view.Escape(fmt.Sprintf("%v: %s", c.Resource.Declared().Position(), c.Address())), what)
	}
}

// report says what failed and why, and ends with the counts. Its error decides
// the exit code: what stopped the apply, or that changes failed, which counts
// for more than a wait that was too long.
func report(e *env, o *engine.Outcome, stopped error) error {
	for _, c := range o.Failed {
		err := fmt.Errorf("%s: %w", view.Escape(fmt.Sprintf("%v: %s", c.Resource.Declared().Position(), c.Address())), o.Errors[c.Address()])
		printError(e.Err, err)
	}
	listChanges(e, o.Needless, "nothing left to do: the Master has it so")
	listChanges(e, o.NotStarted, "not started")
	if errors.Is(stopped, engine.ErrNotReadyInTime) {
		stopped = fmt.Errorf("%w: %s", stopped, view.Missing(o.Waits))
	}
	if err := (view.Text{W: e.Out, Color: e.Color}).Outcome(o); err != nil {
		return err
	}
	switch {
	case len(o.Failed) > 0 && errors.Is(stopped, engine.ErrNotReadyInTime):
		printError(e.Err, stopped)
		return errFailed
	case stopped == nil && len(o.Failed) > 0:
		return errFailed
	case errors.Is(stopped, context.Canceled) && len(o.NotStarted) > 0:
		return &hintedError{stopped, "apply again goes on from here"}
	}
	return stopped
}
