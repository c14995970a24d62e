// Package policy judges plans with functions of files: deny_*(plan, context) refuses, and
// warn_*(plan, context) warns.
//
// A policy sees the plan and what it is told of the run, and nothing else: no Master, no
// clock, and no file but those that it loads below its root. It is given no value of a
// secret, nor of what looks like a credential: what stands for one has nothing in it. A
// policy that cannot judge refuses.
//
// The package does not know which policies hold for a plan, nor where they come from.
package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// The prefixes of the functions that judge.
const (
	deny = "deny_"
	warn = "warn_"
)

// A Policy is a file of policies that was evaluated.
type Policy struct {
	name      string
	files     *lang.Evaluation
	functions []function
}

// A function judges.
type function struct {
	name string
	at   engine.Origin
	run  *starlark.Function
}

// Read evaluates a file of policies, which is called name where it is shown. What is wrong
// with it is a [*lang.Error]. All that it loads is in its sources afterwards.
func Read(ctx context.Context, name string, files lang.Source) (*Policy, error) {
	files.LoadOnly = true
	e, err := lang.New(ctx, files, builtins, nil)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	globals, more, err := e.Entry()
	switch {
	case err != nil:
		return nil, err
	case more != nil: // a file has no value that is not known
		return nil, lang.NewError(more.Origin.Position(), fmt.Errorf("%s needs a value that is not known", more.Use))
	}
	e.ReadAhead()
	p := &Policy{name: name, files: e}
	var problems []lang.Problem
	for _, global := range globals.Keys() {
		f, isFunction := globals[global].(*starlark.Function)
		judges := strings.HasPrefix(global, deny) || strings.HasPrefix(global, warn)
		at := engine.Position{File: e.Name(), Line: 1, Col: 1}
		if isFunction {
			at = lang.PositionOf(f.Position())
		}
		wrong := func(hint, format string, args ...any) {
			problems = append(problems, lang.Problem{Position: at, Message: fmt.Sprintf(format, args...), Hint: hint})
		}
		switch {
		case judges && !isFunction:
			wrong("def "+global+"(plan, context):", "%s: got %s, want a function of plan and context", global, globals[global].Type())
		case judges && !takesTwo(f):
			wrong("def "+global+"(plan, context):", "%s: got the parameters (%s), want (plan, context)", global, parameters(f))
		case judges:
			p.functions = append(p.functions, function{global, engine.Origin{Stack: []engine.Frame{{Function: global, Position: at}}}, f})
		case isFunction && !strings.HasPrefix(global, "_") && at.File == e.Name():
			wrong("the name of what only helps begins with _, or it is in a file that is loaded", "%s: got a function with this name, want deny_NAME, which refuses, or warn_NAME, which warns", global)
		}
	}
	if len(problems) == 0 && len(p.functions) == 0 {
		problems = append(problems, lang.Problem{Position: engine.Position{File: e.Name(), Line: 1, Col: 1}, Message: "got no function, want deny_NAME(plan, context), which refuses, or warn_NAME(plan, context), which warns"})
	}
	slices.SortFunc(p.functions, func(a, b function) int {
		x, y := a.at.Position(), b.at.Position()
		return cmpPosition(x, y)
	})
	slices.SortFunc(problems, func(a, b lang.Problem) int { return cmpPosition(a.Position, b.Position) })
	if len(problems) > 0 {
		return nil, &lang.Error{Problems: problems}
	}
	return p, nil
}

func cmpPosition(a, b engine.Position) int {
	if a.File != b.File {
		return strings.Compare(a.File, b.File)
	}
	return a.Line - b.Line
}

// takesTwo reports whether a function can be called with a plan and a context.
func takesTwo(f *starlark.Function) bool {
	plain := f.NumParams() - f.NumKwonlyParams()
	if f.HasVarargs() {
		plain--
	}
	if f.HasKwargs() {
		plain--
	}
	if plain < 2 || f.HasVarargs() || f.HasKwargs() {
		return false
	}
	for i := 2; i < f.NumParams(); i++ { // the others have defaults
		if f.ParamDefault(i) == nil {
			return false
		}
	}
	return true
}

func parameters(f *starlark.Function) string {
	var names []string
	for i := range f.NumParams() {
		name, _ := f.Param(i)
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// Denies reports whether the policy has a function of this name that refuses.
func (p *Policy) Denies(name string) bool {
	return strings.HasPrefix(name, deny) && slices.ContainsFunc(p.functions, func(f function) bool { return f.name == name })
}

// Names returns the functions that refuse.
func (p *Policy) Names() []string {
	var list []string
	for _, f := range p.functions {
		if p.Denies(f.name) {
			list = append(list, f.name)
		}
	}
	return list
}

// Judge calls all functions, in order. The error is that of a context that has ended: what
// is wrong with a function is a verdict that denies.
func (p *Policy) Judge(ctx context.Context, plan *engine.Plan, c engine.Circumstances) ([]engine.Verdict, error) {
	caller := p.files.Caller(ctx)
	args := starlark.Tuple{planValue(caller, plan), circumstances(c)}
	args.Freeze()
	var list []engine.Verdict
	for _, f := range p.functions {
		said := engine.Verdict{Function: f.name, File: p.name, At: f.at, Denies: strings.HasPrefix(f.name, deny)}
		v, err := caller.Call(lang.Call{Function: f.run, Args: args, Steps: lang.MaxSteps})
		if ctx.Err() != nil {
			return nil, err
		}
		var found []engine.Verdict
		if err == nil {
			found, err = read(said, v)
		}
		if err != nil {
			found = failed(said, err)
		}
		list = append(list, found...)
	}
	return list, nil
}

// Failed is what a file says that is wrong as a whole.
func Failed(name string, err error) []engine.Verdict {
	return failed(engine.Verdict{File: name}, err)
}

// failed are verdicts of a policy that cannot judge: each denies.
func failed(v engine.Verdict, err error) []engine.Verdict {
	v.Denies, v.Failed = true, true
	ours, ok := errors.AsType[*lang.Error](err)
	if !ok && len(v.At.Stack) == 0 { // such as a file that is not there
		v.At = engine.Origin{Stack: []engine.Frame{{Position: engine.Position{File: v.File, Line: 1, Col: 1}}}}
	}
	if !ok {
		v.Message, v.Hint = "the policy cannot judge: "+err.Error(), lang.HintOf(err)
		return []engine.Verdict{v}
	}
	var list []engine.Verdict
	for _, p := range ours.Problems {
		one := v
		one.Message, one.Hint = "the policy cannot judge: "+p.Message, p.Hint
		if p.Cause != nil && lang.IsHidden(p.Cause) {
			one.Hint = hiddenHint
		}
		one.At = engine.Origin{Stack: p.Stack}
		if len(p.Stack) == 0 {
			one.At = engine.Origin{Stack: []engine.Frame{{Function: v.Function, Position: p.Position}}}
		}
		list = append(list, one)
	}
	return list
}

// hiddenHint says what a policy can ask of a value that it does not see.
const hiddenHint = "is_known(value) tells whether a value is known, and is_secret(value) whether it is hidden: a policy sees that it is there and whether it changes, and never what it is"
