package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/starlib/lang"
)

type diffOptions struct {
	before, after    string // revisions; an empty after is the work tree
	file             string
	fileAt           string // of the first revision; empty: the same
	format           string
	summary          bool
	group            bool
	detailedExitcode bool
	inputs           inputFlags
	outputs          outputFlags
}

func diffCommand(e *env) *cli.Command {
	var o diffOptions
	return &cli.Command{
		Name:      "diff",
		Usage:     "compare what the files declare with what they declared at a git revision, or at two; asks no Master and needs no secrets",
		ArgsUsage: "REV[..REV] [FILE]",
		Flags: slices.Concat([]cli.Flag{
			formatFlag(&o.format, "text, json (docs/diff.schema.json), markdown for a merge request, or html: a page", "text", "json", "markdown", "html"),
			&cli.StringFlag{Name: "file-at", Usage: "the entry file that REV has, if it has another name there: `FILE`", Destination: &o.fileAt},
			&cli.BoolFlag{Name: "summary", Usage: "a line a difference, without details", Destination: &o.summary},
			&cli.BoolFlag{Name: "group", Usage: "differences that are alike are one entry with all names; on a terminal, more than ten are anyhow", Destination: &o.group},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 when there is a difference, or not all could be compared", Destination: &o.detailedExitcode},
		}, o.outputs.flags(), withoutFlags(o.inputs.flags(), "secret")),
		Action: func(c *cli.Context) error {
			if err := o.arguments(c); err != nil {
				return err
			}
			return e.watched(c.Context, func(ctx context.Context) error { return runDiff(ctx, e, o) })
		},
	}
}

// withoutFlags are flags but for those of some names.
func withoutFlags(flags []cli.Flag, names ...string) []cli.Flag {
	return slices.DeleteFunc(flags, func(f cli.Flag) bool { return slices.Contains(names, f.Names()[0]) })
}

// arguments reads REV[..REV] [FILE].
func (o *diffOptions) arguments(c *cli.Context) error {
	args := c.Args().Slice()
	if len(args) == 0 || len(args) > 2 {
		return lang.Hint(usagef("diff takes REV or REV..REV, and one FILE, got %q", args), "slapstar diff HEAD compares with the last commit")
	}
	o.file = defaultEntry
	if len(args) == 2 {
		o.file = args[1]
	}
	var several bool
	o.before, o.after, several = strings.Cut(args[0], "..")
	switch {
	case strings.Contains(args[0], "..."):
		return lang.Hint(usagef("diff: got %q, want REV or REV..REV", args[0]), "slapstar diff $(git merge-base REV HEAD) compares with where the branches part")
	case o.before == "" || several && o.after == "":
		return usagef("diff: got %q, want REV or REV..REV", args[0])
	case strings.HasSuffix(args[0], ".star"):
		return lang.Hint(usagef("diff: got the file %q first, want REV", args[0]), fmt.Sprintf("slapstar diff HEAD %s", args[0]))
	}
	return checkNoPlan(o.file)
}

func (o diffOptions) check() error {
	if o.summary && o.format == "json" {
		return usagef("--summary: JSON has its counts under \"summary\" and is always whole")
	}
	return o.outputs.check()
}

func runDiff(ctx context.Context, e *env, o diffOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	in, err := o.inputs.inputs(e, o.file)
	if err != nil {
		return err
	}
	d := run.Diff{
		Connection: e.connection(), Inputs: in, SchemaDir: o.inputs.schemas, Watch: e.watch,
		Options: engine.Options{Key: e.key},
		Say:     func(text string) { fmt.Fprintf(e.Err, "slapstar: %s\n", term.Escape(text)) },
	}
	before, after := run.Side{Revision: o.before, File: o.file}, run.Side{Revision: o.after, File: o.file}
	if o.fileAt != "" {
		before.File = o.fileAt
	}
	plan, err := d.Compare(ctx, before, after)
	if err != nil {
		return err
	}
	o.outputs.context = document.Context{Title: o.outputs.title, Time: makingTime(time.Now()).UTC().Format(time.RFC3339), Version: version()}
	if err := o.show(e, plan); err != nil {
		return err
	}
	if err := o.outputs.write(e, plan, o.file, func(w io.Writer) error { return view.PlanJSON(w, plan, o.outputs.context) }); err != nil {
		return fmt.Errorf("writing the difference: %w", err)
	}
	if o.detailedExitcode && plan.Differs() {
		return errPending
	}
	return nil
}

func (o diffOptions) show(e *env, plan *engine.Plan) error {
	return planOptions{file: o.file, format: o.format, summary: o.summary, group: o.group, outputs: o.outputs}.show(e, plan)
}
