package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/starlib/lang"
)

type outputOptions struct {
	file   string
	name   string // of the one that is wanted; empty: all
	format string
	out    string // the file that receives them; empty: standard output
	reveal bool
	inputs inputFlags
}

func outputCommand(e *env) *cli.Command {
	var o outputOptions
	return &cli.Command{
		Name:  "output",
		Usage: "show what FILE makes for other tools with output(name, value), as the Master has it now; exits with 3 where something is not known yet",
		Description: "--name NAME writes one value alone: text as it is, all else as JSON.\n" +
			"--format env writes NAME='value' for a shell, in capitals and with _ for -.\n\n" +
			"Examples:\n   slapstar output --format json main.star\n   slapstar output --format env --reveal --out shop.env main.star",
		ArgsUsage: "[FILE|ENV]",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "name", Usage: "only the output `NAME`, and its value alone", Destination: &o.name},
			formatFlag(&o.format, "text, json (docs/output.schema.json), or env for a shell", "text", "json", "env"),
			&cli.StringFlag{Name: "out", Usage: "write `FILE`, which its owner alone can read, instead of standard output", Destination: &o.out},
			&cli.BoolFlag{Name: "reveal", Usage: "with the values of secret outputs, also where nobody watches", Destination: &o.reveal},
		}, o.inputs.flags()...),
		Action: onEntry(e, &o.file, func(ctx context.Context, e *env) error {
			return e.watched(ctx, func(ctx context.Context) error { return o.run(ctx, e) })
		}),
	}
}

func (o outputOptions) run(ctx context.Context, e *env) error {
	if o.reveal && e.global.connection.Trust.Untrusted {
		return usagef("--reveal does not go with --untrusted: the files choose what they make of your secrets")
	}
	return withMaster(e, o.file, readOnly, func(m *run.Master) error {
		planning := planningFlags{missingSecrets: true, unchecked: true, inputs: o.inputs}
		planner, err := planning.planner(ctx, e, m, o.file)
		if err != nil {
			return err
		}
		config, _, err := planner.Look(ctx)
		if err != nil {
			return err
		}
		made := view.NewOutputs(config.Outputs, config.More, e.hidden, o.reveal)
		if o.name != "" {
			if made, err = o.one(made, config.More); err != nil {
				return err
			}
		}
		if err := o.write(e, made); err != nil {
			return err
		}
		return unknownOutputs(e, made, config.More)
	})
}

// one is the output that is wanted.
func (o outputOptions) one(made view.Outputs, more *engine.Boundary) (view.Outputs, error) {
	_, there := made.Outputs[o.name]
	switch {
	case there:
		return made.Only(o.name), nil
	case more != nil:
		return made, lang.Hint(fmt.Errorf("%w: the files have no output %q so far, and declare more behind %v", errNotKnown, o.name, more.Origin.Position()), behindHint(more))
	}
	err := fmt.Errorf("the files have no output %q", o.name)
	if guess := lang.DidYouMean(o.name, made.Names()); guess != "" {
		return made, lang.Hint(err, guess)
	}
	return made, lang.Hint(err, "slapstar output lists them")
}

func (o outputOptions) write(e *env, made view.Outputs) error {
	if o.out == "" {
		w := e.Out
		if o.reveal {
			w = e.revealed
		}
		return o.writeTo(w, e, made)
	}
	var b bytes.Buffer
	if o.reveal {
		if err := o.writeTo(&b, e, made); err != nil {
			return err
		}
	} else {
		hidden := e.hidden.Writer(&b)
		if err := errors.Join(o.writeTo(hidden, e, made), hidden.Flush()); err != nil {
			return err
		}
	}
	return run.ReplaceFile(o.out, b.Bytes(), 0o600)
}

func (o outputOptions) writeTo(w io.Writer, e *env, made view.Outputs) error {
	switch {
	case o.format == "json":
		return made.WriteJSON(w)
	case o.format == "env":
		return o.writeEnvironment(w, made)
	case o.name != "":
		return o.writeOne(w, e, made.Outputs[o.name])
	}
	return made.WriteText(w, e.Err)
}

// writeOne writes one value, for a script or a person.
func (o outputOptions) writeOne(w io.Writer, e *env, made view.Output) error {
	text := engine.Masked
	switch {
	case made.Value != nil:
		text = made.Plain()
	case !made.Secret:
		return nil // it is not known
	}
	if o.out == "" && !e.Redirected {
		text = term.Clean(text)
	}
	_, err := fmt.Fprintln(w, text)
	return err
}

// showOutputs ends an apply.
func (o applyOptions) showOutputs(e *env, planner *run.Planner) error {
	if o.format == "json" || len(planner.Outputs()) == 0 {
		return nil
	}
	if _, err := io.WriteString(e.Out, "\nOutputs:\n\n"); err != nil {
		return err
	}
	return view.NewOutputs(planner.Outputs(), nil, e.hidden, false).WriteText(e.Out, e.Err)
}

// finish is outcome, after the outputs of what went well.
func (p *progress) finish(o *engine.Outcome, stopped error, planner *run.Planner) error {
	if p.json && stopped == nil && len(o.Failed)+len(o.NotStarted) == 0 {
		if err := p.stream.Outputs(view.NewOutputs(planner.Outputs(), nil, p.env.hidden, false)); p.broken == nil {
			p.broken = err
		}
	}
	return p.outcome(o, stopped)
}

// unknownOutputs is the error where something is not known yet.
func unknownOutputs(e *env, made view.Outputs, more *engine.Boundary) error {
	var missing []string
	for _, name := range made.Names() {
		switch o := made.Outputs[name]; {
		case len(o.Secrets) > 0:
			return lang.Hint(fmt.Errorf("output %q: the secret %q is not given", name, o.Secrets[0]), fmt.Sprintf("--secret %s=env:VARIABLE or --secret %s=file:PATH gives it", o.Secrets[0], o.Secrets[0]))
		case !o.Known:
			missing = append(missing, fmt.Sprintf("output %q waits for %s", name, o.Missing(e.hidden)))
		}
	}
	switch {
	case len(missing) > 0:
		return lang.Hint(fmt.Errorf("%w: %s", errNotKnown, strings.Join(missing, "; ")), "slapstar status shows what the instances do")
	case made.More != nil:
		return lang.Hint(fmt.Errorf("%w: the files may have more outputs behind %v", errNotKnown, more.Origin.Position()), behindHint(more))
	}
	return nil
}

// behindHint says what is needed to see what is behind a boundary.
func behindHint(more *engine.Boundary) string {
	if more.Secret != "" {
		return fmt.Sprintf("it needs the secret %q: --secret %s=env:VARIABLE", more.Secret, more.Secret)
	}
	return fmt.Sprintf("it needs %v", more.Reference)
}
