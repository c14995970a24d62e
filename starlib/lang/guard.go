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

	formatGuard:    starlark.NewBuiltin("format", format),
	indexGuard:     search("index"),
	removeGuard:    search("remove"),
	conditionGuard: starlark.NewBuiltin("if", ifGuard),
	"all":          whole("all", false),
	"any":          whole("any", false),
	"bytes":        whole("bytes", false),
	"dict":         whole("dict", true),
	"enumerate":    whole("enumerate", false),
	"list":         whole("list", false),
	"max":          whole("max", true),
	"min":          whole("min", true),
	"reversed":     whole("reversed", false),
	"set":          whole("set", true),
	"sorted":       whole("sorted", true),
	"tuple":        whole("tuple", false),
	"zip":          whole("zip", false),

	"bool":    universal("bool", false, nil),
	"getattr": starlark.NewBuiltin("getattr", getattr),
	"print":   display("print"),
	"fail":    display("fail"),
	"float":   number("float"),
	"int":     number("int"),
	"len":     universal("len", false, nil),
	"repr":    universal("repr", true, nil),
	"str":     universal("str", true, func(t *Text) starlark.Value { return t }),
	"type":    universal("type", false, func(*Text) starlark.Value { return starlark.String("string") }),
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

// checkComparable returns an error when a value cannot be compared: what is not known
// yet is the boundary of the stage, and a secret inside of a list would differ
// from every string.
func checkComparable(use string, values ...starlark.Value) error {
	if err := CheckNested(use, values...); err != nil {
		return err
	}
	for _, v := range values {
		if t, ok := v.(*Text); ok {
			if err := t.boundary(use); err != nil {
				return err
			}
			continue
		}
		if t, ok := findUnknown(v); ok {
			return t.boundary(use)
		}
		if t, ok := findAny(v); ok {
			return t.Refuse(use)
		}
	}
	return nil
}

func comparison(op syntax.Token) *starlark.Builtin {
	return starlark.NewBuiltin(op.String(), func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		x, y := args[0], args[1]
		_, textX := x.(*Text)
		_, textY := y.(*Text)
		// What is of two types is not equal, whatever it holds.
		if textX || textY || x.Type() == y.Type() {
			if err := checkComparable(op.String(), x, y); err != nil {
				return nil, err
			}
		}
		result, err := starlark.Compare(op, plain(x), plain(y))
		return starlark.Bool(result), err
	})
}

func membership(op syntax.Token) *starlark.Builtin {
	return starlark.NewBuiltin(op.String(), func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		// Among the keys of a dictionary there is no text, whatever its values
		// are.
		if _, ok := args[1].(*starlark.Dict); !ok {
			if err := checkComparable(op.String(), args[1]); err != nil {
				return nil, err
			}
		}
		if err := checkComparable(op.String(), args[0]); err != nil {
			return nil, err
		}
		found, err := starlark.Binary(syntax.IN, plain(args[0]), plain(args[1]))
		if err != nil || op == syntax.IN {
			return found, err
		}
		return !found.Truth(), nil
	})
}

// ifGuard returns the operand of a condition. Only the value itself matters: a
// list with an unknown value in it is true.
func ifGuard(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	if t, ok := args[0].(*Text); ok {
		return t, t.boundary("a condition")
	}
	return args[0], nil
}

// universal wraps a function of the universe. What it makes of an unknown
// value is given by known, or refused where that is nil. A function that looks
// inside, to write what a value holds, is refused a value that holds an unknown
// one.
func universal(name string, inside bool, known func(*Text) starlark.Value) *starlark.Builtin {
	original := starlark.Universe[name].(*starlark.Builtin)
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if len(args) > 0 {
			t, ok := args[0].(*Text)
			if ok && known != nil {
				return known(t), nil
			}
			if !ok && inside {
				t, ok = findAny(args[0])
			}
			if ok && (inside || len(t.text.References()) > 0) {
				return nil, t.Refuse(name)
			}
			args = append(starlark.Tuple{plain(args[0])}, args[1:]...)
			if inside {
				if err := CheckSize(name, args[0]); err != nil {
					return nil, err
				}
			}
		}
		return starlark.Call(thread, original, args, kwargs)
	})
}

// number is a function of the universe that makes a number of text. That of a secret
// would be none any more, and an error would show it.
func number(name string) *starlark.Builtin {
	original := universal(name, false, nil)
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		for _, v := range given(args, kwargs) {
			if t, ok := v.(*Text); ok {
				return nil, t.Refuse(name)
			}
			if err := checkDigits(name, v); err != nil {
				return nil, err
			}
		}
		return starlark.Call(thread, original, args, kwargs)
	})
}

// getattr refuses what would be an error that it turns into its default.
func getattr(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
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
		receiver, args := args[0], args[1:]
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
