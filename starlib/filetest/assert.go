package filetest

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/starlib/lang"
)

// assertModule is the module assert of tests.
var assertModule = &starlarkstruct.Module{Name: "assert", Members: starlark.StringDict{
	"eq":       assertion("assert.eq", func(a, b starlark.Value) (bool, error) { return starlark.Equal(a, b) }, "got %s, want %s"),
	"ne":       assertion("assert.ne", func(a, b starlark.Value) (bool, error) { ok, err := starlark.Equal(a, b); return !ok, err }, "got %s, want another than %s"),
	"contains": starlark.NewBuiltin("assert.contains", assertContains),
	"true":     starlark.NewBuiltin("assert.true", assertTrue),
	"fails":    starlark.NewBuiltin("assert.fails", assertFails),
	"golden":   starlark.NewBuiltin("assert.golden", assertGolden),
}}

func assertion(name string, holds func(got, want starlark.Value) (bool, error), message string) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var got, want starlark.Value
		if err := lang.UnpackArgs(b.Name(), args, kwargs, "got", &got, "want", &want); err != nil {
			return nil, err
		}
		if err := lang.CheckSize(b.Name(), got, want); err != nil {
			return nil, err
		}
		ok, err := holds(got, want)
		if err == nil && !ok {
			err = fmt.Errorf("%s: "+message, b.Name(), got, want)
		}
		return starlark.None, err
	})
}

func assertContains(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var got, want string
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "got", &got, "want", &want); err != nil {
		return nil, err
	}
	if !strings.Contains(got, want) {
		return nil, fmt.Errorf("%s: want %q in\n%s", b.Name(), want, got)
	}
	return starlark.None, nil
}

func assertTrue(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var got starlark.Value
	message := "it is not true"
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "condition", &got, "message?", &message); err != nil {
		return nil, err
	}
	if !got.Truth() {
		return nil, fmt.Errorf("%s: %s", b.Name(), message)
	}
	return starlark.None, nil
}

// assertFails calls a function that has to fail, and returns what it said.
//
//	assert.fails(function, text="")
func assertFails(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var f starlark.Callable
	text := ""
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "function", &f, "text?", &text); err != nil {
		return nil, err
	}
	_, err := starlark.Call(thread, f, nil, nil)
	switch {
	case lang.Current(thread).Stopped():
		return nil, err
	case err == nil:
		return nil, fmt.Errorf("%s: it did not fail", b.Name())
	}
	said := err.Error()
	var ours *lang.Error
	if errors.As(err, &ours) {
		said = ours.Error()
	}
	if !strings.Contains(said, text) {
		return nil, fmt.Errorf("%s: it said %q, want %q in it", b.Name(), said, text)
	}
	return starlark.String(said), nil
}

// assertGolden compares a plan, or text, with a file.
//
//	assert.golden(plan, file)
func assertGolden(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var got starlark.Value
	var file lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "got", &got, "file", &file); err != nil {
		return nil, err
	}
	if s, ok := got.(*planned); ok {
		if text, err := s.Attr("text"); err == nil {
			got = text
		}
	}
	text, ok := got.(starlark.String)
	if !ok {
		return nil, fmt.Errorf("%s: got %s, want a plan or a string", b.Name(), got.Type())
	}
	harness, err := harnessOf(thread, b)
	if err != nil {
		return nil, err
	}
	if err := harness.Golden(string(file), string(text)); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return starlark.None, nil
}
