package lang

import (
	"errors"

	"go.starlark.net/starlark"
)

// A Mistake stands for a value whose declaration is a mistake that has been noted,
// so that the evaluation can go on to find others. It can be named as a
// dependency; anything else about it would be a guess, and ends the evaluation.
type Mistake struct{}

// ErrMistake ends an evaluation of which the mistakes are noted already.
var ErrMistake = errors.New("this needs an instance whose request is wrong")

func (*Mistake) String() string        { return "<instance>" }
func (*Mistake) Type() string          { return "instance" }
func (*Mistake) Freeze()               {}
func (*Mistake) Truth() starlark.Bool  { return true }
func (*Mistake) Hash() (uint32, error) { return 0, ErrMistake }

// Attr implements [starlark.HasAttrs].
func (*Mistake) Attr(string) (starlark.Value, error) { return nil, ErrMistake }

// AttrNames implements [starlark.HasAttrs].
func (*Mistake) AttrNames() []string { return nil }
