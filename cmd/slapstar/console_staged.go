package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/starlib/console"
	"slapstar/starlib/format"
	"slapstar/starlib/lang"
)

// A staging shows and carries out what a staged session has collected.
type staging struct{ c *shell }

// Look implements [console.Looker].
func (s *staging) Look(ctx context.Context, name string, shared bool) (*engine.State, error) {
	return lookAt(ctx, s.c.master.Reader(), name, shared)
}

// plan reads the Master and compares, with the values that are known now filled
// in: what evaluating a file again does.
func (s *staging) plan(ctx context.Context, c *engine.Config) (*engine.Plan, *engine.State, error) {
	reader := s.c.master.Reader().Bounded()
	state, err := engine.Observe(ctx, reader)
	if err != nil {
		return nil, nil, err
	}
	if _, err := state.Complete(ctx, reader, c.WithReferences()); err != nil {
		return nil, nil, err
	}
	known := c.Resolve(state.Find)
	known.Secrets = s.c.session.Secrets() // those of what was taken back, too: the Master may have them
	judged, err := run.Judge(ctx, s.c.schemas, known.Instances())
	if err != nil {
		return nil, nil, err
	}
	plan, err := engine.NewPlan(known, state, engine.Options{Master: s.c.master.Name(), Entry: consoleEntry, Key: s.c.env.key, Judged: judged})
	return plan, state, err
}

// Plan implements [console.Staging].
func (s *staging) Plan(ctx context.Context, c *engine.Config) error {
	plan, _, err := s.plan(ctx, c)
	if err != nil {
		return err
	}
	if err := (planOptions{format: "text", showSecrets: s.c.options.showSecrets}).show(s.c.env, plan); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.c.env.Out, "digest: %s\n", document.Digest(plan))
	return err
}

// Apply implements [console.Staging].
func (s *staging) Apply(ctx context.Context, c *engine.Config) error {
	plan, _, err := s.plan(ctx, c)
	if err != nil {
		return err
	}
	out := s.c.view()
	switch {
	case !plan.CanApply():
		return errors.Join(out.Plan(plan), refused(plan))
	case !plan.Pending():
		return out.Plan(plan)
	}
	if err := s.c.allow(ctx, func() error { return out.Plan(plan) }); err != nil {
		return err
	}
	defer s.c.watch.Load().Wait()()
	progress := s.c.newWaitLine()
	defer progress.end()
	outcome, err := engine.Apply{
		Master: s.c.master,
		Plan:   plan,
		Replan: func(ctx context.Context) (*engine.Plan, *engine.State, error) { return s.plan(ctx, c) },
		Report: func(e engine.Event) {
			switch e.Kind {
			case engine.Waiting, engine.Unlisted, engine.Postponed:
				progress.event(e)
			default:
				progress.end()
				out.Event(e)
			}
		},
		Timeout: defaultWait,
	}.Run(ctx)
	progress.end()
	s.c.master.RememberLag(outcome)
	return report(s.c.env, outcome, err, true, "apply() again goes on from here")
}

// Save implements [console.Staging].
func (s *staging) Save(_ context.Context, f console.File) error {
	if s.c.env.global.connection.Trust.Untrusted {
		return fmt.Errorf("%w: the files are untrusted, and write none", run.ErrRefused)
	}
	formatted, err := format.Source(f.Name, []byte(f.Source))
	if err != nil {
		return err
	}
	if run.Exists(f.Name) && !f.Overwrite {
		return lang.Hint(fmt.Errorf("there is a file %s already", f.Name), fmt.Sprintf("save(%q, overwrite = True) takes its place", f.Name))
	}
	mode := fs.FileMode(0o644)
	if len(f.Credentials) > 0 {
		mode = 0o600
		fmt.Fprintf(s.c.env.Err, "slapstar: %s holds what looks like a credential, so it is readable by you alone: %s; secret(NAME) would keep it out\n",
			term.Escape(f.Name), term.Escape(strings.Join(f.Credentials, ", ")))
	}
	return run.ReplaceFile(f.Name, formatted, mode)
}
