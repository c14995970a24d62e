package main

import (
	"context"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/engine"
	"slapstar/starlib/lang"
)

// hasChanged reports whether the environment has changed since a revision: a file that its
// evaluation reads, its configuration, one of its policies, or its declaration.
func (e *env) hasChanged(ctx context.Context, file, revision string) (bool, error) {
	v := validateOptions{file: file, noSchemas: true}
	in, travel, err := v.withoutMaster(e)
	if err != nil {
		return false, err
	}
	in.Sources = &lang.Sources{Text: map[string]string{}, Data: map[string]string{}}
	if _, err := travel.Exec(ctx, in, func(engine.Position, string) {}); err != nil {
		if ctx.Err() != nil {
			return false, err
		}
		return true, nil // the command says what is wrong
	}
	cfg, err := e.connection().Beside(file)
	if err != nil {
		return false, err
	}
	return run.Changed(ctx, run.Change{Environment: e.environment, Sources: in.Sources, Configuration: cfg, Revision: revision,
		Lookup: run.Lookup{Trust: e.global.connection.Trust, Source: e.watch.Source, Version: version()}})
}
