package starlib

import (
	"errors"
	"regexp"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
)

// An Error is a mistake in the files. It is the only error type of Starlark
// evaluation that leaves the package.
type Error struct {
	Problems []Problem // at least one
}

// A Problem is one mistake, where it is.
type Problem struct {
	Position engine.Position
	Message  string
	Stack    []engine.Frame // the active calls, outermost first; empty when the file did not run
	Hint     string         // may be empty
	Cause    error          // what Message says, for errors.Is; may be nil
}

// Error returns the problems without their stacks and hints, a line each.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Position.String() + ": " + p.Message
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the causes that are known.
func (e *Error) Unwrap() []error {
	var list []error
	for _, p := range e.Problems {
		if p.Cause != nil {
			list = append(list, p.Cause)
		}
	}
	return list
}

// newError converts the three error types of starlark-go. Another error comes
// back as it is.
func newError(err error) error {
	var eval *starlark.EvalError
	var resolution resolve.ErrorList
	var parse syntax.Error
	switch {
	case errors.As(err, &resolution):
		e := &Error{}
		for _, r := range resolution {
			e.Problems = append(e.Problems, problem(r.Pos, r.Msg))
		}
		return e
	case errors.As(err, &parse):
		return &Error{Problems: []Problem{problem(parse.Pos, parse.Msg)}}
	case errors.As(err, &eval):
		return &Error{Problems: []Problem{evalProblem(innermost(eval))}}
	}
	return err
}

// innermost unwraps what load wrapped: the outer error knows only the load.
func innermost(eval *starlark.EvalError) *starlark.EvalError {
	for {
		var inner *starlark.EvalError
		if cause := eval.Unwrap(); cause == nil || !errors.As(cause, &inner) || inner == eval {
			return eval
		}
		eval = inner
	}
}

func evalProblem(eval *starlark.EvalError) Problem {
	stack := frames(eval.CallStack)
	p := Problem{Stack: stack, Cause: eval.Unwrap()}
	if len(stack) > 0 {
		p.Position = stack[len(stack)-1].Position
	}
	p.Message, p.Hint = hinted(eval.Msg)
	return p
}

// hinted takes the hint out of a message, or finds one for it.
func hinted(message string) (text, hint string) {
	text, hint = splitHint(message)
	if strings.Contains(text, notKnown) { // starlark-go wraps some errors as text
		hint = unknownHint
	}
	return text, hint
}

// A causedError says in its own words what its cause means.
type causedError struct {
	text  string
	cause error
}

func (e *causedError) Error() string { return e.text }
func (e *causedError) Unwrap() error { return e.cause }

func problem(pos syntax.Position, message string) Problem {
	message, hint := splitHint(message)
	return Problem{Position: position(pos), Message: message, Hint: hint}
}

var suggested = regexp.MustCompile(`(?s)^(.*) \((did you mean .*\?|pass serialisation=.*|use it only inside .*|getConnectionParameter gives .*|getConnectionParameter\(.* waits for it|wait\(\) waits for it|apply\(\) .*|undo\(\) .*|request it under the new name.*|slapstar console (?:--staged|without --staged) .*)\)$`)

// starlark-go quotes the names of optional parameters and of no others.
var quotedParameter = regexp.MustCompile(`for parameter "(\w+)":`)

// splitHint takes the suggestion out of a message, as starlark-go writes it.
func splitHint(message string) (text, hint string) {
	message = quotedParameter.ReplaceAllString(message, "for parameter $1:")
	if m := suggested.FindStringSubmatch(message); m != nil {
		return m[1], m[2]
	}
	return message, ""
}

func position(p syntax.Position) engine.Position {
	return engine.Position{File: p.Filename(), Line: int(p.Line), Col: int(p.Col)}
}

// frames converts a call stack without the frames of builtins, which have no
// place in a file.
func frames(stack starlark.CallStack) []engine.Frame {
	var list []engine.Frame
	for _, f := range stack {
		if f.Pos.Filename() != builtinFile {
			list = append(list, engine.Frame{Function: f.Name, Position: position(f.Pos)})
		}
	}
	return list
}

// builtinFile is what starlark-go calls the file of a builtin.
const builtinFile = "<builtin>"

// origin returns where the running builtin was called.
func origin(thread *starlark.Thread) engine.Origin {
	return engine.Origin{Stack: frames(thread.CallStack())}
}
