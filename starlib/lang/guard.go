package lang

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// guards are the functions that rewrite puts in the place of operators, and
// the universal functions that would look into an unknown value. Each asks for
// unknown values and then does what Starlark does.
var guards = starlark.StringDict{
	"==":     comparison(syntax.EQL),
	"!=":     comparison(syntax.NEQ),
	"<":      comparison(syntax.LT),
	"<=":     comparison(syntax.LE),
	">":      comparison(syntax.GT),
	">=":     comparison(syntax.GE),
	"in":     membership(syntax.IN),
	"not in": membership(syntax.NOT_IN),
	"%":      starlark.NewBuiltin("%", percent),
	"+":      starlark.NewBuiltin("+", plus),
	"+=":     starlark.NewBuiltin("+=", plusAssign),
	"*":      starlark.NewBuiltin("*", times),
	"<<":     starlark.NewBuiltin("<<", shift),
	"*args":  starlark.NewBuiltin("*args", spread),
	".":      starlark.NewBuiltin(".", bound),
	"[:]":    starlark.NewBuiltin("[:]", traced(sliced, only(0))),
	noneName: starlark.None,

	formatGuard:    starlark.NewBuiltin("format", traced(format, butFirst)),
	indexGuard:     search("index"),
	removeGuard:    search("remove"),
	conditionGuard: starlark.NewBuiltin("if", ifGuard),

	"all":       whole("all", false),
	"any":       whole("any", false),
	"bytes":     whole("bytes", false),
	"dict":      whole("dict", true),
	"enumerate": whole("enumerate", false),
	"list":      whole("list", false),
	"max":       ordered("max"),
	"min":       ordered("min"),
	"reversed":  whole("reversed", false),
	"set":       whole("set", true),
	"sorted":    ordered("sorted"),
	"tuple":     whole("tuple", false),
	"zip":       whole("zip", false),

	"bool":    starlark.NewBuiltin("bool", boolGuard),
	"getattr": starlark.NewBuiltin("getattr", getattr),
	"print":   display("print"),
	"fail":    display("fail"),
	"float":   number("float"),
	"hash":    closed("hash", starlark.Universe["hash"]),
	"int":     number("int"),
	"len":     closed("len", starlark.Universe["len"]),
	"ord":     closed("ord", starlark.Universe["ord"]),
	"repr":    written("repr"),
	"str":     written("str"),
	"type":    starlark.NewBuiltin("type", typeOf),
}

// refuseTexts returns an error when a value is or holds one that is not known yet
// or not to be shown.
func refuseTexts(use string, values ...starlark.Value) error {
	for _, v := range values {
		if t, ok := findAny(v); ok {
			return t.Refuse(use)
		}
	}
	return nil
}

// ifGuard returns the operand of a condition. Only the value itself matters: a
// list with an unknown value in it is true.
func ifGuard(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	if t, ok := args[0].(*Text); ok && t.number == nil {
		return t, t.boundary("a condition")
	}
	return args[0], nil
}

// boolGuard is bool: a secret is true unless it is empty.
func boolGuard(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	args = numbersIn(args)
	if len(args) > 0 {
		if t, ok := args[0].(*Text); ok {
			if len(t.text.References()) > 0 || !t.answersTruth() {
				return nil, t.Refuse(b.Name())
			}
			if err := t.boundary(b.Name()); err != nil {
				return nil, err
			}
		}
	}
	return starlark.Call(thread, starlark.Universe[b.Name()], args, kwargs)
}

// typeOf is type: what is not known yet is what it will be.
func typeOf(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	args = numbersIn(args)
	if len(args) > 0 {
		if t, ok := args[0].(*Text); ok {
			if t.form == anOutput {
				return nil, t.Refuse("type")
			}
			return starlark.String(typeNames[t.form]), nil
		}
	}
	return starlark.Call(thread, starlark.Universe[b.Name()], args, kwargs)
}

// number is a function of the universe that makes a number of text. That of a secret
// would be none any more, and an error would show it. What is not known yet is carried
// along.
func number(name string) *starlark.Builtin {
	original := closed(name, starlark.Universe[name])
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		for _, v := range given(args, kwargs) {
			if t, ok := v.(*Text); ok && t.number == nil {
				return numberOf(name, t, len(args)+len(kwargs))
			}
			if err := checkDigits(name, v); err != nil {
				return nil, err
			}
		}
		v, err := starlark.Call(thread, original, args, kwargs)
		if err != nil || len(args) != 1 || len(kwargs) > 0 {
			return v, err
		}
		return Current(thread).converted(name, args[0], v), nil
	})
}

// getattr refuses what would be an error that it turns into its default.
func getattr(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	args = numbersIn(args)
	if len(args) > 0 {
		if t, ok := args[0].(*Text); ok {
			return nil, t.Refuse(b.Name())
		}
	}
	if len(args) > 1 {
		if n, _ := length(args[1]); n > maxName {
			return nil, tooLongName()
		}
	}
	v, err := starlark.Call(thread, starlark.Universe[b.Name()], args, kwargs)
	if name, ok := starlark.AsString(args[min(1, len(args)-1)]); ok && err == nil {
		v = guardedMethod(args[0], name, v)
	}
	return v, err
}

// display is print or fail: they show an unknown value as people read it.
func display(name string) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		e := Current(thread)
		if err := CheckSize(name, args...); err != nil {
			return nil, err
		}
		for _, pair := range kwargs { // what stands between the arguments
			if n, _ := length(pair[1]); n*len(args) > maxText {
				return nil, tooLong(name)
			}
		}
		e.printing = true
		defer func() { e.printing = false }()
		return starlark.Universe[name].(*starlark.Builtin).CallInternal(thread, args, kwargs)
	})
}

// search is a method that compares its argument with the elements of a list:
// Starlark does so without asking them.
func search(name string) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		receiver, args := args[0], numbersIn(args[1:])
		if list, ok := receiver.(*starlark.List); ok {
			if err := CheckNested("."+name, append(starlark.Tuple{list}, args...)...); err != nil {
				return nil, err
			}
			if err := refuseTexts("."+name, append(starlark.Tuple{list}, args...)...); err != nil {
				return nil, err
			}
		}
		method, err := attribute(receiver, name)
		if err != nil {
			return nil, err
		}
		return starlark.Call(thread, method, args, kwargs)
	})
}

func attribute(v starlark.Value, name string) (starlark.Value, error) {
	if v, ok := v.(starlark.HasAttrs); ok {
		if attr, err := v.Attr(name); attr != nil || err != nil {
			return attr, err
		}
	}
	return nil, fmt.Errorf("%s has no .%s field or method", v.Type(), name)
}
