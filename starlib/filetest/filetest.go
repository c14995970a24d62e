// Package filetest runs the tests of Starlark files: functions test_* that plan and
// apply files, and look at what comes of it.
//
// What plans and applies, and on which Master, is the [Harness] of the caller. The
// package knows neither.
package filetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// A Harness is what the tests of a file run against: a Master of their own.
type Harness interface {
	// Plan evaluates a file and compares.
	Plan(ctx context.Context, f File) (*engine.Plan, string, error)
	// Apply carries the plan of a file out, all stages of it, and returns the
	// plan that is left.
	Apply(ctx context.Context, f File) (*engine.Plan, string, error)
	// Policy has the policies of a file judge a plan.
	Policy(ctx context.Context, file string, p *engine.Plan, c engine.Circumstances) ([]engine.Verdict, error)
	// Simulate makes the nodes of the Master do what a simulation file says, which is
	// relative to that of the tests. It is called before the others.
	Simulate(ctx context.Context, file string) error
	// Golden compares text with a file, relative to that of the tests.
	Golden(file, text string) error
}

// A File is an entry file, relative to that of the tests, and its inputs.
type File struct {
	Name    string
	Vars    map[string]lang.Var
	Secrets map[string]string
}

// A Result is what became of one function test_*.
type Result struct {
	Name string
	Err  error // nil: it passed; an [*lang.Error] for what the author can mend
}

// maxTestSteps is how many Starlark instructions one test may take.
const maxTestSteps = 10_000_000

// Run evaluates a file of tests and calls each function test_*, in order, with
// a harness of its own. The error is that of the file itself.
func Run(ctx context.Context, files lang.Source, selected func(name string) bool, newHarness func() (Harness, func() error), report func(Result)) error {
	all := &fileNodes{}
	e, err := lang.New(ctx, files, starlark.StringDict{
		"assert":   assertModule,
		"plan":     starlark.NewBuiltin("plan", harnessCall(Harness.Plan)),
		"apply":    starlark.NewBuiltin("apply", harnessCall(Harness.Apply)),
		"policy":   starlark.NewBuiltin("policy", judge),
		"simulate": starlark.NewBuiltin("simulate", simulate),
	}, all)
	if err != nil {
		return err
	}
	defer e.Close()
	globals, _, err := e.Entry()
	if err != nil {
		return err
	}
	var tests []*starlark.Function
	for _, name := range globals.Keys() {
		if f, ok := globals[name].(*starlark.Function); ok && strings.HasPrefix(name, "test_") && selected(name) {
			tests = append(tests, f)
		}
	}
	slices.SortFunc(tests, func(a, b *starlark.Function) int { return int(a.Position().Line) - int(b.Position().Line) })
	for _, f := range tests {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		report(Result{f.Name(), runTest(ctx, e, f, all, newHarness)})
	}
	return nil
}

func runTest(ctx context.Context, e *lang.Evaluation, f *starlark.Function, nodes *fileNodes, newHarness func() (Harness, func() error)) (err error) {
	if f.NumParams() != 0 {
		return lang.NewError(lang.PositionOf(f.Position()), errors.New(f.Name()+": want a function without parameters"))
	}
	harness, closeHarness := newHarness()
	defer func() { err = errors.Join(err, closeHarness()) }()
	if nodes.file != "" {
		if err := harness.Simulate(ctx, nodes.file); err != nil {
			return err
		}
	}
	_, err = e.Call(ctx, lang.Call{Function: f, Steps: maxTestSteps, Owner: harness})
	return err
}

// harnessOf returns what the running test runs against.
func harnessOf(thread *starlark.Thread, b *starlark.Builtin) (Harness, error) {
	harness, ok := lang.Current(thread).Owner().(Harness)
	if !ok {
		return nil, fmt.Errorf("%s works inside of a function test_* only", b.Name())
	}
	return harness, nil
}

// fileNodes says what the nodes of all tests of a file do.
type fileNodes struct {
	file string // a simulation file, relative to that of the tests; empty: none
}

// simulate names the simulation file of a test, or, called outside of all, of each.
//
//	simulate(file)
func simulate(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var file lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "file", &file); err != nil {
		return nil, err
	}
	switch owner := lang.Current(thread).Owner().(type) {
	case *fileNodes:
		owner.file = string(file)
	case Harness:
		if err := owner.Simulate(lang.Current(thread).Context(), string(file)); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
	}
	return starlark.None, nil
}

// harnessCall is plan or apply: a file and its inputs, and what comes of them.
//
//	plan(file, vars={}, secrets={})
func harnessCall(call func(Harness, context.Context, File) (*engine.Plan, string, error)) func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
	return func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var file lang.Name
		var vars, secrets *starlark.Dict
		if err := lang.UnpackArgs(b.Name(), args, kwargs, "file", &file, "vars?", &vars, "secrets?", &secrets); err != nil {
			return nil, err
		}
		harness, err := harnessOf(thread, b)
		if err != nil {
			return nil, err
		}
		f := File{string(file), map[string]lang.Var{}, map[string]string{}}
		err = eachInput(vars, func(name string, value starlark.Value) error {
			document, err := lang.EncodeJSON(thread, nil, starlark.Tuple{value}, nil)
			if err != nil {
				return err
			}
			text, _ := starlark.AsString(document)
			f.Vars[name] = lang.Var{JSON: []byte(text), Explicit: true}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: vars: %w", b.Name(), err)
		}
		err = eachInput(secrets, func(name string, value starlark.Value) error {
			text, ok := starlark.AsString(value)
			if !ok {
				return fmt.Errorf("%s: got %s, want a string", name, value.Type())
			}
			f.Secrets[name] = text
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: secrets: %w", b.Name(), err)
		}
		p, text, err := call(harness, lang.Current(thread).Context(), f)
		if err != nil {
			err = fmt.Errorf("%s: %w", b.Name(), err)
			if ours, ok := errors.AsType[*lang.Error](err); ok && len(ours.Problems) == 1 && ours.Problems[0].Hint != "" {
				err = lang.Hint(err, ours.Problems[0].Hint)
			}
			return nil, err
		}
		return planValue(p, text), nil
	}
}

// eachInput calls f with each item of a dictionary of inputs; nil has none.
func eachInput(given *starlark.Dict, f func(name string, value starlark.Value) error) error {
	if given == nil {
		return nil
	}
	for _, item := range given.Items() {
		key, ok := starlark.AsString(item[0])
		if !ok {
			return fmt.Errorf("got key %s, want a string", item[0])
		}
		if err := f(key, item[1]); err != nil {
			return err
		}
	}
	return nil
}

// planValue is a plan as a test looks at it.
func planValue(p *engine.Plan, text string) starlark.Value {
	changes := []starlark.Value{}
	for _, c := range p.Changes {
		if !c.Pending() {
			continue
		}
		attributes := starlark.NewDict(len(c.Attributes))
		for _, a := range c.Attributes {
			name := a.Name
			if a.Group != "" {
				name = a.Group + "." + a.Name
			}
			var after starlark.Value = starlark.None
			if a.After != nil {
				after = starlark.String(a.After.Display())
			}
			attributes.SetKey(starlark.String(name), after) // a new dictionary takes any text
		}
		changes = append(changes, starlarkstruct.FromStringDict(starlarkstruct.Default, starlark.StringDict{
			"action": starlark.String(c.Action), "address": starlark.String(c.Address()), "attributes": attributes,
		}))
	}
	refusals := []starlark.Value{}
	for _, r := range p.Refusals {
		refusals = append(refusals, starlark.String(fmt.Sprintf("%s: %s", r.Address, r.Message)))
	}
	return &planned{plan: p, fields: starlarkstruct.FromStringDict(starlarkstruct.Default, starlark.StringDict{
		"create":    starlark.MakeInt(p.Count(engine.Create)),
		"update":    starlark.MakeInt(p.Count(engine.Update)),
		"destroy":   starlark.MakeInt(p.Count(engine.Delete)),
		"unchanged": starlark.MakeInt(p.Count(engine.NoOp)),
		"empty":     starlark.Bool(!p.Pending()),
		"more":      starlark.Bool(p.More != nil),
		"changes":   starlark.NewList(changes),
		"refusals":  starlark.NewList(refusals),
		"outputs":   outputs(p),
		"text":      starlark.String(text),
	})}
}
