package engine

import "fmt"

// A Position is a place in a file. Line and Col count from 1; Col counts
// characters.
type Position struct {
	File string // relative to the root of the evaluation, with slashes
	Line int
	Col  int
}

func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// A Frame is one active call of an evaluation.
type Frame struct {
	Function string
	Position Position
}

// An Origin is where something was declared: the calls that were active, the
// outermost first, the declaring call last.
type Origin struct {
	Stack []Frame
}

// Position returns the place of the declaring call.
func (o Origin) Position() Position {
	if len(o.Stack) == 0 {
		return Position{}
	}
	return o.Stack[len(o.Stack)-1].Position
}

// String is the place of the declaring call; after it, when that is inside a
// function or a loaded file, the outermost call that led there.
func (o Origin) String() string {
	s := o.Position().String()
	if len(o.Stack) > 1 {
		s += fmt.Sprintf(" (from %v)", o.Stack[0].Position)
	}
	return s
}
