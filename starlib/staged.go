package starlib

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/credential"
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
	Save(ctx context.Context, s Saved) error
}

// A Saved is the file that a session is saved as.
type Saved struct {
	File        string
	Source      string
	Overwrite   bool     // it may take the place of another
	Credentials []string // parameters in it that look like credentials, such as db: password
}

// look reads an instance, once an entry, for a staged session.
func (e *evaluation) look(name string) error {
	if e.session == nil || e.live != nil || e.session.looked[name] != nil {
		return nil
	}
	state, err := e.session.options.Staging.Look(e.Context(), name, false)
	if err != nil {
		return err
	}
	e.session.looked[name] = state
	return nil
}

func (s *Session) lookedInstance(name string) (slap.Instance, bool) {
	if s.looked[name] == nil {
		return slap.Instance{}, false
	}
	i, ok := s.looked[name].Instances[name]
	return i, ok
}

func (s *Session) lookedConnection(instance, key string) (string, bool) {
	i, _ := s.lookedInstance(instance)
	value, ok := i.ConnectionParameters[key]
	return value, ok
}

// consoleBuiltins are the names that only a session has.
var consoleBuiltins = map[string]builtinFunc{
	"help": help,
	"plan": staging(func(e *evaluation) error {
		if err := e.checkWhole(); err != nil {
			return err
		}
		return e.session.options.Staging.Plan(e.Context(), e.config)
	}),
	"apply": staging(func(e *evaluation) error {
		if err := e.checkWhole(); err != nil {
			return err
		}
		defer clear(e.session.looked) // more is known then
		return e.session.options.Staging.Apply(e.Context(), e.config)
	}),
	"undo":  staging((*evaluation).undo),
	"reset": staging((*evaluation).reset),
	"save":  save,
}

// staging is a function without arguments of a staged session.
func staging(do func(*evaluation) error) builtinFunc {
	return func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		e := current(thread)
		if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
			return nil, err
		}
		if err := checkStaged(e); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		return done(b, do(e))
	}
}

var errNotStaged = lang.Hint(errors.New("this session acts on the Master at once"), "slapstar console --staged collects first")

func checkStaged(e *evaluation) error {
	if e.session == nil || e.session.options.Staging == nil {
		return errNotStaged
	}
	return nil
}

// undo takes back what this entry declared so far, or else what the last entry that
// declared anything did.
func (e *evaluation) undo() error {
	s := e.session
	before := s.before
	if !declaresMore(e.config, before) {
		if len(s.staged) == 0 {
			return errors.New("nothing is staged")
		}
		before = s.staged[len(s.staged)-1]
		s.staged = s.staged[:len(s.staged)-1]
	}
	for _, r := range e.config.Resources[len(before.Resources):] {
		s.say(fmt.Sprintf("no longer staged: %s", r.Address()))
	}
	s.rollBack(before)
	s.before = *e.config
	return nil
}

// declaresMore reports whether something was declared since.
func declaresMore(c *engine.Config, before engine.Config) bool {
	return len(c.Resources) > len(before.Resources) || len(c.Claims) > len(before.Claims)
}

// reset takes back all that is staged.
func (e *evaluation) reset() error {
	e.session.staged = nil
	e.session.rollBack(engine.Config{})
	e.session.before = engine.Config{}
	return nil
}

// checkWhole looks for the mistakes that the end of a file shows, and for values of
// instances that are neither staged nor on the Master.
func (e *evaluation) checkWhole() error {
	before := len(e.Problems())
	e.checkClaims()
	e.checkDependencies()
	if err := e.checkReferences(); err != nil {
		return err
	}
	if found := e.Problems()[before:]; len(found) > 0 {
		e.Forget(len(found))
		return &lang.Error{Problems: found}
	}
	return nil
}

func (e *evaluation) checkReferences() error {
	known := map[string]bool{}
	for _, i := range e.config.Instances() {
		known[i.Name] = true
	}
	for _, i := range e.config.Instances() {
		for _, key := range slices.Sorted(maps.Keys(i.Parameters)) {
			for _, r := range i.Parameters[key].References() {
				if known[r.Instance] {
					continue
				}
				state, err := e.session.options.Staging.Look(e.Context(), r.Instance, false)
				if err != nil {
					return err
				}
				if _, there := state.Instances[r.Instance]; there || state.NotReady[r.Instance] {
					known[r.Instance] = true
					continue
				}
				e.Note(lang.NewProblem(i.Origin, lang.Hint(
					fmt.Errorf("request: parameter %q needs %q of instance %q, which is neither staged nor on the Master", key, r.Key, r.Instance),
					"request it again, or undo() this")))
			}
		}
	}
	return nil
}

// credentials are the parameters that a saved session would hold and that look like
// credentials.
func credentials(c *engine.Config) []string {
	var list []string
	for _, i := range c.WithPublished().Instances() {
		for _, key := range slices.Sorted(maps.Keys(i.Parameters)) {
			t := i.Parameters[key]
			if value, known := t.Known(); known && value != "" && !t.HasSecret() && credential.Parameter(key, value) {
				list = append(list, i.Name+": "+key)
			}
		}
	}
	return list
}

// rollBack declares what was declared before, and nothing else.
func (s *Session) rollBack(before engine.Config) {
	e := s.e
	for _, r := range e.config.Resources[min(len(before.Resources), len(e.config.Resources)):] {
		delete(e.declared, r.Address())
	}
	*e.config = before
	e.config.Resources = before.Resources[:len(before.Resources):len(before.Resources)]
	e.config.Claims = before.Claims[:len(before.Claims):len(before.Claims)]
	e.config.Reads = slices.Clip(before.Reads)
	e.config.Published, e.config.Secrets, e.config.Inputs = slices.Clip(before.Published), slices.Clip(before.Secrets), slices.Clip(before.Inputs)
	clear(e.given)
	for _, known := range before.Published {
		e.given[known] = true
	}
	clear(e.asked)
	for _, name := range before.Inputs {
		e.asked[name] = true
	}
}

// say writes a line as print does.
func (s *Session) say(line string) {
	if s.e.inputs.Print != nil {
		s.e.inputs.Print(engine.Position{}, line)
	}
}

// save writes what is staged as a file.
//
//	save(file, overwrite=False)
func save(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	var file lang.Name
	var overwrite bool
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "file", &file, "overwrite?", &overwrite); err != nil {
		return nil, err
	}
	if err := checkStaged(e); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	if err := e.checkWhole(); err != nil {
		return nil, err
	}
	return done(b, e.session.options.Staging.Save(e.Context(), Saved{string(file), Generate(e.config), overwrite, credentials(e.config)}))
}
