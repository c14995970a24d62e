package lang

import (
	"slices"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
)

// A secret answers three questions: whether it is another secret, whether it is empty,
// and whether it is None. Any other comparison could be asked again and again, with
// guesses, until it has told the value: also one with text that a secret is a part of,
// since secret("a") + "x" == "x" + secret("a") says whether the secret is made of "x".

// isSecretOnly reports whether a text is what secret() gave, and nothing else.
func isSecretOnly(t engine.Text) bool { return len(t) == 1 && t[0].Secret != "" }

// compareTexts is == or != of two values of which at least one is a text that is known.
func compareTexts(op syntax.Token, x, y starlark.Value) (bool, error) {
	t, ok := x.(*Text)
	if !ok {
		t, y = y.(*Text), x
	}
	equal := false
	switch other := y.(type) {
	case starlark.NoneType:
	case starlark.String:
		if other != "" || !t.answersTruth() {
			return false, t.Refuse(op.String())
		}
		if err := t.boundary(op.String()); err != nil {
			return false, err
		}
		value, _ := t.text.Known()
		equal = value == ""
	case *Text:
		if !isSecretOnly(t.text) || !isSecretOnly(other.text) {
			return false, t.Refuse(op.String())
		}
		if equal = t.text[0].Secret == other.text[0].Secret; equal {
			break
		}
		for _, side := range []*Text{t, other} {
			if err := side.boundary(op.String()); err != nil {
				return false, err
			}
		}
		equal = t.text[0].Literal == other.text[0].Literal
	default:
		return false, t.Refuse(op.String())
	}
	return equal == (op == syntax.EQL), nil
}

// answersTruth reports whether the truth of a known text may be asked for.
func (t *Text) answersTruth() bool { return !t.text.HasCredential() && !hasDerived(t.text) }

// hasDerived reports whether a function is part of a text: its truth, asked with many
// functions, would tell the text.
func hasDerived(t engine.Text) bool {
	return slices.ContainsFunc(t, func(p engine.Part) bool { return p.Derived != nil || hasDerived(p.Quoted) })
}

// comparison is an operator that compares.
func comparison(op syntax.Token) *starlark.Builtin {
	return starlark.NewBuiltin(op.String(), func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		x, y := Number(undocumented(args[0])), Number(undocumented(args[1]))
		_, textX := x.(*Text)
		_, textY := y.(*Text)
		if textX || textY {
			if err := CheckNested(op.String(), x, y); err != nil {
				return nil, err
			}
			if err := boundaryOf(op.String(), x, y); err != nil {
				return nil, err
			}
			if op == syntax.EQL || op == syntax.NEQ {
				result, err := compareTexts(op, x, y)
				return starlark.Bool(result), err
			}
			return nil, refuseTexts(op.String(), x, y)
		}
		// What is of two types is not equal, whatever it holds.
		if x.Type() == y.Type() {
			if err := checkComparable(op.String(), x, y); err != nil {
				return nil, err
			}
		}
		result, err := starlark.Compare(op, x, y)
		return starlark.Bool(result), err
	})
}

// membership is in or not in.
func membership(op syntax.Token) *starlark.Builtin {
	return starlark.NewBuiltin(op.String(), func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		// Among the keys of a dictionary there is no text, whatever its values
		// are.
		in := undocumented(args[1])
		if _, ok := in.(*starlark.Dict); !ok {
			if err := checkComparable(op.String(), in); err != nil {
				return nil, err
			}
		}
		element := Number(args[0])
		if err := checkComparable(op.String(), element); err != nil {
			return nil, err
		}
		found, err := starlark.Binary(syntax.IN, element, in)
		if err != nil || op == syntax.IN {
			return found, err
		}
		return !found.Truth(), nil
	})
}

// boundaryOf returns the boundary of the stage when a value is not known yet.
func boundaryOf(use string, values ...starlark.Value) error {
	for _, v := range values {
		if t, ok := findUnknown(v); ok {
			return t.boundary(use)
		}
	}
	return nil
}

// checkComparable returns an error when values cannot be compared: what is not known
// yet is the boundary of the stage, and what is not to be shown would answer a guess.
func checkComparable(use string, values ...starlark.Value) error {
	if err := CheckNested(use, values...); err != nil {
		return err
	}
	if err := boundaryOf(use, values...); err != nil {
		return err
	}
	return refuseTexts(use, values...)
}

// ordered wraps a function of the universe that compares its arguments, or the elements
// of the only one, with each other. With a key it compares what that returns.
func ordered(name string) *starlark.Builtin {
	original := whole(name, true)
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		args = numbersIn(args)
		if t, ok := textAmong(args); ok && !hasKey(kwargs) {
			return nil, t.Refuse(name)
		}
		return starlark.Call(thread, original, args, kwargs)
	})
}

// textAmong returns a text among arguments, or the elements of the only one. Other
// sequences than lists and tuples hold none, and a range may be of any length.
func textAmong(args starlark.Tuple) (*Text, bool) {
	var list starlark.Indexable = args
	if len(args) == 1 {
		switch v := args[0].(type) {
		case *starlark.List:
			list = v
		case starlark.Tuple:
			list = v
		}
	}
	for i := range list.Len() {
		if t, ok := list.Index(i).(*Text); ok {
			return t, true
		}
	}
	return nil, false
}

func hasKey(kwargs []starlark.Tuple) bool {
	for _, pair := range kwargs {
		if pair[0] == starlark.String("key") && pair[1] != starlark.None {
			return true
		}
	}
	return false
}

// closed wraps a function of the universe that has no use for a text of which the value
// is not known or not to be shown.
func closed(name string, original starlark.Value) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		args = numbersIn(args)
		for _, v := range args {
			if t, ok := v.(*Text); ok {
				return nil, t.Refuse(name)
			}
		}
		return starlark.Call(thread, original, args, numbersOf(kwargs))
	})
}
