package lang

import (
	"fmt"
	"math"
	"strconv"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/internal/function"
)

// A form is what a text will be in Starlark. What is not a string has no methods, and is
// not joined with strings.
type form int

const (
	aString  form = iota
	aNumber       // in a JSON document of the Master
	anOutput      // not known yet: any value of a JSON document
	anInt
	aFloat
	aList // what .split gives: its elements alone are of use
)

var typeNames = map[form]string{aString: "string", aNumber: "string", anInt: "int", aFloat: "float", aList: "list"}

// isBare reports whether the text stands as it is in JSON, without quotes.
func (f form) isBare() bool { return f != aString && f != aList }

// derive returns what a function makes of a text, which is carried along until the text
// is known. Of a secret, and of what its name says to be a credential, a function is
// refused that could tell a piece of it. Of what else looks like a credential, such as a
// URL with a password, the result is as little shown.
func (t *Text) derive(use string, f function.Function, as form) (starlark.Value, error) {
	return t.asString().carry(use, f, as)
}

// carry is derive of the text itself.
func (t *Text) carry(use string, f function.Function, as form) (starlark.Value, error) {
	if t.form == aList || t.text.HasSecret() && !f.Whole() {
		return nil, t.Refuse(use)
	}
	if c := named(t.text); c != nil && !f.Whole() {
		return nil, refuseCredential(*c, use)
	}
	if nestedDerivations(t.text) >= maxDerivations {
		return nil, fmt.Errorf("%s: there are more than %d functions one of the other", use, maxDerivations)
	}
	derived, err := engine.Derive(f, t.text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", use, err)
	}
	if value, known := derived.Known(); known && !derived.Hidden() {
		if as == aString {
			return t.e.remember(value, derived), nil
		}
		return knownAs(value, as)
	}
	return &Text{e: t.e, text: derived, form: as}, nil
}

// named returns the first credential in a text that its name says to be one, there or to
// come; nil: there is none.
func named(t engine.Text) *engine.Credential {
	for _, p := range t {
		if r := p.Reference; r != nil && r.LooksCredential() {
			c := r.Credential()
			return &c
		}
		if p.Credential != nil && p.Credential.Whole {
			return p.Credential
		}
		if c := named(p.Inner()); c != nil {
			return c
		}
	}
	return nil
}

// maxDerivations is how many functions of a value that is not known yet may be one of the
// other: each is gone through whenever the value is.
const maxDerivations = 50

func nestedDerivations(t engine.Text) int {
	deepest := 0
	for _, p := range t {
		n := nestedDerivations(p.Inner())
		if p.Derived != nil {
			n++
		}
		deepest = max(deepest, n)
	}
	return deepest
}

// Parameter returns the value as a parameter of plain XML holds it.
func (t *Text) Parameter() (engine.Text, error) {
	switch t.form {
	case aList:
		return nil, t.Refuse("a parameter")
	case anOutput:
		return engine.Derive(function.Function{Name: "slapos.text"}, t.text)
	case aFloat: // which is written as Python does
		return engine.Derive(function.Function{Name: "slapos.parameter"}, t.text)
	}
	return t.text, nil
}

// numberForms are the forms of what int and float make.
var numberForms = map[string]form{"int": anInt, "float": aFloat}

// numberOf is int or float of a text.
func numberOf(name string, t *Text, arguments int) (starlark.Value, error) {
	as := numberForms[name]
	switch {
	case arguments == 1 && t.form == anOutput:
		return t.ofOutput(name, name, as)
	case arguments > 1, t.form == aList, t.form == aFloat && as == anInt, t.form == aNumber:
		return nil, t.Refuse(name)
	case t.form == as:
		return t, nil
	}
	return t.derive(name, function.Function{Name: name}, as)
}

// Get is an index: of text the byte there, of what .split gives one of its pieces.
func (t *Text) Get(index starlark.Value) (starlark.Value, bool, error) {
	if r, ok := t.output(); ok {
		v, err := t.subscript(r, index)
		return v, err == nil, err
	}
	n, err := starlark.AsInt32(index)
	if value, known := t.text.Known(); known && !t.text.Hidden() { // as of a string
		switch size := len(value); {
		case err != nil:
			return nil, false, fmt.Errorf("string index: %s", err)
		case size == 0:
			return nil, false, fmt.Errorf("index %d out of range: empty string", n)
		case n < -size || n >= size:
			return nil, false, fmt.Errorf("string index %d out of range [%d:%d]", n, -size, size-1)
		}
	}
	switch {
	case err != nil || t.form != aString && t.form != aList:
		return nil, false, t.Refuse("indexing")
	case t.form == aList:
		of := &Text{e: t.e, text: t.text}
		v, err := of.derive("indexing", function.Function{Name: t.cut.Name, Args: append([]string{strconv.Itoa(n)}, t.cut.Args...)}, aString)
		return v, true, err
	}
	v, err := t.derive("indexing", function.Function{Name: "[n]", Args: []string{strconv.Itoa(n)}}, aString)
	return v, true, err
}

// sliced is x[from:to:step], which starlark-go would carry out without asking a value.
func sliced(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	x, from, to, by := args[0], Number(args[1]), Number(args[2]), Number(args[3])
	step := 1
	if by != starlark.None {
		var err error
		if step, err = starlark.AsInt32(by); err != nil {
			return nil, fmt.Errorf("invalid slice step: %w", err)
		}
	}
	if t, ok := x.(*Text); ok {
		return t.slice(from, to, step)
	}
	sequence, ok := x.(starlark.Sliceable)
	switch {
	case !ok:
		return nil, fmt.Errorf("invalid slice operand %s", x.Type())
	case step == 0:
		return nil, fmt.Errorf("zero is not a valid slice step")
	}
	n := sequence.Len()
	first, last, least, most := 0, n, 0, n // where it begins and ends, and the limits of both
	if step < 0 {
		first, last, least, most = n-1, -1, -1, n-1
	}
	for _, end := range []struct {
		v    starlark.Value
		at   *int
		name string
	}{{from, &first, "start"}, {to, &last, "end"}} {
		if end.v == starlark.None {
			continue
		}
		i, err := starlark.AsInt32(end.v)
		if err != nil {
			return nil, fmt.Errorf("invalid %s index: %w", end.name, err)
		}
		if i < 0 {
			i += n
		}
		*end.at = min(max(i, least), most)
	}
	if step > 0 {
		last = max(first, last)
	} else {
		first = max(first, last)
	}
	if err := checkLength(thread, "[:]", (last-first)/step, false); err != nil && n > largeText {
		return nil, err
	}
	return sequence.Slice(first, last, step), nil
}

// slice is a slice of a text.
func (t *Text) slice(from, to starlark.Value, step int) (starlark.Value, error) {
	args := make([]string, 3)
	for i, v := range []starlark.Value{from, to} {
		if v == starlark.None {
			continue
		}
		n, err := starlark.AsInt32(v)
		if err != nil {
			return nil, fmt.Errorf("invalid slice index: %w", err)
		}
		args[i] = strconv.Itoa(n)
	}
	if step == 0 {
		return nil, fmt.Errorf("zero is not a valid slice step")
	}
	args[2] = strconv.Itoa(step)
	if t.form != aString && t.form != anOutput {
		return nil, t.Refuse("a slice")
	}
	return t.derive("a slice", function.Function{Name: "[:]", Args: args}, aString)
}

// Attr returns the methods of a string that flow: they run when the value is known.
func (t *Text) Attr(name string) (starlark.Value, error) {
	if r, ok := t.output(); ok && name == "get" {
		return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			return t.get(r, args, kwargs)
		}), nil
	}
	t = t.asString()
	method, ok := textMethods[name]
	if !ok || t.form != aString || t.text.HasSecret() {
		return nil, t.Refuse("." + name)
	}
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if err := refuseTexts("."+name, given(args, kwargs)...); err != nil {
			return nil, err
		}
		return method(t, "."+name, args, kwargs)
	}), nil
}

type textMethod = func(t *Text, use string, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error)

// textMethods are the methods of a text.
var textMethods = map[string]textMethod{
	"lower":        argumentsOf(0, 0, aString),
	"upper":        argumentsOf(0, 0, aString),
	"strip":        argumentsOf(0, 1, aString),
	"lstrip":       argumentsOf(0, 1, aString),
	"rstrip":       argumentsOf(0, 1, aString),
	"removeprefix": argumentsOf(1, 1, aString),
	"removesuffix": argumentsOf(1, 1, aString),
	"replace":      replaceMethod,
	"split":        splitMethod,
	"rsplit":       splitMethod,
	"splitlines":   argumentsOf(0, 0, aList),
	"partition":    argumentsOf(1, 1, aList),
	"rpartition":   argumentsOf(1, 1, aList),
}

// argumentsOf is a method that takes some strings.
func argumentsOf(least, most int, as form) textMethod {
	return func(t *Text, use string, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		list := make([]string, most)
		into := make([]any, most)
		for i := range into {
			into[i] = &list[i]
		}
		if err := starlark.UnpackPositionalArgs(use, args, kwargs, least, into...); err != nil {
			return nil, err
		}
		f := function.Function{Name: use, Args: list[:len(args)]}
		if as != aList {
			return t.derive(use, f, as)
		}
		if most > 0 && list[0] == "" {
			return nil, fmt.Errorf("%s: empty separator", use[1:])
		}
		return &Text{e: t.e, text: t.text, form: aList, cut: f}, nil
	}
}

func replaceMethod(t *Text, use string, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var old, other string
	count := -1
	if err := starlark.UnpackPositionalArgs(use, args, kwargs, 2, &old, &other, &count); err != nil {
		return nil, err
	}
	return t.derive(use, function.Function{Name: use, Args: []string{old, other, strconv.Itoa(count)}}, aString)
}

func splitMethod(t *Text, use string, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var separator starlark.Value = starlark.None
	most := -1
	if err := starlark.UnpackPositionalArgs(use, args, kwargs, 0, &separator, &most); err != nil {
		return nil, err
	}
	f := function.Function{Name: use}
	switch s, ok := starlark.AsString(separator); {
	case separator == starlark.None && most >= 0:
		return nil, t.Refuse(use)
	case separator == starlark.None:
	case !ok:
		return nil, fmt.Errorf("%s: got %s for separator, want string", use[1:], separator.Type())
	case s == "":
		return nil, fmt.Errorf("%s: empty separator", use[1:])
	default:
		f.Args = []string{s, strconv.Itoa(min(most, math.MaxInt32))}
	}
	return &Text{e: t.e, text: t.text, form: aList, cut: f}, nil
}
