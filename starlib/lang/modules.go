package lang

import (
	"fmt"
	"strconv"

	"go.starlark.net/lib/math"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/internal/function"
)

// modules are the modules that every file may use. Each is a thin layer on the standard
// library of Go, and a function of given text alone: none knows the network, the clock or
// the files.
//
// A function of a text that is not known yet is carried along where its line says that it
// flows, and is an error elsewhere. So is one of a credential that the Master has: the
// result is as little shown. Of a secret those flow that never fail and whose result
// stands for all of it (see [function.Function.Whole]).
var modules = starlark.StringDict{
	"base64":  newModule("base64", starlark.StringDict{"encode": starlark.NewBuiltin("base64.encode", encodeBase64), "decode": textFunction("base64.decode", aString)}),
	"hashlib": newModule("hashlib", starlark.StringDict{"md5": textFunction("hashlib.md5", aString), "sha256": textFunction("hashlib.sha256", aString), "sha512": textFunction("hashlib.sha512", aString)}),
	"ip":      ipModule,
	"json":    jsonModule,
	"math":    math.Module,
	"re":      reModule,
	"texts": newModule("texts", starlark.StringDict{
		"dedent": textFunction("texts.dedent", aString),
		"indent": starlark.NewBuiltin("texts.indent", indentText),
		"ljust":  padding("texts.ljust"),
		"rjust":  padding("texts.rjust"),
		"zfill":  padding("texts.zfill"),
	}),
	"urls": urlsModule,
}

func newModule(name string, members starlark.StringDict) *starlarkstruct.Module {
	return &starlarkstruct.Module{Name: name, Members: members}
}

// textFunction is a function of one text, which flows.
//
//	NAME(text)
func textFunction(name string, as form) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var text starlark.Value
		if err := UnpackArgs(b.Name(), args, kwargs, "text", &text); err != nil {
			return nil, err
		}
		return apply(thread, function.Function{Name: name}, text, as)
	})
}

// apply runs a function of a text, or carries it along. Bytes are text, too.
func apply(thread *starlark.Thread, f function.Function, text starlark.Value, as form) (starlark.Value, error) {
	var s string
	switch v := text.(type) {
	case *Text:
		if v.form == aFloat || v.form == anInt {
			return nil, fmt.Errorf("%s: for parameter text: got %s, want string", f.Name, typeNames[v.form])
		}
		return v.derive(f.Name, f, as)
	case starlark.String:
		s = string(v)
	case starlark.Bytes:
		s = string(v)
	default:
		return nil, fmt.Errorf("%s: for parameter text: got %s, want string", f.Name, text.Type())
	}
	if len(s) > maxText {
		return nil, tooLong(f.Name)
	}
	result, err := f.Apply(s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	if s, ok := text.(starlark.String); ok && as == aString {
		e := Current(thread)
		return e.flow(result, f, e.origin(s)), nil
	}
	v, err := knownAs(result, as)
	if s, ok := text.(starlark.String); ok && err == nil {
		e := Current(thread)
		v = e.followedResult(v, f, e.origin(s), as)
	}
	return v, err
}

// knownAs is the result of a function as a value of Starlark.
func knownAs(result string, as form) (starlark.Value, error) {
	if as != anInt {
		return starlark.String(result), nil
	}
	n, err := strconv.ParseInt(result, 10, 64)
	return starlark.MakeInt64(n), err
}

// encodeBase64 is base64 of a text; it flows.
//
//	base64.encode(text, url=False)
func encodeBase64(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var text starlark.Value
	var url bool
	if err := UnpackArgs(b.Name(), args, kwargs, "text", &text, "url?", &url); err != nil {
		return nil, err
	}
	f := function.Function{Name: b.Name()}
	if url {
		f.Args = []string{"url"}
	}
	return apply(thread, f, text, aString)
}

// indentText puts a prefix before each line that is not blank; it flows.
//
//	texts.indent(text, prefix="    ")
func indentText(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var text starlark.Value
	prefix := argument("    ")
	if err := UnpackArgs(b.Name(), args, kwargs, "text", &text, "prefix?", &prefix); err != nil {
		return nil, err
	}
	return apply(thread, function.Function{Name: b.Name(), Args: []string{string(prefix)}}, text, aString)
}

// padding makes a text as long as width says; it flows. A number is its digits.
//
//	texts.zfill(text, width)
//	texts.ljust(text, width, fill=" ")
//	texts.rjust(text, width, fill=" ")
func padding(name string) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var text starlark.Value
		var width int
		fill := argument(" ")
		pairs := []any{"text", &text, "width", &width}
		if name == "texts.zfill" {
			fill = "0"
		} else {
			pairs = append(pairs, "fill?", &fill)
		}
		if err := UnpackArgs(b.Name(), args, kwargs, pairs...); err != nil {
			return nil, err
		}
		if len([]rune(string(fill))) != 1 {
			return nil, fmt.Errorf("%s: for parameter fill: got %q, want one character", name, string(fill))
		}
		if width < 0 || width > maxText {
			return nil, fmt.Errorf("%s: for parameter width: got %d, want at most %d", name, width, maxText)
		}
		switch v := text.(type) {
		case starlark.Int:
			if err := checkBits(name, bits(v)); err != nil {
				return nil, err
			}
			text = starlark.String(v.String())
		case *Text:
			switch n, isInt := v.number.(starlark.Int); {
			case isInt:
				if err := checkBits(name, bits(n)); err != nil {
					return nil, err
				}
				text = v.e.remember(n.String(), v.text)
			case v.form == anInt:
				text = &Text{e: v.e, text: v.text}
			}
		}
		return apply(thread, function.Function{Name: name, Args: []string{strconv.Itoa(width), string(fill)}}, text, aString)
	})
}

// An argument is text that must be known, and that is not hidden.
type argument string

// Unpack implements [starlark.Unpacker].
func (a *argument) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case *Text:
		return v.Refuse("this argument")
	case starlark.String:
		*a = argument(v)
		return nil
	}
	return fmt.Errorf("got %s, want string", v.Type())
}
