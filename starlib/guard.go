package starlib

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
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

	"bool":    universal("bool", nil),
	"getattr": starlark.NewBuiltin("getattr", getattr),
	"print":   display("print"),
	"fail":    display("fail"),
	"len":     universal("len", nil),
	"repr":    universal("repr", nil),
	"str":     universal("str", func(u *unknown) starlark.Value { return u }),
	"type":    universal("type", func(*unknown) starlark.Value { return starlark.String("string") }),
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
// value is given by known, or refused where that is nil; a value that holds an
// unknown one is refused.
func universal(name string, known func(*unknown) starlark.Value) *starlark.Builtin {
	plain := starlark.Universe[name].(*starlark.Builtin)
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if len(args) == 1 && len(kwargs) == 0 {
			if u, ok := args[0].(*unknown); ok && known != nil {
				return known(u), nil
			}
			if _, ok := args[0].(*unknown); ok || name == "str" || name == "repr" {
				if err := refuseUnknown(name, args[0]); err != nil {
					return nil, err
				}
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

// percent is the operator %: of a string, formatting.
func percent(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	layout, value := args[0], args[1]
	if u, ok := layout.(*unknown); ok {
		return nil, u.refuse("%")
	}
	if _, ok := layout.(starlark.String); !ok {
		return starlark.Binary(syntax.PERCENT, layout, value)
	}
	f := newFormatting(thread)
	var operand starlark.Value
	var err error
	switch value := value.(type) {
	case starlark.Tuple:
		operand, err = f.tuple(value)
	case *starlark.Dict:
		operand, err = f.dict(value)
	default:
		operand, err = f.operand(value)
	}
	if err != nil {
		return nil, err
	}
	result, err := starlark.Binary(syntax.PERCENT, layout, operand)
	if err != nil {
		return nil, f.explain(err)
	}
	return f.result(result)
}

// format is the method .format of strings, and whatever else is called so.
func format(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	receiver, args := args[0], args[1:]
	if u, ok := receiver.(*unknown); ok {
		return nil, u.refuse(".format")
	}
	method, err := attribute(receiver, "format")
	if err != nil {
		return nil, err
	}
	if _, ok := receiver.(starlark.String); !ok {
		return starlark.Call(thread, method, args, kwargs)
	}
	f := newFormatting(thread)
	args, err = f.tuple(args)
	if err != nil {
		return nil, err
	}
	named := make([]starlark.Tuple, len(kwargs))
	for i, pair := range kwargs {
		value, err := f.operand(pair[1])
		if err != nil {
			return nil, err
		}
		named[i] = starlark.Tuple{pair[0], value}
	}
	result, err := starlark.Call(thread, method, args, named)
	if err != nil {
		return nil, f.explain(err)
	}
	return f.result(result)
}

func attribute(v starlark.Value, name string) (starlark.Value, error) {
	if v, ok := v.(starlark.HasAttrs); ok {
		if attr, err := v.Attr(name); attr != nil || err != nil {
			return attr, err
		}
	}
	return nil, fmt.Errorf("%s has no .%s field or method", v.Type(), name)
}

// A formatting passes unknown values through one formatting operation as
// placeholders, and finds them again in the result. A placeholder holds a random
// number, so that it occurs in no file, and a new line, which does not survive %r.
type formatting struct {
	e     *evaluation
	mark  string // starts a placeholder; its number and a semicolon follow
	texts []engine.Text
}

func newFormatting(thread *starlark.Thread) *formatting {
	return &formatting{e: current(thread), mark: "\n" + rand.Text()}
}

func (f *formatting) operand(v starlark.Value) (starlark.Value, error) {
	u, ok := v.(*unknown)
	if !ok {
		// Inside a list it would be written by its own rules.
		return v, refuseUnknown("text of a list or dictionary", v)
	}
	f.texts = append(f.texts, u.text)
	return starlark.String(fmt.Sprintf("%s%d;", f.mark, len(f.texts)-1)), nil
}

func (f *formatting) tuple(t starlark.Tuple) (starlark.Tuple, error) {
	operands := make(starlark.Tuple, len(t))
	for i, v := range t {
		var err error
		if operands[i], err = f.operand(v); err != nil {
			return nil, err
		}
	}
	return operands, nil
}

func (f *formatting) dict(d *starlark.Dict) (starlark.Value, error) {
	operands := starlark.NewDict(d.Len())
	for _, item := range d.Items() {
		value, err := f.operand(item[1])
		if err != nil {
			return nil, err
		}
		if err := operands.SetKey(item[0], value); err != nil {
			return nil, err
		}
	}
	return operands, nil
}

var errFormat = errors.New("a value that is not known yet can only be formatted with %s or {}")

// explain replaces an error about a placeholder, of %d say.
func (f *formatting) explain(err error) error {
	if len(f.texts) > 0 && strings.Contains(err.Error(), "string") {
		return errFormat
	}
	return err
}

// result puts the unknown values where their placeholders came out.
func (f *formatting) result(v starlark.Value) (starlark.Value, error) {
	s, ok := v.(starlark.String)
	if !ok || len(f.texts) == 0 {
		return v, nil
	}
	pieces := strings.Split(string(s), f.mark)
	texts := []engine.Text{engine.Literal(pieces[0])}
	for _, piece := range pieces[1:] {
		number, rest, _ := strings.Cut(piece, ";")
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, errFormat
		}
		texts = append(texts, f.texts[n], engine.Literal(rest))
	}
	for _, piece := range pieces {
		if strings.Contains(piece, f.mark[1:]) { // a placeholder that %r has changed
			return nil, errFormat
		}
	}
	text := engine.Join(texts...)
	if value, known := text.Known(); known {
		return starlark.String(value), nil
	}
	return &unknown{f.e, text}, nil
}
