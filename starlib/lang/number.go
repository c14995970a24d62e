package lang

import (
	"errors"
	"slices"

	"go.starlark.net/lib/math"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
	"slapstar/internal/function"
)

// A number and a truth have no bytes of their own that could carry where they come from,
// and one that carried it would not be equal to another one. So an evaluation that has read
// some of a Master only notes that. Another evaluation of the same files may follow them:
// there they are texts that hold the number. They flow as they would before they are known;
// whatever else is done with them is done with the number. Of such an evaluation nothing
// counts but where the values come from, and that only if all values are the same.

// Follow makes an evaluation follow the numbers and truths that come from a Master.
type Follow struct {
	lost map[engine.Reference]bool // what is read there stays a number
	more bool                      // there is more of it than before the evaluation
}

// Lose takes back what an evaluation with these numbers could not do: what they come from
// is not followed any more. It reports whether the error tells that, so that it may go
// better the next time.
func (f *Follow) Lose(err error) bool {
	for _, problem := range problemsOf(err) {
		if lost, ok := errors.AsType[*lostError](problem); ok {
			f.lose(lost.text)
		}
	}
	more := f.more
	f.more = false
	return more
}

func (f *Follow) lose(t engine.Text) {
	for _, r := range t.Sources() {
		if f.lost == nil {
			f.lost = map[engine.Reference]bool{}
		}
		f.more = f.more || !f.lost[placeOf(r)]
		f.lost[placeOf(r)] = true
	}
}

// problemsOf are the causes of an error of the files, or the error.
func problemsOf(err error) []error {
	if ours, ok := errors.AsType[*Error](err); ok {
		return ours.Unwrap()
	}
	return []error{err}
}

// placeOf is a reference without the place in the files and the form.
func placeOf(r engine.Reference) engine.Reference {
	return engine.Reference{Instance: r.Instance, Kind: r.Kind, Key: r.Key, Path: r.Path}
}

// A lostError is a use of a known text that loses where it came from.
type lostError struct {
	use  string
	text engine.Text
}

func (e *lostError) Error() string { return e.use + " loses where the value came from" }

// HasNumbers reports whether the evaluation has read numbers or truths that come from a
// Master, and that do not say so.
func (e *Evaluation) HasNumbers() bool { return e.numbers }

// followed is a number or a truth that a text is, or is made of.
func (e *Evaluation) followed(v starlark.Value, t engine.Text, as form) starlark.Value {
	e.numbers = true
	if e.follow == nil || slices.ContainsFunc(t.Sources(), func(r engine.Reference) bool { return e.follow.lost[placeOf(r)] }) {
		return v
	}
	return &Text{e: e, text: t, form: as, number: v}
}

// followedResult is followed of what a function has made of a text; nil is one without an
// origin.
func (e *Evaluation) followedResult(v starlark.Value, f function.Function, of engine.Text, as form) starlark.Value {
	if of == nil || nestedDerivations(of) >= maxDerivations {
		return v
	}
	if e.follow == nil {
		e.numbers = true
		return v
	}
	derived, err := engine.Derive(f, of)
	if err != nil {
		return v
	}
	return e.followed(v, derived, as)
}

// converted is what int or float of one value has given.
func (e *Evaluation) converted(name string, of, v starlark.Value) starlark.Value {
	f, as := function.Function{Name: name}, numberForms[name]
	switch of := of.(type) {
	case starlark.String:
		return e.followedResult(v, f, e.origin(of), as)
	case *Text:
		switch {
		case of.form == as:
			return of
		case of.form == anOutput:
			f.Args = []string{function.OfJSON}
			return e.followedResult(v, f, of.text, as)
		case as == aFloat:
			return e.followedResult(v, f, of.text, as)
		}
	}
	return v
}

// Number is the number or the truth that an evaluation follows; another value is itself.
func Number(v starlark.Value) starlark.Value {
	if t, ok := v.(*Text); ok && t.number != nil {
		return t.number
	}
	return v
}

func isNumber(v starlark.Value) bool {
	t, ok := v.(*Text)
	return ok && t.number != nil
}

// numbersIn is Number of each.
func numbersIn(args starlark.Tuple) starlark.Tuple {
	for i, v := range args {
		if isNumber(v) {
			args = slices.Clone(args)
			for j := i; j < len(args); j++ {
				args[j] = Number(args[j])
			}
			break
		}
	}
	return args
}

// numbersOf is Number of the named arguments.
func numbersOf(kwargs []starlark.Tuple) []starlark.Tuple {
	for i, pair := range kwargs {
		if isNumber(pair[1]) {
			kwargs = slices.Clone(kwargs)
			for j := i; j < len(kwargs); j++ {
				kwargs[j] = starlark.Tuple{kwargs[j][0], Number(kwargs[j][1])}
			}
			break
		}
	}
	return kwargs
}

// takingNumbers is a builtin of Starlark that knows numbers alone.
func takingNumbers(original *starlark.Builtin) *starlark.Builtin {
	return starlark.NewBuiltin(original.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return starlark.Call(thread, original, numbersIn(args), numbersOf(kwargs))
	})
}

// followNumbers makes what Starlark has beside the guards take numbers that are followed.
func (e *Evaluation) followNumbers() {
	for name, v := range starlark.Universe {
		if b, ok := v.(*starlark.Builtin); ok && !e.predeclared.Has(name) {
			e.predeclared[name] = takingNumbers(b)
		}
	}
	members := starlark.StringDict{}
	for name, v := range math.Module.Members {
		if members[name] = v; v.Type() == "builtin_function_or_method" {
			members[name] = takingNumbers(v.(*starlark.Builtin))
		}
	}
	e.predeclared["math"] = newModule("math", members)
}

// numberBinary is an operator of a number that is followed.
func (t *Text) numberBinary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	if side == starlark.Left {
		return starlark.Binary(op, Number(t), Number(y))
	}
	return starlark.Binary(op, Number(y), Number(t))
}

// Unary implements the operators of numbers that are followed. Of another text it is not
// known whether it is a number.
func (t *Text) Unary(op syntax.Token) (starlark.Value, error) {
	if t.number == nil {
		return nil, t.Refuse(op.String())
	}
	return starlark.Unary(op, t.number)
}
