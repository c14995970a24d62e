package main

import (
	"context"
	"errors"
	"fmt"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/release"
	"slapstar/starlib"
)

// A stage plans an entry file against what the Master has, as often as it is
// asked to.
type stage struct {
	env      *env
	master   *master
	options  engine.Options
	schemas  *release.Schemas
	products map[string]string // looked up once
	files    *evaluator
	since    *evaluator // of the files at an earlier revision; nil: there is none
	silent   bool       // what the files print has been shown
}

func newStage(e *env, m *master, in starlib.Inputs) *stage {
	s := &stage{env: e, master: m, schemas: &release.Schemas{}, products: map[string]string{}}
	s.files = s.evaluator(in)
	return s
}

// evaluator evaluates files with the products and schemas of the stage. All
// evaluations see the same files.
func (s *stage) evaluator(in starlib.Inputs) *evaluator {
	in.Product, in.Products, in.Serialisation = s.product, s.master.products, s.serialisation
	if in.Sources == nil {
		in.Sources = &starlib.Sources{Text: map[string]string{}}
	}
	return &evaluator{inputs: in}
}

// compareSince adds what the files declared earlier to all plans.
func (s *stage) compareSince(name string, in starlib.Inputs) {
	s.since = s.evaluator(in)
	s.options.Since = &engine.Revision{Name: name}
}

// plan reads the Master, evaluates meanwhile, and compares.
func (s *stage) plan(ctx context.Context) (*engine.Plan, *engine.State, error) {
	ctx, cancel := context.WithCancel(ctx)
	reading := s.observe(ctx)
	defer func() { // nothing reads any more when this is over
		cancel()
		<-reading.done
	}()
	config, err := s.complete(ctx, s.files, reading)
	if !s.silent && !errors.Is(err, context.Canceled) {
		fmt.Fprint(s.env.Err, s.files.printed)
		s.silent = true
	}
	if err != nil {
		return nil, nil, err
	}
	if s.since != nil {
		if s.options.Since.Config, err = s.complete(ctx, s.since, reading); err != nil {
			return nil, nil, fmt.Errorf("evaluating the files at %s: %w", s.options.Since.Name, err)
		}
	}
	state, err := reading.State()
	if err != nil {
		return nil, nil, err
	}
	plan, err := engine.NewPlan(config, state, s.options)
	return plan, state, err
}

// complete evaluates, and reads what is declared and was not read. It evaluates
// again when the declarations name instances that the bulk read did not answer
// whole: their connection parameters may be what the files ask for.
func (s *stage) complete(ctx context.Context, files *evaluator, r *observation) (*engine.Config, error) {
	for {
		config, evalErr := files.evaluate(ctx, r)
		if evalErr != nil && files.asked.none() { // whatever the Master has
			return nil, evalErr
		}
		state, err := r.State()
		if err != nil { // then there was nothing to evaluate with
			return nil, err
		}
		more := false
		if config != nil {
			if more, err = state.Complete(ctx, s.master.Reader(), config); err != nil {
				return nil, err
			}
		}
		if !more {
			return config, evalErr
		}
	}
}

// An observation is a bulk read of the Master that is under way, or done.
type observation struct {
	done  chan struct{}
	state *engine.State
	err   error
}

// observe starts to read.
func (s *stage) observe(ctx context.Context) *observation {
	o := &observation{done: make(chan struct{})}
	go func() {
		defer close(o.done)
		o.state, o.err = engine.Observe(ctx, s.master.Reader())
	}()
	return o
}

// State waits for what was read.
func (o *observation) State() (*engine.State, error) {
	<-o.done
	return o.state, o.err
}

func (s *stage) serialisation(ctx context.Context, release, softwareType string, shared bool) (slap.Serialisation, error) {
	return releaseSerialisation(ctx, s.schemas, release, softwareType, shared)
}

// releaseSerialisation is what the schema of a release says; empty when it has
// none.
func releaseSerialisation(ctx context.Context, schemas *release.Schemas, release, softwareType string, shared bool) (slap.Serialisation, error) {
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
