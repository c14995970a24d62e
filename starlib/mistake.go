package starlib

import (
	"errors"
	"strings"

	"go.starlark.net/starlark"
)

// maxMistakes is how many mistakes one evaluation goes on after.
const maxMistakes = 20

// A broken stands for an instance whose request is a mistake that has been noted,
// so that the evaluation can go on to find others. It can be named as a
// dependency; anything else about it would be a guess, and ends the evaluation.
type broken struct{}

// errBroken ends an evaluation of which the mistakes are noted already.
var errBroken = errors.New("this needs an instance whose request is wrong")

func (*broken) String() string        { return "<instance>" }
func (*broken) Type() string          { return "instance" }
func (*broken) Freeze()               {}
func (*broken) Truth() starlark.Bool  { return true }
func (*broken) Hash() (uint32, error) { return 0, errBroken }

// Attr implements [starlark.HasAttrs].
func (*broken) Attr(string) (starlark.Value, error) { return nil, errBroken }

// AttrNames implements [starlark.HasAttrs].
func (*broken) AttrNames() []string { return nil }

// mistake notes what is wrong with a declaration. The evaluation goes on with
// what stands for it, unless it is the boundary of a stage or there are many.
func (e *evaluation) mistake(thread *starlark.Thread, err error) (starlark.Value, error) {
	var u *unknownError
	switch {
	case strings.Contains(err.Error(), errBroken.Error()): // starlark-go wraps some errors as text
		return &broken{}, nil
	case errors.As(err, &u) && u.boundary, len(e.problems) >= maxMistakes, e.session != nil: // at a prompt one mistake is enough
		return nil, err
	}
	o := origin(thread)
	p := Problem{Position: o.Position(), Stack: o.Stack}
	p.Message, p.Hint = hinted(err.Error())
	e.problems = append(e.problems, p)
	return &broken{}, nil
}
