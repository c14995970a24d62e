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

// variable returns an input.
//
//	var(name, default=...)
//
// Text that was given becomes a number, a truth or a JSON value if that is what
// the default is.
func variable(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	var n lang.Name
	var otherwise starlark.Value
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "name", &n, "default?", &otherwise); err != nil {
		return nil, err
	}
	e.ask(string(n))
	given, ok := e.inputs.Vars[string(n)]
	switch {
	case !ok && otherwise == nil:
		return nil, fmt.Errorf("var: there is no value for %q: give it with --var %s=VALUE", string(n), string(n))
	case !ok:
		return otherwise, nil
	}
	v, err := given.Value(otherwise)
	if err != nil {
		return nil, fmt.Errorf("var: the value of %q: %w", string(n), err)
	}
	return v, nil
}

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
		return nil, fmt.Errorf("secret: there is no secret %q: give it with --secret %s=env:VARIABLE or --secret %s=file:PATH", string(n), string(n), string(n))
	}
	value, err := e.inputs.Secret(e.Context(), string(n))
	if errors.Is(err, ErrWithheld) {
		if !e.used[string(n)] {
			e.config.Withheld = append(e.config.Withheld, string(n))
		}
		e.ask(string(n))
		return e.Value(engine.Withheld(string(n))), nil
	}
	if err == nil {
		err = marshal.CheckText(value)
	}
	if err != nil {
		return nil, fmt.Errorf("secret %q: %w", string(n), err)
	}
	e.inputs.Mask.Add(value)
	if !e.used[string(n)] {
		e.config.Secrets = append(e.config.Secrets, engine.Part{Literal: value, Secret: string(n)})
	}
	e.ask(string(n))
	return e.Value(engine.Secret(string(n), value)), nil
}

// ask notes that the files asked for an input.
func (e *Evaluation) ask(name string) {
	if !e.used[name] {
		e.used[name] = true
		e.config.Inputs = append(e.config.Inputs, name)
	}
}
