package starlib

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap/marshal"
	"slapstar/starlib/lang"
)

// checkVars looks for inputs that were given and that no file asks for.
func (e *Evaluation) checkVars() {
	for _, given := range slices.Sorted(maps.Keys(e.inputs.Vars)) {
		if !e.inputs.Vars[given].Explicit || e.used[given] {
			continue
		}
		e.Note(lang.Problem{
			Position: engine.Position{File: e.Name(), Line: 1, Col: 1},
			Message:  fmt.Sprintf("no file asks for the input %q that was given with --var", given),
			Hint:     lang.DidYouMean(given, slices.Sorted(maps.Keys(e.used))),
		})
	}
}

// secret returns a secret input. It can become a part of parameters, and is shown
// nowhere.
//
//	secret(name)
func secret(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	var n lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "name", &n); err != nil {
		return nil, err
	}
	if e.inputs.Secret == nil {
		err := fmt.Errorf("secret: there is no secret %q: give it with --secret %s=env:VARIABLE or --secret %s=file:PATH", string(n), string(n), string(n))
		e.ask(engine.Input{Name: string(n), Secret: true}, thread)
		return e.Value(engine.Withheld(string(n))), e.fault(thread, string(n), err)
	}
	value, err := e.inputs.Secret(e.Context(), string(n))
	if errors.Is(err, ErrWithheld) {
		if !e.used[string(n)] {
			e.config.Withheld = append(e.config.Withheld, string(n))
		}
		e.ask(engine.Input{Name: string(n), Secret: true}, thread)
		return e.Value(engine.Withheld(string(n))), nil
	}
	if err == nil {
		err = marshal.CheckText(value)
	}
	if err != nil {
		e.ask(engine.Input{Name: string(n), Secret: true}, thread)
		return e.Value(engine.Withheld(string(n))), e.fault(thread, string(n), fmt.Errorf("secret %q: %w", string(n), err))
	}
	e.inputs.Mask.Add(value)
	if !e.used[string(n)] {
		e.config.Secrets = append(e.config.Secrets, engine.Part{Literal: value, Secret: string(n)})
	}
	e.ask(engine.Input{Name: string(n), Secret: true, Given: true}, thread)
	return e.Value(engine.Secret(string(n), value)), nil
}

// ask notes that the files asked for an input.
func (e *Evaluation) ask(in engine.Input, thread *starlark.Thread) {
	if !e.used[in.Name] {
		e.used[in.Name] = true
		in.Position = lang.OriginOf(thread).Position()
		e.config.Inputs = append(e.config.Inputs, in.Name)
		e.config.Asked = append(e.config.Asked, in)
	}
}
