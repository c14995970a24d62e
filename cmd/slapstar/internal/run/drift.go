package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// CompareBase has Drift compare with the files at a git revision; where it is empty, with
// those of HEAD, if there is one. It reports why there is none: then nobody knows what was
// edited.
func (p *Planner) CompareBase(ctx context.Context, revision string) (without error, err error) {
	name := revision
	if name == "" {
		name = "HEAD"
	}
	base, read, err := inputsAt(ctx, name, p.files.inputs)
	switch {
	case revision == "" && (errors.Is(err, errNoRepository) || errors.Is(err, errNoGit)):
		return err, nil
	case err != nil:
		return nil, fmt.Errorf("--since %s: %w", name, err)
	}
	_, err = read(base.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, lang.Hint(fmt.Errorf("%w: %s is not in %s, so nothing of it can have drifted", ErrRefused, base.File, name),
			"commit it, or name a revision that has it: --since REV; slapstar plan shows all that differs")
	case err != nil:
		return nil, fmt.Errorf("--since %s: %w", name, err)
	}
	p.CompareSince(name, base)
	return nil, nil
}

// Drift reads the Master, evaluates the files, now and at the base, and tells what differs
// though nobody edited it. The error wraps [ErrRefused] if that cannot be told.
func (p *Planner) Drift(ctx context.Context) (*engine.Drift, error) {
	now, state, err := p.Replan(ctx)
	if err != nil {
		return nil, err
	}
	var then *engine.Plan
	if p.since != nil {
		options := now.Options
		options.Since, options.Base, options.Judged = nil, nil, engine.Judgement{}
		if then, err = engine.NewPlan(p.Options.Since.Config, state, options); err != nil {
			return nil, fmt.Errorf("planning the files at %s: %w", p.Options.Since.Name, err)
		}
	}
	found := engine.FindDrift(then, now, state)
	if p.since != nil {
		found.Plan.Options.Since = p.Options.Since
	}
	if more := found.Plan.More; more != nil && !found.Drifted() {
		what := fmt.Sprintf("%q of instance %q is not known", more.Reference.Key, more.Reference.Instance)
		if more.Secret != "" {
			what = fmt.Sprintf("the secret %q is not given", more.Secret)
		}
		return nil, lang.Hint(fmt.Errorf("%w: whether there is drift cannot be told: more is declared after %v, and %s", ErrRefused, more.Origin.Position(), what),
			"slapstar plan shows what is known")
	}
	return found, nil
}
