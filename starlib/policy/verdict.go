package policy

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// Limits of what one function says.
const (
	maxVerdicts = 100
	maxMessage  = 2000 // bytes of one text
)

// builtins are the names that a policy has besides those of other files.
var builtins = starlark.StringDict{
	"violation": starlark.NewBuiltin("violation", newViolation),
	"is_known":  starlark.NewBuiltin("is_known", isKnown),
	"is_secret": starlark.NewBuiltin("is_secret", isSecret),
}

// A violation is a text about a change.
type violation struct {
	text   string
	change *change // nil: it is about the plan as a whole
}

func (v *violation) String() string        { return fmt.Sprintf("violation(%q)", v.text) }
func (v *violation) Type() string          { return "violation" }
func (v *violation) Freeze()               {}
func (v *violation) Truth() starlark.Bool  { return true }
func (v *violation) Hash() (uint32, error) { return 0, errors.New("unhashable: violation") }

// newViolation is violation: what a function says, and of which change.
//
//	violation(text, change=None)
func newViolation(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var text, about starlark.Value = nil, starlark.None
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "text", &text, "change?", &about); err != nil {
		return nil, err
	}
	v := &violation{}
	var err error
	if v.text, err = said(text); err != nil {
		return nil, fmt.Errorf("%s: for parameter text: %w", b.Name(), err)
	}
	switch c := about.(type) {
	case starlark.NoneType:
	case *change:
		v.change = c
	default:
		return nil, fmt.Errorf("%s: for parameter change: got %s, want a change of the plan", b.Name(), about.Type())
	}
	return v, nil
}

// said is a text of a policy, in which what is hidden or not known yet is shown as such.
func said(v starlark.Value) (string, error) {
	t, ok := lang.PlainText(v)
	if !ok {
		return "", fmt.Errorf("got %s, want a text", v.Type())
	}
	text := strings.TrimSpace(t.Display())
	if text == "" {
		return "", errors.New("got an empty text, want what is wrong")
	}
	if len(text) > maxMessage {
		n := maxMessage
		for !utf8.RuneStart(text[n]) {
			n--
		}
		text = fmt.Sprintf("%s… %d more bytes", text[:n], len(text)-n)
	}
	return text, nil
}

// read is what a function returned: None, a text, a violation, or a list of them.
func read(v engine.Verdict, returned starlark.Value) ([]engine.Verdict, error) {
	var items []starlark.Value
	switch returned := returned.(type) {
	case starlark.NoneType:
		return nil, nil
	case *starlark.List:
		for i := range returned.Len() {
			items = append(items, returned.Index(i))
		}
	case starlark.Tuple:
		items = returned
	default:
		items = []starlark.Value{returned}
	}
	var list []engine.Verdict
	for i, item := range items {
		at := ""
		if _, one := returned.(starlark.Indexable); one && len(items) > 0 && item != returned {
			at = fmt.Sprintf("item %d of ", i)
		}
		one, err := verdict(v, item)
		if err != nil {
			return nil, lang.Hint(fmt.Errorf("%s%s: %w", at, v.Function, err), "return None where nothing is wrong")
		}
		if i < maxVerdicts {
			list = append(list, one)
		}
	}
	if more := len(items) - maxVerdicts; more > 0 {
		list[maxVerdicts-1].Message += fmt.Sprintf("; and %d more of the kind", more)
	}
	return list, nil
}

func verdict(v engine.Verdict, item starlark.Value) (engine.Verdict, error) {
	switch item := item.(type) {
	case *violation:
		v.Message = item.text
		if item.change != nil {
			v.Address, v.Origin = item.change.of.Address(), item.change.of.Resource.Declared()
		}
		return v, nil
	case starlark.String, *lang.Text:
		text, err := said(item)
		v.Message = text
		return v, err
	}
	return v, fmt.Errorf("got %s, want None, a text, violation(text, change), or a list of texts and violations", item.Type())
}

// isKnown is is_known: whether a value is known when the plan is made.
//
//	is_known(value)
func isKnown(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var v starlark.Value
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "value", &v); err != nil {
		return nil, err
	}
	t, ok := v.(*lang.Text)
	return starlark.Bool(!ok || len(t.Value().References()) == 0), nil
}

// isSecret is is_secret: whether a value is a secret, or looks like a credential.
//
//	is_secret(value)
func isSecret(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var v starlark.Value
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "value", &v); err != nil {
		return nil, err
	}
	t, ok := v.(*lang.Text)
	return starlark.Bool(ok && t.Value().Hidden()), nil
}
