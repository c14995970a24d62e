package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/internal/mask"
	"slapstar/starlib/lang"
)

// planTargets plans one FILE, or environments: these at once, and the report has them in
// the order of the project file.
func (o planOptions) planTargets(c *cli.Context, e *env) error {
	targets, err := e.targets(c, o.environments)
	if err != nil {
		return err
	}
	plan := func(ctx context.Context, e *env, o planOptions) error {
		return e.watched(ctx, func(ctx context.Context) error { return runPlan(ctx, e, o) })
	}
	if !o.environments.several(targets) {
		o.file = targets[0].file
		return plan(c.Context, targets[0].env, o)
	}
	if err := errors.Join(refuseSeveral("--out", o.out, "it saves one plan"), o.check(e)); err != nil {
		return err
	}
	if o.inputs {
		return e.each(c.Context, targets, o.format, func(ctx context.Context, e *env, file string) error {
			o := o
			o.file = file
			return plan(ctx, e, o)
		})
	}
	folder, err := os.MkdirTemp("", "slapstar")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	all := atOnce(c.Context, targets, func(ctx context.Context, n int, t target) error {
		o := o
		o.file = t.file
		o.outputs = o.outputs.part(filepath.Join(folder, strconv.Itoa(n)), t.name(), len(targets))
		return plan(ctx, t.env, o)
	})
	ended := o.showAll(e, all)
	if err := o.outputs.join(e, folder, all); err != nil {
		return err
	}
	return ended
}

// mostAtOnce is how many environments are planned at once.
const mostAtOnce = 8

// atOnce runs a command on targets at once, and keeps what each writes.
func atOnce(ctx context.Context, targets []target, do func(ctx context.Context, n int, t target) error) []ended {
	all := make([]ended, len(targets))
	var group sync.WaitGroup
	room := make(chan struct{}, mostAtOnce)
	for n, t := range targets {
		group.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			if all[n] = (ended{target: t, err: errNotStarted}); ctx.Err() != nil {
				return
			}
			var out, notes bytes.Buffer
			t.env.keep(&out, &notes)
			err := do(ctx, n, t)
			if !silent(err) && err != nil {
				printError(t.env.Err, err)
			}
			all[n].err = errors.Join(err, t.env.flush())
			all[n].out, all[n].notes = out.Bytes(), notes.Bytes()
		})
	}
	group.Wait()
	return all
}

// keep makes e write elsewhere. Others write at the same time, so nothing is live.
func (e *env) keep(out, notes io.Writer) {
	standard, errs := e.hidden.Writer(out), e.hidden.Writer(notes)
	e.stderr = &term.Diversion{W: errs}
	e.Out, e.Err, e.Live, e.place = standard, e.stderr, false, &lang.Place{}
	e.flush = func() error { return errors.Join(standard.Flush(), errs.Flush()) }
}

// showAll writes one report of all plans, and returns how they ended.
func (o planOptions) showAll(e *env, all []ended) error {
	if o.format == "text" {
		for _, n := range all {
			e.sayEnvironment(e.Out, n.target)
			if len(n.notes) > 0 && e.Redirected { // who reads them does not see that
				e.sayEnvironment(e.Err, n.target)
			}
			if err := errors.Join(writeKept(e.Err, n.notes), writeKept(e.Out, n.out)); err != nil {
				return err
			}
		}
		return e.endText(all)
	}
	for _, n := range all {
		if len(n.notes) > 0 {
			e.sayEnvironment(e.Err, n.target)
			if err := writeKept(e.Err, n.notes); err != nil {
				return err
			}
		}
	}
	if o.format == "json" {
		return e.endJSON(e.Out, all)
	}
	text := joined("plan", o.format, all)
	return errors.Join(writeKept(e.Out, text), worst(all))
}

// writeKept writes what was kept, in which everything is hidden that has to be.
func writeKept(w io.Writer, text []byte) error {
	_, err := mask.WriteOwn(w, string(text))
	return err
}

// joined is one document of what is shown of several environments, each a plan or a drift.
func joined(what, format string, all []ended) []byte {
	var parts []view.Part
	for _, n := range all {
		parts = append(parts, view.Part{What: what, Title: n.target.name(), Text: n.out, Error: n.message()})
	}
	if format == "html" {
		return view.JoinPages(parts)
	}
	return view.JoinMarkdown(parts)
}
