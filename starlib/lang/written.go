package lang

import (
	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/internal/function"
)

// written is str or repr. What is not known yet, or hidden, becomes a part of the text,
// also inside of a list, a dictionary or a struct: there it is in quotes.
func written(name string) *starlark.Builtin {
	original := starlark.Universe[name].(*starlark.Builtin)
	return starlark.NewBuiltin(name, traced(func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if len(args) != 1 || len(kwargs) > 0 {
			return starlark.Call(thread, original, args, kwargs)
		}
		if err := CheckSize(name, args[0]); err != nil {
			return nil, err
		}
		if _, holds := findAny(args[0]); !holds {
			return starlark.Call(thread, original, args, kwargs)
		}
		return write(thread, name, args[0])
	}, only(0)))
}

// write is str or repr of a value that is, or holds, a text.
func write(thread *starlark.Thread, name string, v starlark.Value) (starlark.Value, error) {
	t, isText := v.(*Text)
	switch {
	case !isText:
		return writeHolding(thread, name, v)
	case t.form == aList:
		return nil, t.Refuse(name)
	case t.form == anOutput && name == "repr" && t.number != nil:
		return t.carry(name, function.Function{Name: name, Args: []string{function.OfJSON}}, aString)
	case t.form == anOutput && name == "repr":
		return t.ofOutput(name, name, aString)
	case t.form == anOutput && named(t.text) != nil: // a password is text
		return t.asString(), nil
	case t.form == anOutput:
		return t.carry(name, function.Function{Name: "str"}, aString)
	case name == "repr" && t.form == aString:
		return t.derive(name, function.Function{Name: "repr"}, aString)
	}
	return t.e.Value(t.text), nil
}

// writeHolding writes a value that holds texts: each passes as a placeholder.
func writeHolding(thread *starlark.Thread, use string, v starlark.Value) (starlark.Value, error) {
	if t, ok := findText(v, func(t *Text) bool { return t.form == aList }); ok {
		return nil, t.Refuse(use)
	}
	e := Current(thread)
	outer := e.writing
	e.writing = newFormatting(thread)
	defer func() { e.writing = outer }()
	s := v.String()
	if e.stopped != nil {
		return nil, e.stopped.Cause
	}
	return e.writing.result(starlark.String(s))
}

// placeholderOf stands for a text in what is written.
func (f *formatting) placeholderOf(t *Text) string {
	text := t.text
	switch t.form {
	case anOutput:
		text, _ = engine.Derive(function.Function{Name: "repr", Args: []string{function.OfJSON}}, t.text)
	case aString:
		text, _ = engine.Derive(function.Function{Name: "repr"}, t.text) // it never fails
	}
	return string(f.placeholder(text))
}
