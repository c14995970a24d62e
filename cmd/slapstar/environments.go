package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/internal/mask"
	"slapstar/starlib/lang"
)

// onTargets is the action of a command on one FILE, or on environments one after the
// other, which the flags may choose. What fails in one leaves the others alone. Format is
// that of the command: JSON and Markdown of several is one document.
func onTargets(e *env, flags *targetFlags, format *string, do func(ctx context.Context, e *env, file string) error) cli.ActionFunc {
	return func(c *cli.Context) error {
		targets, err := e.targets(c, *flags)
		if err != nil {
			return err
		}
		if !flags.several(targets) {
			return do(c.Context, targets[0].env, targets[0].file)
		}
		return e.each(c.Context, targets, *format, do)
	}
}

// several reports whether targets are shown as several are: also where the flags have left
// one, or none.
func (f *targetFlags) several(targets []target) bool {
	return f.all || f.changed != "" || len(targets) > 1
}

// An ended is how a command has ended on one target.
type ended struct {
	target target
	err    error
	out    []byte // that was kept
	notes  []byte // what it wrote to standard error, if that was kept
}

// code is the exit code that the target alone would have.
func (n ended) code() int { return exitCode(n.err) }

// message is the error for a report; empty where the output says it.
func (n ended) message() string {
	if n.err == nil || silent(n.err) {
		return ""
	}
	return n.target.env.hidden.Text(n.err.Error())
}

// each runs a command on targets, one after the other, until it is interrupted. What they
// give in a format for other programs is kept, and becomes one document: drift alone gives
// Markdown.
func (e *env) each(ctx context.Context, targets []target, format string, do func(context.Context, *env, string) error) error {
	kept := format != "text"
	var all []ended
	for _, t := range targets {
		n := ended{target: t, err: errNotStarted}
		switch {
		case ctx.Err() != nil:
		case kept:
			var out bytes.Buffer
			w := e.hidden.Writer(&out)
			t.env.Out = w
			n.err = do(ctx, t.env, t.file)
			n.err = errors.Join(n.err, w.Flush())
			n.out = out.Bytes()
		default:
			e.sayEnvironment(e.Out, t)
			n.err = do(ctx, t.env, t.file)
		}
		if n.message() != "" && !errors.Is(n.err, errNotStarted) {
			if e.Redirected || kept { // who reads this does not see the other
				e.sayEnvironment(e.Err, t)
			}
			printError(e.Err, n.err)
		}
		all = append(all, n)
	}
	switch format {
	case "json":
		return e.endJSON(e.Out, all)
	case "markdown":
		return errors.Join(writeKept(e.Out, joined("drift", format, all)), worst(all))
	}
	return e.endText(all)
}

// stream runs apply on targets as each does, as lines of JSON: a line before those of
// each says of which it is.
func (e *env) stream(ctx context.Context, targets []target, do func(context.Context, *env, string) error) error {
	var all []ended
	for _, t := range targets {
		n := ended{target: t, err: errNotStarted}
		if ctx.Err() == nil {
			if err := (view.Stream{W: e.Out, Now: time.Now}).Environment(t.name()); err != nil {
				return err
			}
			if n.err = do(ctx, t.env, t.file); n.message() != "" {
				printError(e.Err, n.err)
			}
		}
		all = append(all, n)
	}
	return worst(all)
}

// errNotStarted is the error of a target that nothing was done for: the command was
// interrupted.
var errNotStarted = fmt.Errorf("not started: %w", context.Canceled)

// sayEnvironment begins what is shown of a target.
func (e *env) sayEnvironment(w io.Writer, t target) {
	fmt.Fprintf(w, "\nEnvironment %s (%s)\n\n", term.Name(t.name()), term.Escape(t.env.entryName()))
}

// endText ends a report of several targets with how each of them ended.
func (e *env) endText(all []ended) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(e.Out, "No environment has changed.")
		return err
	}
	names := map[int][]string{}
	for _, n := range all {
		names[n.code()] = append(names[n.code()], n.target.name())
	}
	var parts []string
	for _, code := range slices.Backward(severity) {
		if list := names[code]; len(list) > 0 {
			parts = append(parts, fmt.Sprintf("%d %s (%s)", len(list), endings[code], term.Escape(strings.Join(list, ", "))))
		}
	}
	if _, err := fmt.Fprintf(e.Out, "\nEnvironments: %s.\n", strings.Join(parts, ", ")); err != nil {
		return err
	}
	return worst(all)
}

// endJSON writes what several targets gave as one document.
func (e *env) endJSON(w io.Writer, all []ended) error {
	report := view.EnvironmentReport{Environments: []view.EnvironmentResult{}, ExitCode: exitCode(worst(all))}
	for _, n := range all {
		report.Environments = append(report.Environments, view.EnvironmentResult{
			Environment: n.target.name(), Entry: n.target.env.entryName(), ExitCode: n.code(), Error: n.message(), Result: n.out,
		})
	}
	text, err := report.JSON()
	if err != nil {
		return err
	}
	if _, err := mask.WriteOwn(w, text); err != nil {
		return err
	}
	return worst(all)
}

// entryName is the entry file below the root of the project.
func (e *env) entryName() string {
	if e.environment == nil {
		return ""
	}
	return e.environment.Entry
}

// severity are the exit codes, the worst first.
var severity = []int{exitInterrupted, exitUsage, exitFailed, exitRefused, exitNotReady, exitDrift, exitPending, exitDone}

// endings say how a target ended, by its exit code.
var endings = map[int]string{
	exitInterrupted: "interrupted", exitUsage: "not understood", exitFailed: "failed", exitRefused: "refused", exitNotReady: "not ready",
	exitDrift: "drifted", exitPending: "with changes", exitDone: "done",
}

// worst is the error with the worst exit code of several targets; nil if all are done.
func worst(all []ended) error {
	code := exitDone
	for _, n := range all {
		if slices.Index(severity, n.code()) < slices.Index(severity, code) {
			code = n.code()
		}
	}
	if code == exitDone {
		return nil
	}
	return &endedError{code}
}

// An endedError is how several targets ended: each has said it.
type endedError struct{ code int }

func (e *endedError) Error() string { return endings[e.code] }

// changed are the targets that have changed since a revision.
func (e *env) changed(ctx context.Context, targets []target, revision string) ([]target, error) {
	var list []target
	for _, t := range targets {
		changed, err := t.env.hasChanged(ctx, t.file, revision)
		if err != nil {
			return nil, fmt.Errorf("--changed %s: %w", revision, err)
		}
		if changed {
			list = append(list, t)
		}
	}
	return list, nil
}

// refuseSeveral refuses a flag whose value belongs to one target.
func refuseSeveral(flag, value, why string) error {
	if value == "" {
		return nil
	}
	return lang.Hint(usagef("%s does not go with several environments: %s", flag, why), "name one environment")
}
