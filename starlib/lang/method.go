package lang

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// A methodCheck asks, before a method of a text, list, dictionary or set is called,
// whether what it makes would be too large, or take too long.
type methodCheck func(thread *starlark.Thread, use string, receiver starlark.Value, args starlark.Tuple) error

// methodChecks are the methods of which a call becomes a call of a guard.
var methodChecks = map[string]methodCheck{
	"extend":  most(extendedLength),
	"join":    most(joinedLength),
	"replace": most(replacedLength),

	"codepoint_ords": most(codepoints),
	"codepoints":     most(codepoints),
	"rsplit":         most(pieces),
	"split":          most(pieces),
	"splitlines":     most(lines),

	"lower":        small,
	"partition":    small,
	"removeprefix": small,
	"removesuffix": small,
	"rpartition":   small,
	"upper":        small,

	"lstrip": cutset,
	"rstrip": cutset,
	"strip":  cutset,

	"difference":           gathered,
	"intersection":         gathered,
	"issubset":             gathered,
	"issuperset":           gathered,
	"symmetric_difference": gathered,
	"union":                gathered,
	"update":               gathered,
}

// methodGuards are their guards, by the names that rewrite gives them.
var methodGuards = func() starlark.StringDict {
	all := starlark.StringDict{}
	for name := range methodChecks {
		all["."+name] = checked(name)
	}
	return all
}()

// keyMethods hash their first argument, which [keys] check where they are called.
var keyMethods = map[string]bool{"add": true, "discard": true, "get": true, "pop": true, "setdefault": true}

// checked is the guard of a method.
func checked(name string) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if err := checkMethod(thread, name, args[0], args[1:], kwargs); err != nil {
			return nil, err
		}
		method, err := attribute(args[0], name)
		if err != nil {
			return nil, err
		}
		v, err := starlark.Call(thread, method, args[1:], kwargs)
		if err != nil {
			return nil, err
		}
		return Current(thread).tracedMethod(args[0], name, args[1:], kwargs, v), nil
	})
}

func checkMethod(thread *starlark.Thread, name string, receiver starlark.Value, args starlark.Tuple, kwargs []starlark.Tuple) error {
	if !ofStarlark(receiver) {
		return nil
	}
	if _, isText := receiver.(starlark.String); isText {
		if err := refuseTexts("."+name, args...); err != nil {
			return err
		}
	}
	if err := methodChecks[name](thread, "."+name, receiver, args); err != nil {
		return err
	}
	for _, pair := range kwargs { // of update
		if err := CheckNested("."+name, pair[1]); err != nil {
			return err
		}
	}
	return nil
}

// ofStarlark reports whether the methods of a value are those of Starlark.
func ofStarlark(v starlark.Value) bool {
	switch v.(type) {
	case starlark.String, starlark.Bytes, *starlark.List, *starlark.Dict, *starlark.Set:
		return true
	}
	return false
}

// bound is an attribute that is taken and not called: `.`(x, name). A method is guarded
// as if it were called at once.
func bound(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	name, _ := starlark.AsString(args[1])
	v, err := attribute(args[0], name)
	if err != nil {
		return nil, err
	}
	return guardedMethod(args[0], name, v), nil
}

// guardedMethod returns a method of Starlark as its guard would call it. Another value
// comes back as it is.
func guardedMethod(receiver starlark.Value, name string, v starlark.Value) starlark.Value {
	if _, isMethod := v.(*starlark.Builtin); !isMethod || !ofStarlark(receiver) {
		return v
	}
	guard, guarded := guardOf(name)
	if !guarded && !keyMethods[name] {
		return v
	}
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if keyMethods[name] {
			if err := CheckNested("."+name, args...); err != nil {
				return nil, err
			}
			return starlark.Call(thread, v, args, kwargs)
		}
		return guard.CallInternal(thread, append(starlark.Tuple{b.Receiver()}, args...), kwargs)
	}).BindReceiver(receiver)
}

// guardOf is the guard of a method.
func guardOf(name string) (*starlark.Builtin, bool) {
	switch name {
	case "format":
		return starlark.NewBuiltin(name, traced(format, butFirst)), true
	case "index", "remove":
		return search(name), true
	}
	if methodChecks[name] != nil {
		return checked(name), true
	}
	return nil, false
}

// most checks how long what a method makes can become.
func most(length func(receiver starlark.Value, args starlark.Tuple) (n int, isText bool)) methodCheck {
	return func(thread *starlark.Thread, use string, receiver starlark.Value, args starlark.Tuple) error {
		n, isText := length(receiver, args)
		return checkLength(thread, use, n, isText)
	}
}

func joinedLength(receiver starlark.Value, args starlark.Tuple) (int, bool) {
	separator, ok := receiver.(starlark.String)
	if !ok || len(args) != 1 {
		return 0, false
	}
	n, _ := length(args[0])
	if n > maxElements {
		return n, false
	}
	total := n * len(separator)
	if list, ok := args[0].(starlark.Indexable); ok && total <= maxText {
		for i := range list.Len() {
			m, _ := length(list.Index(i))
			if total += m; total > maxText {
				break
			}
		}
	}
	return total, true
}

func replacedLength(receiver starlark.Value, args starlark.Tuple) (int, bool) {
	s, ok := receiver.(starlark.String)
	if !ok || len(args) < 2 {
		return 0, false
	}
	before, ok := args[0].(starlark.String)
	after, ok2 := args[1].(starlark.String)
	if !ok || !ok2 {
		return 0, false
	}
	return len(s) + strings.Count(string(s), string(before))*max(0, len(after)-len(before)), true
}

func extendedLength(receiver starlark.Value, args starlark.Tuple) (int, bool) {
	n, isText := length(receiver)
	if len(args) != 1 {
		return n, isText
	}
	m, _ := length(args[0])
	return n + m, isText
}

func codepoints(receiver starlark.Value, _ starlark.Tuple) (int, bool) {
	n, _ := length(receiver)
	return n, false
}

func pieces(receiver starlark.Value, args starlark.Tuple) (int, bool) {
	s, ok := receiver.(starlark.String)
	if !ok {
		return 0, false
	}
	if len(args) > 0 {
		if separator, ok := args[0].(starlark.String); ok && separator != "" {
			return strings.Count(string(s), string(separator)) + 1, false
		}
	}
	return len(s) / 2, false // each word has a space
}

func lines(receiver starlark.Value, _ starlark.Tuple) (int, bool) {
	s, _ := receiver.(starlark.String)
	return strings.Count(string(s), "\n") + 1, false
}

// small is the check of a method that makes nothing larger: it is guarded for the origin of
// the text alone.
func small(*starlark.Thread, string, starlark.Value, starlark.Tuple) error { return nil }

// maxCutset is how many characters strip may look for, each of them at each place.
const maxCutset = 1000

func cutset(_ *starlark.Thread, use string, _ starlark.Value, args starlark.Tuple) error {
	for _, v := range args {
		if n, _ := length(v); n > maxCutset {
			return fmt.Errorf("%s: got %d characters to take away, want at most %d", use, n, maxCutset)
		}
	}
	return nil
}

// gathered checks what a dictionary or a set takes from other values.
func gathered(thread *starlark.Thread, use string, receiver starlark.Value, args starlark.Tuple) error {
	total, _ := length(receiver)
	for _, v := range args {
		n, _ := length(v)
		if total += n; total > maxElements {
			return tooMany(use)
		}
		if err := CheckNested(use, v); err != nil {
			return err
		}
	}
	return checkLength(thread, use, total, false)
}
