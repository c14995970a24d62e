package lang

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
)

// percent is the operator %: of a string, formatting.
func percent(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	layout, value := args[0], args[1]
	if t, ok := layout.(*Text); ok && t.number == nil {
		return nil, t.Refuse("%")
	}
	if _, ok := layout.(starlark.String); !ok {
		return starlark.Binary(syntax.PERCENT, Number(layout), Number(value))
	}
	if err := CheckSize("%", value); err != nil {
		return nil, err
	}
	if n := formattedLength(string(layout.(starlark.String)), "%", []starlark.Value{value}); n > maxText {
		return nil, tooLong("%")
	}
	var made starlark.Value
	var err error
	if _, holds := findAny(value); !holds && !hasWidth(string(layout.(starlark.String))) {
		made, err = starlark.Binary(syntax.PERCENT, layout, value)
	} else {
		made, err = percentOf(thread, string(layout.(starlark.String)), value)
	}
	if err != nil {
		return nil, err
	}
	return Current(thread).percentMade(thread, string(layout.(starlark.String)), value, made), nil
}

// format is the method .format of strings, and whatever else is called so.
func format(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	receiver, args := args[0], args[1:]
	if t, ok := receiver.(*Text); ok {
		return nil, t.Refuse(".format")
	}
	method, err := attribute(receiver, "format")
	if err != nil {
		return nil, err
	}
	if _, ok := receiver.(starlark.String); !ok {
		return starlark.Call(thread, method, args, kwargs)
	}
	operands := slices.Clone([]starlark.Value(args))
	for _, pair := range kwargs {
		operands = append(operands, pair[1])
	}
	if err := CheckSize(".format", operands...); err != nil {
		return nil, err
	}
	if n := formattedLength(string(receiver.(starlark.String)), "{", operands); n > maxText {
		return nil, tooLong(".format")
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

// A formatting passes texts through one formatting operation as
// placeholders, and finds them again in the result. A placeholder holds a random
// number, so that it occurs in no file, and a new line, which does not survive %r.
type formatting struct {
	e      *Evaluation
	thread *starlark.Thread
	mark   string // starts a placeholder; its number and a semicolon follow; empty: there is none yet
	texts  []engine.Text
}

func newFormatting(thread *starlark.Thread) *formatting {
	return &formatting{e: Current(thread), thread: thread}
}

func (f *formatting) operand(v starlark.Value) (starlark.Value, error) {
	t, ok := v.(*Text)
	if !ok {
		if _, holds := findAny(v); !holds {
			return v, nil
		}
		written, err := writeHolding(f.thread, "text of a list or dictionary", v)
		if err != nil {
			return nil, err
		}
		t = f.e.asText(written)
	}
	if t.form == aList {
		return nil, t.Refuse(".format")
	}
	v, err := write(f.thread, "str", t)
	if err != nil {
		return nil, err
	}
	return starlark.String(f.placeholder(f.e.asText(v).text)), nil
}

// placeholder stands for a text until the result is there.
func (f *formatting) placeholder(t engine.Text) []byte {
	if f.mark == "" {
		f.mark = "\n" + rand.Text()
	}
	f.texts = append(f.texts, t)
	return fmt.Appendf(nil, "%s%d;", f.mark, len(f.texts)-1)
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

var errFormat = errors.New("a value that is not known yet, or a secret, can only be formatted with %s or {}")

// explain replaces an error about a placeholder, of %d say.
func (f *formatting) explain(err error) error {
	if len(f.texts) > 0 && strings.Contains(err.Error(), "string") {
		return errFormat
	}
	return err
}

// result puts the texts where their placeholders came out.
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
	return f.e.Value(engine.Join(texts...)), nil
}
