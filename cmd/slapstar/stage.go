package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib"
)

// A stage evaluates the entry file against what the Master has, as often as it
// is asked to.
type stage struct {
	env      *env
	master   *master
	inputs   starlib.Inputs
	options  engine.Options
	schemas  *slap.Schemas
	products map[string]string // looked up once
	silent   bool              // what the files print has been shown
}

func newStage(e *env, m *master, in starlib.Inputs) *stage {
	return &stage{env: e, master: m, inputs: in, schemas: &slap.Schemas{}, products: map[string]string{}}
}

// plan reads the Master, evaluates, and compares. It evaluates again when the
// declarations name instances that the bulk read did not answer whole: their
// connection parameters may be what the files ask for.
func (s *stage) plan(ctx context.Context) (*engine.Plan, *engine.State, error) {
	state, err := engine.Observe(ctx, s.master.Reader())
	if err != nil {
		return nil, nil, err
	}
	for {
		config, printed, evalErr := s.evaluate(ctx, state)
		more := false
		if config != nil {
			if more, err = state.Complete(ctx, s.master.Reader(), config); err != nil {
				return nil, nil, err
			}
		}
		if more {
			continue
		}
		if !s.silent {
			fmt.Fprint(s.env.Err, printed)
			s.silent = true
		}
		if evalErr != nil {
			return nil, nil, evalErr
		}
		plan, err := engine.NewPlan(config, state, s.options)
		return plan, state, err
	}
}

func (s *stage) evaluate(ctx context.Context, state *engine.State) (*engine.Config, string, error) {
	var printed strings.Builder
	in := s.inputs
	in.Connection, in.Product, in.Serialisation = state.ConnectionParameter, s.product, s.serialisation
	in.Products = s.master.products
	in.Instance = func(name string) (slap.Instance, bool) {
		i, ok := state.Instances[name]
		return i, ok
	}
	in.Print = func(at engine.Position, message string) {
		fmt.Fprintln(&printed, safe(fmt.Sprintf("%s:%d: %s", at.File, at.Line, message)))
	}
	limited, cancel := context.WithTimeoutCause(ctx, evaluationTimeout, errEvaluation)
	defer cancel()
	config, err := starlib.Exec(limited, in)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = context.Cause(limited)
	}
	return config, printed.String(), err
}

func (s *stage) serialisation(ctx context.Context, release, softwareType string, shared bool) (slap.Serialisation, error) {
	return releaseSerialisation(ctx, s.schemas, release, softwareType, shared)
}

// releaseSerialisation is what the schema of a release says; empty when it has
// none.
func releaseSerialisation(ctx context.Context, schemas *slap.Schemas, release, softwareType string, shared bool) (slap.Serialisation, error) {
	schema, err := schemas.Release(ctx, release)
	if errors.Is(err, slap.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	kind, _ := schema.Type(softwareType, shared)
	return kind.Serialisation, nil
}

func (s *stage) product(ctx context.Context, name string) (string, error) {
	if release, ok := s.products[name]; ok {
		return release, nil
	}
	releases, err := s.master.Product(ctx, name)
	if err != nil {
		return "", err
	}
	if len(releases) == 0 {
		releases = []string{""}
	}
	s.products[name] = releases[0]
	return releases[0], nil
}
