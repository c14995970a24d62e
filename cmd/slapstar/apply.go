package main

import (
	"context"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/starlib/lang"
)

type applyOptions struct {
	file        string
	planFile    string         // a saved plan; empty: none
	saved       *run.SavedPlan // that was read of planFile
	approvedBy  string         // a digest or a plan; empty: somebody is asked
	approval    *run.Approval  // that it names; nil: none is left
	next        string         // where the next stage of a saved plan is saved; empty: somebody is asked
	moved       bool           // secrets may have other values than in the saved plan
	autoApprove bool
	timeout     time.Duration
	parallelism int
	wait        bool
	failFast    bool
	destroy     bool
	format      string
	outcome     string // the file that receives it; empty: none
	showSecrets bool
	planning    planningFlags

	environments targetFlags
}

// maxStages is how many plans one apply carries out, each after a boundary of the
// one before.
const maxStages = 100

// maxParallelism is how many requests may be made at once.
const maxParallelism = 256

func applyCommand(e *env) *cli.Command {
	var o applyOptions
	return &cli.Command{
		Name:      "apply",
		Usage:     "show the plan, ask, and carry it out; with --plan one that was saved",
		ArgsUsage: "[FILE|ENV ...]",
		Flags: append(o.flags("apply"),
			&cli.StringFlag{Name: "plan", Usage: "carry out the saved plan `PLAN`, exactly; a FILE whose name ends in " + planSuffix + " is one, too", Destination: &o.planFile},
			&cli.StringFlag{Name: "approved", Usage: "carry the plan out without a question if it is `DIGEST`, or the plan in a file of plan --format json", Destination: &o.approvedBy},
			&cli.StringFlag{Name: "out-next", Usage: "with --plan, save what comes after the saved plan in `NEXT` instead of asking", Destination: &o.next},
			&cli.BoolFlag{Name: "secrets-moved", Usage: "with --plan, secrets may have other values than when the plan was made", Destination: &o.moved}),
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); c.NArg() == 1 && o.planFile == "" && strings.HasSuffix(name, planSuffix) {
				o.planFile = name
			}
			if err := o.checkApproval(); err != nil {
				return err
			}
			if o.planFile != "" {
				return o.applySaved(c, e)
			}
			return o.applyTargets(c, e)
		},
	}
}

// checkApproval returns an error for flags that do not go together.
func (o *applyOptions) checkApproval() error {
	switch {
	case o.approvedBy != "" && o.autoApprove:
		return usagef("--approved does not go with --auto-approve, which approves any plan")
	case o.approvedBy != "" && o.planFile != "":
		return usagef("--approved does not go with a saved plan, which is approved as it is")
	case o.planFile == "" && (o.next != "" || o.moved):
		return usagef("--out-next and --secrets-moved go with --plan")
	}
	return nil
}

// read reads what was approved. It may be a pipe, which is waited for.
func (o *applyOptions) read() (err error) {
	if o.approvedBy != "" {
		if o.approval, err = run.ReadApproval(o.approvedBy); err != nil {
			return lang.Hint(usagef("--approved: %v", err), lang.HintOf(err))
		}
	}
	if o.planFile != "" {
		o.saved, err = run.ReadPlan(o.planFile)
	}
	return err
}

func destroyCommand(e *env) *cli.Command {
	o := applyOptions{destroy: true}
	return &cli.Command{
		Name:      "destroy",
		Usage:     "show what would be destroyed of all that FILE declares, ask, and do it",
		ArgsUsage: "[FILE|ENV ...]",
		Flags:     o.flags("destroy"),
		Action:    func(c *cli.Context) error { return o.applyTargets(c, e) },
	}
}

func (o *applyOptions) flags(command string) []cli.Flag {
	return append([]cli.Flag{
		&cli.BoolFlag{Name: "auto-approve", Usage: "do not ask", Destination: &o.autoApprove},
		&cli.IntFlag{Name: "parallelism", Usage: fmt.Sprintf("how many requests to make at once (default: %d, and %d on a full Master); a Master that is not safe for it gets one", engine.Parallelism, engine.FullCreations), Destination: &o.parallelism, Action: checkParallelism},
		&cli.BoolFlag{Name: "wait", Usage: "wait until all that is changed is ready, or gone", Destination: &o.wait},
		&cli.DurationFlag{Name: "timeout", Usage: "how long to wait for instances, in total; 0 is for ever", Value: time.Hour, Destination: &o.timeout},
		&cli.BoolFlag{Name: "fail-fast", Usage: "start nothing more after a failure", Destination: &o.failFast},
		formatFlag(&o.format, "text, or json: a line an event on standard output (docs/apply.schema.json)", "text", "json"),
		&cli.StringFlag{Name: "outcome", Usage: "write what was done, and how it ended, to `FILE` (JSON, as the last line of --format json has it)", Destination: &o.outcome},
		showSecretsFlag(&o.showSecrets),
	}, slices.Concat(o.environments.flags(), o.planning.policies.flags(command), o.planning.flags())...)
}

func checkParallelism(_ *cli.Context, n int) error {
	if n < 1 || n > maxParallelism {
		return usagef("--parallelism: got %d, want 1 to %d", n, maxParallelism)
	}
	return nil
}

func (o applyOptions) checkedRun(ctx context.Context, e *env) error {
	if o.timeout < 0 {
		return usagef("--timeout: got %s, want no negative time; 0 is for ever", o.timeout)
	}
	if err := checkShowSecrets(e, o.showSecrets); err != nil {
		return err
	}
	if o.outcome != "" {
		if err := checkOutcomeFile(o.outcome); err != nil {
			return err
		}
	}
	return runApply(ctx, e, o)
}

func runApply(ctx context.Context, e *env, o applyOptions) error {
	if !o.autoApprove && o.approval == nil && !e.Interactive {
		return errNobodyToAsk
	}
	// The configuration of a saved plan is that of the invocation, not of its file.
	return withMaster(e, o.file, !readOnly, func(m *run.Master) error { return o.apply(ctx, e, m) })
}

// apply carries out one plan after the other, until there is no more to come.
func (o applyOptions) apply(ctx context.Context, e *env, m *run.Master) error {
	planner, err := o.planner(ctx, e, m)
	if err != nil {
		return err
	}
	planner.Options.Destroy = planner.Options.Destroy || o.destroy
	// What is to be destroyed is known from the first evaluation: others would
	// miss what is gone by then.
	if planner.Options.Destroy {
		planner.Freeze()
	}
	for range maxStages {
		plan, err := o.applyStage(ctx, e, m, planner)
		switch {
		case err != nil:
			return err
		case plan.LeavesUnseen():
			return lang.Hint(fmt.Errorf("the files declare more behind %v, which was not evaluated: that stays", plan.Unseen.Origin.Position()),
				"take it out of the file, or destroy it by name, with state = \"destroyed\"")
		case plan.More == nil && !o.restOf(plan):
			return nil
		case o.next != "":
			return o.saveNext(ctx, e, planner)
		}
		if o.saved != nil || o.approval != nil { // what comes now was not in it, so nobody has approved it
			o.saved, o.approval, o.autoApprove = nil, nil, false
			if !e.Interactive {
				return errMoreToApprove
			}
		}
	}
	return fmt.Errorf("there is still more to come after %d plans: do the files ask for something new in each?", maxStages)
}

// restOf reports whether a plan is what is left of a saved one, while the files ask for
// more by now.
func (o applyOptions) restOf(plan *engine.Plan) bool {
	return o.saved != nil && plan.Partial != nil && plan.Partial.Chosen != nil && plan.Partial.LeftOut > 0
}

// saveNext saves what comes after a saved plan.
func (o applyOptions) saveNext(ctx context.Context, e *env, planner *run.Planner) error {
	plan, _, err := planner.Plan(ctx)
	if err != nil {
		return err
	}
	if err := (planOptions{format: "text", showSecrets: o.showSecrets}).show(e, plan); err != nil {
		return err
	}
	return planOptions{out: o.next, file: o.saved.File}.save(e, planner, plan)
}

func (o applyOptions) planner(ctx context.Context, e *env, m *run.Master) (*run.Planner, error) {
	if o.saved == nil {
		o.planning.policies.lenient = o.approval != nil
		return o.planning.planner(ctx, e, m, o.file)
	}
	o.planning.inputs.ask = true
	secrets, err := o.planning.inputs.secretSources(e)
	if err != nil {
		return nil, err
	}
	p, err := o.saved.Planner(ctx, m, secrets, e.hidden)
	if err != nil {
		return nil, err
	}
	p.Print, p.Watch, p.Options.Key = e.printer(), e.watch, e.key
	if err := o.planning.policies.findSaved(ctx, e, p.Policies, o.saved.File); err != nil {
		return nil, err
	}
	p.Schemas.Dir = o.planning.inputs.schemas
	p.Check = p.Check && !o.planning.noSchemas
	e.watchSchemas(p)
	return p, nil
}

// applyStage shows one plan, asks, and carries it out.
func (o applyOptions) applyStage(ctx context.Context, e *env, m *run.Master, planner *run.Planner) (*engine.Plan, error) {
	plan, err := o.plan(ctx, planner)
	if err != nil {
		return nil, err
	}
	if err := checkSelection(plan); err != nil {
		return nil, err
	}
	p := newProgress(e, o)
	if err := p.plan(plan, o.showSecrets); err != nil {
		return nil, err
	}
	if !plan.CanApply() {
		return nil, p.outcome(&engine.Outcome{}, refused(plan))
	}
	if !plan.Pending() {
		return plan, p.outcome(&engine.Outcome{}, nil)
	}
	if o.approval != nil {
		if err := o.approval.Check(plan); err != nil {
			return nil, p.outcome(&engine.Outcome{}, err)
		}
		if n := document.SecretValues(plan); n > 0 {
			verb := "were"
			if n == 1 {
				verb = "was"
			}
			fmt.Fprintf(e.Err, "slapstar: %s %s not part of the approval\n", term.Counted(n, "secret value"), verb)
		}
	} else if !o.autoApprove {
		if e.Redirected || o.format == "json" { // what is approved has to have been seen
			if err := (view.Text{W: e.Err, Color: e.ErrColor, Width: e.ErrColumns()}).Plan(plan); err != nil {
				return nil, err
			}
		}
		if err := approve(ctx, e, plan); err != nil {
			return nil, err
		}
	}
	if plan.Partial != nil {
		planner.Options.Chosen = plan.Addresses()
		defer func() { planner.Options.Chosen = nil }() // the next stage has more
	}
	planner.Reading = nil // what is shown from here on is the apply
	p.begin(plan)
	// Whoever reads along may go: what is in flight is finished nevertheless.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGPIPE)
	defer func() {
		stop()
		signal.Ignore(syscall.SIGPIPE) // the report ends nothing before the outcome is in its file
	}()
	defer e.watch.Wait()() // for the Master, but for the plans
	outcome, err := engine.Apply{
		Master: &watchedMaster{m, e.watch},
		Plan:   plan,
		Replan: func(ctx context.Context) (*engine.Plan, *engine.State, error) {
			defer e.watch.Resume()()
			return planner.Replan(ctx)
		},
		Report:      p.event,
		Parallelism: o.parallelism,
		FailFast:    o.failFast,
		WaitAll:     o.wait,
		Timeout:     o.timeout,
	}.Run(ctx)
	p.end()
	m.RememberLag(outcome)
	e.watch.Rest()
	return plan, p.outcome(outcome, err)
}

// plan makes the plan; what a saved one shows has to be all of it.
func (o applyOptions) plan(ctx context.Context, p *run.Planner) (*engine.Plan, error) {
	if o.saved != nil {
		return o.saved.Check(ctx, p, o.moved)
	}
	plan, _, err := p.Plan(ctx)
	return plan, err
}

// errMoreToApprove ends the apply of a saved plan after which there is more to come.
var errMoreToApprove = lang.Hint(fmt.Errorf("%w: there is more to come than what was approved, and there is no terminal to ask for approval on", run.ErrRefused),
	"slapstar plan --out PLAN shows and saves what comes next")

// planSuffix ends the name of a file that is a saved plan.
const planSuffix = ".plan.json"
