package starlib

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// An InputError says that an input, or a secret, has no value, or a wrong one.
type InputError struct {
	Name string
	Err  error
}

func (e *InputError) Error() string { return e.Err.Error() }
func (e *InputError) Unwrap() error { return e.Err }

// OnlyInputs reports whether an error of Exec is about the values of inputs, and about
// nothing else.
func OnlyInputs(err error) bool {
	ours, ok := errors.AsType[*lang.Error](err)
	if !ok {
		return false
	}
	for _, p := range ours.Problems {
		if !errors.As(p.Cause, new(*InputError)) {
			return false
		}
	}
	return true
}

// An inputSpec is what a call of var says.
type inputSpec struct {
	name      lang.Name
	otherwise starlark.Value // nil: there is none
	as        lang.Type
	why       string // who says of what type it is
	values    []starlark.Value
	help      starlark.String
}

// variable returns an input.
//
//	var(name, default=..., type=None, values=None, help="")
//
// Text that was given becomes a number, a truth or a JSON value if that is the type, which
// is that of the default if it is not said. What is missing or wrong is noted, and the
// evaluation goes on with something in its place, so that all of it is said at once.
func variable(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	s, err := unpackInput(b.Name(), args, kwargs)
	if err != nil {
		return nil, err
	}
	given, ok := e.inputs.Vars[string(s.name)]
	in := s.input(thread)
	in.Given = ok
	e.ask(in, thread)
	if !ok && s.otherwise != nil {
		return s.otherwise, nil
	}
	v, err := s.value(given, ok)
	if err == nil {
		return v, nil
	}
	err = fmt.Errorf("%s: %w", b.Name(), err)
	if hint := s.hint(); hint != "" {
		err = lang.Hint(err, hint)
	}
	return s.standIn(), e.fault(thread, string(s.name), err)
}

// fault notes what is wrong with an input; nil says that the evaluation goes on with
// something in its place.
func (e *Evaluation) fault(thread *starlark.Thread, name string, err error) error {
	if e.hooks != nil { // at a prompt one mistake is enough
		return err
	}
	e.faults = append(e.faults, lang.NewProblem(lang.OriginOf(thread), &InputError{name, err}))
	return nil
}

func unpackInput(name string, args starlark.Tuple, kwargs []starlark.Tuple) (inputSpec, error) {
	s := inputSpec{why: "as type says"}
	var values starlark.Value
	if err := lang.UnpackArgs(name, args, kwargs, "name", &s.name, "default?", &s.otherwise, "type??", &s.as, "values??", &values, "help??", &s.help); err != nil {
		return s, err
	}
	if err := s.setValues(values); err != nil {
		return s, fmt.Errorf("%s: for parameter values: %w", name, err)
	}
	if s.otherwise == nil || s.otherwise == starlark.None {
		return s, nil
	}
	t, isText := s.otherwise.(*lang.Text)
	if s.as == "" && !isText {
		s.as, s.why = lang.Type(s.otherwise.Type()), "as the default is"
	}
	if isText && s.values != nil {
		return s, t.Refuse("this argument")
	}
	if isText {
		return s, nil
	}
	var err error
	if s.otherwise, err = s.as.Check(s.otherwise, s.why); err == nil {
		err = s.among(s.otherwise)
	}
	if text, ok := s.otherwise.(starlark.String); ok && err == nil {
		err = lang.CheckShown(string(text))
	}
	if err != nil {
		return s, fmt.Errorf("%s: for parameter default: %w", name, err)
	}
	return s, nil
}

// maxInputValues is how many values an input may be one of.
const maxInputValues = 1000

func (s *inputSpec) setValues(v starlark.Value) error {
	if v == nil {
		return nil
	}
	list, ok := v.(starlark.Indexable)
	if _, isString := v.(starlark.String); !ok || isString || list.Len() == 0 {
		return fmt.Errorf("got %s, want a list with values", v.Type())
	}
	if list.Len() > maxInputValues {
		return fmt.Errorf("got %d values, want at most %d", list.Len(), maxInputValues)
	}
	for i := range list.Len() {
		item := list.Index(i)
		if t, ok := item.(*lang.Text); ok {
			return t.Refuse("this argument")
		}
		if s.as == "" {
			s.as, s.why = lang.Type(item.Type()), "as values says"
		}
		item, err := s.as.Check(item, s.why)
		if err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
		if err := lang.CheckNested("values", item); err != nil {
			return err
		}
		s.values = append(s.values, item)
	}
	return nil
}

// among returns an error for a value that is none of those that it has to be one of.
func (s *inputSpec) among(v starlark.Value) error {
	if s.values == nil {
		return nil
	}
	if err := lang.CheckNested("values", v); err != nil {
		return err
	}
	for _, wanted := range s.values {
		if equal, err := starlark.Equal(v, wanted); err == nil && equal {
			return nil
		}
	}
	return fmt.Errorf("got %s, want %s", v, s.choice())
}

// choice lists the values for people.
func (s *inputSpec) choice() string {
	list := make([]string, len(s.values))
	for i, v := range s.values {
		list[i] = v.String()
	}
	if len(list) == 1 {
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

// value is what was given.
func (s *inputSpec) value(given lang.Var, ok bool) (starlark.Value, error) {
	name := string(s.name)
	if !ok {
		return nil, fmt.Errorf("there is no value for %q: give it with --var %s=VALUE", name, name)
	}
	v, err := given.Value(s.as, s.why)
	if err == nil {
		err = s.among(v)
	}
	if err != nil {
		return nil, fmt.Errorf("the value of %q: %w", name, err)
	}
	return v, nil
}

// hint says what the input is for, and of what type.
func (s *inputSpec) hint() string {
	var list []string
	if s.help != "" {
		list = append(list, string(s.help))
	}
	switch {
	case s.values != nil:
		list = append(list, "one of "+s.choice())
	case s.why == "as type says" && s.as != "":
		list = append(list, string(s.as))
	}
	if len(list) == 0 {
		return ""
	}
	return string(s.name) + ": " + strings.Join(list, "; ")
}

// standIn is a value with which the evaluation can go on.
func (s *inputSpec) standIn() starlark.Value {
	switch {
	case s.otherwise != nil && s.otherwise != starlark.None:
		return s.otherwise
	case s.values != nil:
		return s.values[0]
	}
	switch s.as {
	case "int":
		return starlark.MakeInt(0)
	case "float":
		return starlark.Float(0)
	case "bool":
		return starlark.False
	case "list":
		return starlark.NewList(nil)
	case "dict":
		return starlark.NewDict(0)
	}
	return starlark.String(s.name)
}

// input is what is told of the input.
func (s *inputSpec) input(thread *starlark.Thread) engine.Input {
	in := engine.Input{Name: string(s.name), Type: string(s.as), Help: string(s.help)}
	if in.Type == "string" {
		in.Type = "str"
	}
	if s.otherwise != nil {
		text := inputJSON(thread, s.otherwise)
		in.Default = &text
	}
	for _, v := range s.values {
		in.Values = append(in.Values, inputJSON(thread, v))
	}
	return in
}

// inputJSON writes a value as JSON, without what is hidden in it. What is no JSON, such as
// an instance, is named by its type.
func inputJSON(thread *starlark.Thread, v starlark.Value) string {
	document, err := lang.EncodeJSON(thread, nil, starlark.Tuple{v}, nil)
	if err != nil {
		return "(" + v.Type() + ")"
	}
	t, _ := lang.Current(thread).TextOf(document)
	return t.Display()
}
