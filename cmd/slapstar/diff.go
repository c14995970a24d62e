package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
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
	environments     targetFlags
	outputs          outputFlags
}

func diffCommand(e *env) *cli.Command {
	var o diffOptions
	return &cli.Command{
		Name:      "diff",
		Usage:     "compare what the files declare with what they declared at a git revision, or at two; asks no Master and needs no secrets",
		ArgsUsage: "REV[..REV] [FILE|ENV ...]",
		Flags: slices.Concat([]cli.Flag{
			formatFlag(&o.format, "text, json (docs/diff.schema.json), markdown for a merge request, or html: a page", "text", "json", "markdown", "html"),
			&cli.StringFlag{Name: "file-at", Usage: "the entry file that REV has, if it has another name there: `FILE`", Destination: &o.fileAt},
			&cli.BoolFlag{Name: "summary", Usage: "a line a difference, without details", Destination: &o.summary},
			&cli.BoolFlag{Name: "group", Usage: "differences that are alike are one entry with all names; on a terminal, more than ten are anyhow", Destination: &o.group},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 when there is a difference, or not all could be compared", Destination: &o.detailedExitcode},
		}, o.outputs.flags(), o.environments.flags(), withoutFlags(o.inputs.flags(), "secret", "secret-dir")),
		Action: func(c *cli.Context) error { return o.diffTargets(c, e) },
	}
}

// withoutFlags are flags but for those of some names.
func withoutFlags(flags []cli.Flag, names ...string) []cli.Flag {
	return slices.DeleteFunc(flags, func(f cli.Flag) bool { return slices.Contains(names, f.Names()[0]) })
}

// diffTargets compares one FILE, or environments one after the other.
func (o diffOptions) diffTargets(c *cli.Context, e *env) error {
	args := c.Args().Slice()
	if len(args) == 0 {
		return lang.Hint(usagef("diff takes REV or REV..REV first, got nothing"), "slapstar diff HEAD compares with the last commit")
	}
	if err := o.revisions(args); err != nil {
		return err
	}
	o.environments.gone = true
	var targets []target
	err := e.watched(c.Context, func(ctx context.Context) (err error) {
		targets, err = e.find(ctx, c.Command.Name, args[1:], o.environments)
		return err
	})
	if err != nil {
		return err
	}
	diff := func(ctx context.Context, e *env, file string) error {
		o := o
		o.file = file
		return e.watched(ctx, func(ctx context.Context) error { return runDiff(ctx, e, o) })
	}
	if !o.environments.several(targets) {
		return diff(c.Context, targets[0].env, targets[0].file)
	}
	if o.outputs.any() || o.format == "html" || o.fileAt != "" {
		return usagef("diff of several environments is text, markdown or json on standard output, without --file-at")
	}
	return e.each(c.Context, targets, o.format, diff)
}

// revisions reads REV[..REV], the first argument.
func (o *diffOptions) revisions(args []string) error {
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
	return nil
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
		Environment: e.environmentName(), LockFolder: e.lockFolder(),
		Options: engine.Options{Key: e.key},
		Say:     func(text string) { fmt.Fprintf(e.Err, "slapstar: %s\n", term.Escape(text)) },
	}
	before, err := o.side(ctx, e, o.before)
	if err != nil {
		return err
	}
	after, err := o.side(ctx, e, o.after)
	if err != nil {
		return err
	}
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

// side is the entry file at a revision. That of an environment, and its inputs, are what
// the project file says there.
func (o diffOptions) side(ctx context.Context, e *env, revision string) (run.Side, error) {
	side := run.Side{Revision: revision, File: o.file}
	if e.environment == nil || revision == "" {
		return side, nil
	}
	p, err := run.FindProject(ctx, run.Lookup{Folder: e.project.Root, Trust: run.Trust{Untrusted: true, Base: revision}, Source: e.projectSource, Version: version()})
	if err != nil || p == nil {
		return side, err
	}
	other := *e
	if other.environment = p.Find(e.environment.Name); other.environment == nil {
		side.Undeclared = true
		return side, nil
	}
	side.File = filepath.Join(e.project.Root, filepath.FromSlash(other.environment.Entry))
	in, err := o.inputs.inputs(&other, side.File)
	side.Vars = in.Vars
	return side, err
}

func (o diffOptions) show(e *env, plan *engine.Plan) error {
	return planOptions{file: o.file, format: o.format, summary: o.summary, group: o.group, outputs: o.outputs}.show(e, plan)
}
