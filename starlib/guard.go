package starlib

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

	formatGuard:    starlark.NewBuiltin("format", format),
	indexGuard:     search("index"),
	removeGuard:    search("remove"),
	conditionGuard: starlark.NewBuiltin("if", ifGuard),

	"bool":    universal("bool", false, nil),
	"getattr": starlark.NewBuiltin("getattr", getattr),
	"print":   display("print"),
	"fail":    display("fail"),
	"len":     universal("len", false, nil),
	"repr":    universal("repr", true, nil),
	"str":     universal("str", true, func(u *unknown) starlark.Value { return u }),
	"type":    universal("type", false, func(*unknown) starlark.Value { return starlark.String("string") }),
}

// refuseUnknown returns an error when a value is or holds an unknown one.
func refuseUnknown(use string, values ...starlark.Value) error {
	for _, v := range values {
		if u, ok := findUnknown(v); ok {
			return u.refuse(use)
		}
	}
	return nil
}

func comparison(op syntax.Token) *starlark.Builtin {
	return starlark.NewBuiltin(op.String(), func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		// What is of two types is not equal, whatever it holds.
		deep := args[0].Type() == args[1].Type()
		for _, v := range args {
			u, ok := v.(*unknown)
			if !ok && deep {
				u, ok = findUnknown(v)
			}
			if ok {
				return nil, u.refuse(op.String())
			}
		}
		result, err := starlark.Compare(op, args[0], args[1])
		return starlark.Bool(result), err
	})
}

func membership(op syntax.Token) *starlark.Builtin {
	return starlark.NewBuiltin(op.String(), func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		// Among the keys of a dictionary there is no unknown value, whatever
		// its values are.
		if _, ok := args[1].(*starlark.Dict); !ok {
			if err := refuseUnknown(op.String(), args[1]); err != nil {
				return nil, err
			}
		}
		if err := refuseUnknown(op.String(), args[0]); err != nil {
			return nil, err
		}
		found, err := starlark.Binary(syntax.IN, args[0], args[1])
		if err != nil || op == syntax.IN {
			return found, err
		}
		return !found.Truth(), nil
	})
}

// ifGuard returns the operand of a condition. Only the value itself matters: a
// list with an unknown value in it is true.
func ifGuard(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	if u, ok := args[0].(*unknown); ok {
		return nil, u.refuse("a condition")
	}
	return args[0], nil
}

// universal wraps a function of the universe. What it makes of an unknown
// value is given by known, or refused where that is nil. A function that looks
// inside, to write what a value holds, is refused a value that holds an unknown
// one.
func universal(name string, inside bool, known func(*unknown) starlark.Value) *starlark.Builtin {
	plain := starlark.Universe[name].(*starlark.Builtin)
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if len(args) == 1 && len(kwargs) == 0 {
			u, ok := args[0].(*unknown)
			if ok && known != nil {
				return known(u), nil
			}
			if !ok && inside {
				u, ok = findUnknown(args[0])
			}
			if ok {
				return nil, u.refuse(name)
			}
		}
		return starlark.Call(thread, plain, args, kwargs)
	})
}

// getattr refuses what would be an error that it turns into its default.
func getattr(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if len(args) > 0 {
		if u, ok := args[0].(*unknown); ok {
			return nil, u.refuse(b.Name())
		}
	}
	return starlark.Call(thread, starlark.Universe[b.Name()], args, kwargs)
}

// display is print or fail: they show an unknown value as people read it.
func display(name string) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		e := current(thread)
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
			if err := refuseUnknown("."+name, append(starlark.Tuple{list}, args...)...); err != nil {
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
