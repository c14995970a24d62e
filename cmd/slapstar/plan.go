package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/starlib/lang"
)

type planOptions struct {
	file             string
	out              string
	format           string
	summary          bool
	group            bool
	unchanged        bool
	showSecrets      bool
	detailedExitcode bool
	inputs           bool // list them, and do nothing else
	outputs          outputFlags
	planning         planningFlags
	environments     targetFlags
}

func planCommand(e *env) *cli.Command {
	var o planOptions
	return &cli.Command{
		Name:      "plan",
		Usage:     "show what apply would do; writes nothing to the Master",
		ArgsUsage: "[FILE|ENV ...]",
		Flags: append([]cli.Flag{
			formatFlag(&o.format, "text, json (docs/plan.schema.json), markdown for a merge request, or html: a page", "text", "json", "markdown", "html"),
			inputsFlag(&o.inputs),
			&cli.BoolFlag{Name: "summary", Usage: "a line a change, without details", Destination: &o.summary},
			&cli.BoolFlag{Name: "unchanged", Usage: "list in JSON also what stays as it is, with its values", Destination: &o.unchanged},
			&cli.BoolFlag{Name: "group", Usage: "changes that are alike are one entry with all names; on a terminal, more than ten are anyhow", Destination: &o.group},
			showSecretsFlag(&o.showSecrets),
			&cli.StringFlag{Name: "out", Usage: "save the plan in `FILE`, for slapstar apply --plan FILE", Destination: &o.out},
			&cli.BoolFlag{Name: "without-secrets", Usage: "plan without the secrets: what holds one is not compared, and such a plan is not applied", Destination: &o.planning.withoutSecrets},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 when there are changes", Destination: &o.detailedExitcode},
		}, slices.Concat(o.outputs.flags(), o.environments.flags(), o.planning.policies.flags("plan"), o.planning.flags())...),
		Action: func(c *cli.Context) error { return o.planTargets(c, e) },
	}
}

// check returns an error for options that do not go together.
func (o planOptions) check(e *env) error {
	switch {
	case o.inputs && o.format == "markdown":
		return usagef("--inputs: there is no list of inputs in markdown, want text or json")
	case o.summary && o.format == "json":
		return usagef("--summary: JSON has its counts under \"summary\" and is always whole")
	case o.unchanged && o.format != "json" && o.outputs.json == "" && o.out == "":
		return usagef("--unchanged: only JSON lists what stays as it is: add --format json, or --json FILE")
	case o.showSecrets && o.format != "text":
		return usagef("--show-secrets: only the text format shows them")
	}
	if err := o.outputs.check(); err != nil {
		return err
	}
	if o.out != "" {
		if err := run.CheckPlanPath(o.out); err != nil {
			return err
		}
	}
	if o.planning.withoutSecrets {
		switch {
		case o.out != "":
			return lang.Hint(usagef("--out does not go with --without-secrets: a plan that was made without its secrets is not carried out"), "save the plan where the secrets are: slapstar plan --out FILE --secret NAME=env:VARIABLE")
		case len(o.planning.inputs.secrets.Value()) > 0:
			return usagef("--secret does not go with --without-secrets")
		}
	}
	return checkShowSecrets(e, o.showSecrets)
}

func runPlan(ctx context.Context, e *env, o planOptions) error {
	if err := o.check(e); err != nil {
		return err
	}
	if o.inputs {
		return validateOptions{file: o.file, format: o.format, inputs: o.planning.inputs}.listInputs(ctx, e)
	}
	o.outputs.of = target{e, o.file}
	return withMaster(e, o.file, readOnly, func(m *run.Master) error { return o.run(ctx, e, m) })
}

func (o planOptions) run(ctx context.Context, e *env, m *run.Master) error {
	o.planning.unchanged = o.unchanged
	planner, plan, err := o.planning.plan(ctx, e, m, o.file)
	if err != nil {
		return err
	}
	if e.global.connection.Verbosity > 0 {
		fmt.Fprintf(e.Err, "the plan took %d requests\n", m.Requests.Requests())
	}
	if o.out != "" || o.format != "text" || o.outputs.any() {
		o.outputs.context = o.outputs.made(ctx, planner)
	}
	if err := o.show(e, plan); err != nil {
		return err
	}
	if err := o.outputs.write(e, plan, o.file, func(w io.Writer) error { return view.PlanJSON(w, plan, o.outputs.context) }); err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	if plan.Pending() {
		run.Remember(plan)
	}
	if !plan.CanApply() {
		return refused(plan)
	}
	if o.out != "" {
		if err := o.save(e, planner, plan); err != nil {
			return fmt.Errorf("saving the plan: %w", err)
		}
	}
	o.sayNext(e, plan)
	if plan.Pending() && o.detailedExitcode {
		return errPending
	}
	return nil
}

// sayNext says on a terminal what carries the plan out.
func (o planOptions) sayNext(e *env, plan *engine.Plan) {
	if e.Redirected || !e.Live || o.out != "" || o.format != "text" || !plan.Pending() || len(plan.Withheld()) > 0 {
		return
	}
	fmt.Fprintf(e.Err, "Next: slapstar apply %s (with the options of this plan) asks, and carries it out.\n", term.Escape(target{e, o.file}.name()))
}

func (o planOptions) save(e *env, p *run.Planner, plan *engine.Plan) error {
	if err := p.Save(plan, run.Saving{Path: o.out, File: o.file, Slapstar: version(), Context: o.outputs.context}); err != nil {
		return err
	}
	fmt.Fprintf(e.Err, "Saved in %s, readable by you alone; it holds no value of a secret. slapstar apply --plan %s%s carries out exactly this plan.\n", o.out, o.out, e.environmentArgument())
	return nil
}

func (o planOptions) show(e *env, plan *engine.Plan) error {
	switch o.format {
	case "json":
		return view.PlanJSON(e.Out, plan, o.outputs.context)
	case "html":
		return o.outputs.page(e.Out).Plan(plan)
	case "markdown":
		return o.outputs.markdownView(e.Out, o.file, o.summary).Plan(plan)
	}
	return view.Text{W: e.Out, Color: e.Color, Width: e.OutColumns(), ShowSecrets: o.showSecrets, Brief: o.summary, Group: o.group}.Plan(plan)
}

func showSecretsFlag(to *bool) cli.Flag {
	return &cli.BoolFlag{Name: "show-secrets", Usage: "show what looks like a credential, on a terminal only; never what secret() gave", Destination: to}
}

// checkShowSecrets keeps credentials out of files and logs.
func checkShowSecrets(e *env, show bool) error {
	if show && e.Redirected {
		return usagef("--show-secrets works on a terminal only, and standard output is none")
	}
	if show {
		e.hidden.ShowCredentials()
	}
	return nil
}

// refused is the error for a plan whose refusals have been shown.
func refused(plan *engine.Plan) error {
	return fmt.Errorf("this plan cannot be applied: %d of its changes %w", len(plan.Refusals), run.ErrRefused)
}
