package console

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap/credential"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// Staging is what a staged session does besides collecting.
type Staging interface {
	Looker

	// Plan shows what Apply would do.
	Plan(ctx context.Context, c *engine.Config) error

	// Apply shows the plan, asks, and carries it out.
	Apply(ctx context.Context, c *engine.Config) error

	// Save writes a file.
	Save(ctx context.Context, f File) error
}

// A File is the file that a session is saved as.
type File struct {
	Name        string
	Source      string
	Overwrite   bool     // it may take the place of another
	Credentials []string // parameters in it that look like credentials, such as db: password
}

// consoleBuiltins are the names that only a session has.
var consoleBuiltins = map[string]sessionFunc{
	"help":     (*Session).help,
	"products": (*Session).products,
	"plan": staging(func(s *Session) error {
		if err := s.checkWhole(); err != nil {
			return err
		}
		return s.staging.Plan(s.ctx(), s.e.Config())
	}),
	"apply": staging(func(s *Session) error {
		if err := s.checkWhole(); err != nil {
			return err
		}
		defer clear(s.looked) // more is known then
		return s.staging.Apply(s.ctx(), s.e.Config())
	}),
	"undo":  staging((*Session).undo),
	"reset": staging((*Session).reset),
	"save":  (*Session).save,
}

// staging is a function without arguments of a staged session.
func staging(do func(*Session) error) sessionFunc {
	return func(s *Session, _ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
			return nil, err
		}
		if err := s.checkStaged(); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		return done(b, do(s))
	}
}

var errNotStaged = lang.Hint(errors.New("this session acts on the Master at once"), "slapstar console --staged collects first")

func (s *Session) checkStaged() error {
	if s.staging == nil {
		return errNotStaged
	}
	return nil
}

// undo takes back what this entry declared so far, or else what the last entry that
// declared anything did.
func (s *Session) undo() error {
	before := s.before
	if !declaresMore(s.e.Config(), before) {
		if len(s.staged) == 0 {
			return errors.New("nothing is staged")
		}
		before = s.staged[len(s.staged)-1]
		s.staged = s.staged[:len(s.staged)-1]
	}
	for _, r := range s.e.Config().Resources[len(before.Resources):] {
		s.say(fmt.Sprintf("no longer staged: %s", r.Address()))
	}
	s.e.Rewind(before)
	s.before = *s.e.Config()
	return nil
}

// declaresMore reports whether something was declared since.
func declaresMore(c *engine.Config, before engine.Config) bool {
	return len(c.Resources) > len(before.Resources) || len(c.Claims) > len(before.Claims)
}

// reset takes back all that is staged.
func (s *Session) reset() error {
	s.staged = nil
	s.e.Rewind(engine.Config{})
	s.before = engine.Config{}
	return nil
}

// checkWhole looks for the mistakes that the end of a file shows, and for values of
// instances that are neither staged nor on the Master.
func (s *Session) checkWhole() error {
	found := s.e.Check()
	unknown, err := s.checkReferences()
	if err != nil {
		return err
	}
	if found = append(found, unknown...); len(found) > 0 {
		return &lang.Error{Problems: found}
	}
	return nil
}

func (s *Session) checkReferences() ([]lang.Problem, error) {
	var found []lang.Problem
	known := map[string]bool{}
	for _, i := range s.e.Config().Instances() {
		known[i.Name] = true
	}
	for _, i := range s.e.Config().Instances() {
		for _, key := range slices.Sorted(maps.Keys(i.Parameters)) {
			for _, r := range i.Parameters[key].References() {
				if known[r.Instance] {
					continue
				}
				state, err := s.staging.Look(s.ctx(), r.Instance, false)
				if err != nil {
					return nil, err
				}
				if _, there := state.Instances[r.Instance]; there || state.NotReady[r.Instance] {
					known[r.Instance] = true
					continue
				}
				found = append(found, lang.NewProblem(i.Origin, lang.Hint(
					fmt.Errorf("request: parameter %q needs %q of instance %q, which is neither staged nor on the Master", key, r.Name(), r.Instance),
					"request it again, or undo() this")))
			}
		}
	}
	return found, nil
}

// credentials are the parameters that a saved session would hold and that look like
// credentials.
func credentials(c *engine.Config) []string {
	var list []string
	for _, i := range c.Referring().Instances() {
		for _, key := range slices.Sorted(maps.Keys(i.Parameters)) {
			t := i.Parameters[key]
			if value, known := t.Known(); known && value != "" && !t.HasSecret() && credential.Parameter(key, value) {
				list = append(list, i.Name+": "+key)
			}
		}
	}
	return list
}

// say writes a line as print does.
func (s *Session) say(line string) {
	if s.print != nil {
		s.print(engine.Position{}, line)
	}
}

// save writes what is staged as a file.
//
//	save(file, overwrite=False)
func (s *Session) save(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var file lang.Name
	var overwrite bool
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "file", &file, "overwrite?", &overwrite); err != nil {
		return nil, err
	}
	if err := s.checkStaged(); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	if err := s.checkWhole(); err != nil {
		return nil, err
	}
	c := s.e.Config()
	return done(b, s.staging.Save(s.ctx(), File{string(file), starlib.Generate(c), overwrite, credentials(c)}))
}
