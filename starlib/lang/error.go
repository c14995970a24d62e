package lang

import (
	"context"
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

// newError converts the three error types of starlark-go, and that of an import. Another comes
// back as it is.
func newError(err error) error {
	var eval *starlark.EvalError
	var resolution resolve.ErrorList
	var parse syntax.Error
	var imports *importError
	switch {
	case errors.As(err, &imports):
		return &Error{Problems: []Problem{{Position: PositionOf(imports.at), Message: imports.Error(), Hint: HintOf(imports.err), Cause: imports.err}}}
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
	p := Problem{Stack: stack, Cause: eval.Unwrap(), Hint: HintOf(eval.Unwrap())}
	if len(stack) > 0 {
		p.Position = stack[len(stack)-1].Position
	}
	p.Message = short(eval.Msg)
	if p.Hint == "" {
		p.Message, p.Hint = splitSuggestion(p.Message)
	}
	return p
}

// NewProblem returns what is wrong with something that was declared.
func NewProblem(at engine.Origin, err error) Problem {
	return Problem{Position: at.Position(), Stack: at.Stack, Message: err.Error(), Hint: HintOf(err), Cause: err}.short()
}

// NewError returns the error of one mistake without a stack.
func NewError(at engine.Position, err error) error {
	p := Problem{Position: at, Message: err.Error(), Hint: HintOf(err), Cause: err}
	return &Error{Problems: []Problem{p.short()}}
}

func problem(pos syntax.Position, message string) Problem {
	message, hint := splitSuggestion(short(message))
	return Problem{Position: PositionOf(pos), Message: message, Hint: hint}
}

var suggestion = regexp.MustCompile(`(?s)^(.*) \((did you mean .*\?)\)$`)

// splitSuggestion takes the suggestion out of what starlark-go itself says of an
// unknown name or attribute: it has no other form than this text. Hints of slapstar
// are data, see [HintedError].
func splitSuggestion(message string) (text, hint string) {
	if m := suggestion.FindStringSubmatch(message); m != nil {
		return m[1], m[2]
	}
	return message, ""
}

// Interrupted returns the error of an evaluation that was ended from outside, with the
// place if it got as far as that.
func Interrupted(ctx context.Context, err error) error {
	var eval *starlark.EvalError
	if !errors.As(err, &eval) {
		return context.Cause(ctx)
	}
	return ended(evalProblem(innermost(eval)), context.Cause(ctx))
}

func ended(p Problem, cause error) error {
	p.Message, p.Hint, p.Cause = cause.Error(), HintOf(cause), cause
	if errors.Is(cause, context.Canceled) {
		p.Message = "interrupted"
	}
	return &Error{Problems: []Problem{p}}
}

// PositionOf converts a position.
func PositionOf(p syntax.Position) engine.Position {
	return engine.Position{File: p.Filename(), Line: int(p.Line), Col: int(p.Col)}
}

// frames converts a call stack without the frames of builtins, which have no
// place in a file.
func frames(stack starlark.CallStack) []engine.Frame {
	var list []engine.Frame
	for _, f := range stack {
		if f.Pos.Filename() != builtinFile {
			list = append(list, engine.Frame{Function: f.Name, Position: PositionOf(f.Pos)})
		}
	}
	return list
}

// builtinFile is what starlark-go calls the file of a builtin.
const builtinFile = "<builtin>"

// OriginOf returns where the running builtin was called.
func OriginOf(thread *starlark.Thread) engine.Origin {
	return engine.Origin{Stack: frames(thread.CallStack())}
}
