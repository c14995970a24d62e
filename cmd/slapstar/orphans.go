package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/slap"
)

type orphansOptions struct {
	file   string
	format string
	inputs inputFlags
}

func orphansCommand(e *env) *cli.Command {
	var o orphansOptions
	return &cli.Command{
		Name:      "orphans",
		Usage:     "list the instances on the Master that FILE does not declare",
		ArgsUsage: "[FILE]",
		Flags:     append([]cli.Flag{formatFlag(&o.format)}, o.inputs.flags()...),
		Action: func(c *cli.Context) (err error) {
			if o.file, err = entryFile(c); err != nil {
				return err
			}
			return runOrphans(c.Context, e, o)
		},
	}
}

func runOrphans(ctx context.Context, e *env, o orphansOptions) (err error) {
	if err := checkFormat(o.format); err != nil {
		return err
	}
	in, err := o.inputs.inputs(o.file)
	if err != nil {
		return err
	}
	m, err := e.connection().Open(o.file, true)
	if err != nil {
		return err
	}
	defer func() { err = closing(m, err) }()
	planner := run.NewPlanner(m, in)
	planner.Print, planner.Schemas.Dir = e.printer(), o.inputs.schemas
	plan, state, err := planner.Plan(ctx)
	if err != nil {
		return err
	}
	list, err := orphans(ctx, m, plan, state)
	if err != nil {
		return err
	}
	if plan.More != nil {
		fmt.Fprintf(e.Err, "slapstar: the files may declare more once %q of instance %s is known\n",
			plan.More.Reference.Key, term.Escape(plan.More.Reference.Instance))
	}
	if o.format == "json" {
		return view.JSON(e.Out, list)
	}
	return showOrphans(e, list)
}

// orphans are what is on the Master and not declared. What is destroyed already
// does not count.
func orphans(ctx context.Context, m *run.Master, p *engine.Plan, s *engine.State) ([]listed, error) {
	declared := map[string]bool{}
	for _, i := range p.Declared.Instances() {
		declared[i.Name] = true
	}
	var names []string
	for _, name := range instanceNames(s) {
		if !declared[name] {
			names = append(names, name)
		}
	}
	all, err := readListed(ctx, m, s, names)
	if err != nil {
		return nil, err
	}
	list := []listed{}
	for _, l := range all {
		if l.State == slap.Destroyed {
			continue
		}
		if claim := p.Declared.ClaimOn(l.Name); claim != nil {
			l.OwnedBy = claim.Pattern
		}
		list = append(list, l)
	}
	return list, nil
}

func showOrphans(e *env, list []listed) error {
	if len(list) == 0 {
		fmt.Fprintln(e.Err, "slapstar: the files declare every instance on this Master")
		return nil
	}
	rows := [][]string{{"NAME", "STATE", "NODE", "RELEASE", "OWNED BY"}}
	owned := 0
	for _, l := range list {
		claim := "-"
		if l.OwnedBy != "" {
			owned++
			claim = fmt.Sprintf("%q", l.OwnedBy)
		}
		rows = append(rows, []string{l.Name, l.State, orDash(l.Computer), orDash(l.SoftwareRelease), claim})
	}
	if err := view.Table(e.Out, rows); err != nil {
		return err
	}
	if owned > 0 {
		fmt.Fprintf(e.Err, "slapstar: apply destroys what is owned and not declared: %s; it leaves the others alone\n", term.Counted(owned, "instance"))
	}
	return nil
}
