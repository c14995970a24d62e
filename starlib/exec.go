package starlib

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.starlark.net/lib/json"
	"go.starlark.net/lib/math"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"

	"slapstar/engine"
)

// Limits of one evaluation.
const (
	maxSteps    = 100_000_000 // Starlark instructions
	maxFileSize = 8 << 20     // bytes of one file
)

// Inputs are all that an evaluation depends on.
type Inputs struct {
	File string // the entry file
	Root string // the folder that load does not leave; empty: that of File

	// Connection returns a connection parameter that the Master has.
	Connection func(instance, key string) (string, bool)

	// Product returns the URL of the best software release of a product, or
	// an empty one when the Master does not know the product.
	Product func(ctx context.Context, name string) (string, error)

	Print func(engine.Position, string) // receives what print writes; may be nil
}

// Exec evaluates a file and what it loads. With an error, which is an [*Error]
// for all that the author of the files can mend, it returns what was declared
// before it.
func Exec(ctx context.Context, in Inputs) (*engine.Config, error) {
	root, name, err := openEntry(&in)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	e := newEvaluation(ctx, in, root)
	_, err = e.entry(name)
	return e.config, err
}

// openEntry opens the root folder of an evaluation and returns the name of the
// entry file below it.
func openEntry(in *Inputs) (root *os.Root, name string, err error) {
	// A link to an entry file elsewhere stands for that file, and its folder.
	if file, err := filepath.EvalSymlinks(in.File); err == nil {
		in.File = file
	}
	if in.Root == "" {
		in.Root = filepath.Dir(in.File)
	}
	if root, err = os.OpenRoot(in.Root); err != nil {
		return nil, "", err
	}
	if name, err = entryName(*in); err != nil {
		root.Close()
		return nil, "", err
	}
	return root, name, nil
}

// entry evaluates the entry file and explains what is wrong with it.
func (e *evaluation) entry(name string) (starlark.StringDict, error) {
	watch := context.AfterFunc(e.ctx, func() { e.thread.Cancel("interrupted") })
	defer watch()
	globals, err := e.module(name)
	switch {
	case e.ctx.Err() != nil:
		err = e.ctx.Err()
	case err != nil || e.stopped != nil:
		err = e.explain(err)
	}
	return globals, err
}

// entryName returns the name of the entry file below the root, with slashes.
func entryName(in Inputs) (string, error) {
	info, err := os.Stat(in.File)
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return "", fmt.Errorf("%s is a folder, want a file", in.File)
	}
	root, err := filepath.Abs(in.Root)
	if err != nil {
		return "", err
	}
	file, err := filepath.Abs(in.File)
	if err != nil {
		return "", err
	}
	name, err := filepath.Rel(root, file)
	if err != nil || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%s is not below the root %s", in.File, in.Root)
	}
	return filepath.ToSlash(name), nil
}

// An evaluation is the state of one Exec.
type evaluation struct {
	ctx    context.Context
	inputs Inputs
	root   *os.Root
	thread *starlark.Thread

	modules     map[string]*module
	predeclared starlark.StringDict

	config   *engine.Config
	declared map[engine.Address]declaration
	products map[string]string // URL to product name
	printing bool              // print or fail is running
	stopped  *Problem          // what ended the evaluation from inside, see stop
}

const evaluationKey = "slapstar"

// current returns the evaluation that a builtin runs in.
func current(thread *starlark.Thread) *evaluation {
	return thread.Local(evaluationKey).(*evaluation)
}

func newEvaluation(ctx context.Context, in Inputs, root *os.Root) *evaluation {
	e := &evaluation{
		ctx:      ctx,
		inputs:   in,
		root:     root,
		modules:  map[string]*module{},
		config:   &engine.Config{},
		declared: map[engine.Address]declaration{},
		products: map[string]string{},
	}
	e.thread = &starlark.Thread{Name: "main", Load: e.load, Print: e.print}
	e.thread.SetMaxExecutionSteps(maxSteps)
	e.thread.OnMaxSteps = func(*starlark.Thread) {
		e.stop(fmt.Sprintf("stopped after %d million steps", maxSteps/1_000_000), "is there a loop that does not end?")
	}
	e.thread.SetLocal(evaluationKey, e)
	e.predeclared = starlark.StringDict{
		"request": starlark.NewBuiltin("request", request),
		"supply":  starlark.NewBuiltin("supply", supply),
		"product": product{e},
		"struct":  starlark.NewBuiltin("struct", starlarkstruct.Make),
		"json":    json.Module,
		"math":    math.Module,
	}
	for name, value := range guards {
		e.predeclared[name] = value
	}
	return e
}

// dialect is Starlark as an operator meets it elsewhere: statements at the top
// level, sets, names that can be assigned again.
var dialect = &syntax.FileOptions{Set: true, TopLevelControl: true, GlobalReassign: true}

func (e *evaluation) print(thread *starlark.Thread, message string) {
	if e.inputs.Print != nil {
		e.inputs.Print(origin(thread).Position(), message)
	}
}

// stop ends the evaluation where there is no way to return an error. It stays
// the first one that counts.
func (e *evaluation) stop(message, hint string) {
	if e.stopped == nil {
		o := origin(e.thread)
		e.stopped = &Problem{Position: o.Position(), Message: message, Stack: o.Stack, Hint: hint}
	}
	e.thread.Cancel(message)
}

// explain turns what Starlark says into what the user reads.
func (e *evaluation) explain(err error) error {
	if e.stopped != nil {
		return &Error{Problems: []Problem{*e.stopped}}
	}
	explained := newError(err)
	var ours *Error
	if !errors.As(explained, &ours) {
		return explained
	}
	for i := range ours.Problems {
		p := &ours.Problems[i]
		if strings.HasPrefix(p.Message, undefined) && p.Hint == "" {
			p.Hint = didYouMean(strings.TrimPrefix(p.Message, undefined), e.names())
		}
	}
	return ours
}

// undefined starts what starlark-go says of an unknown name. It compares the
// name with those of the file, and cannot list the predeclared ones.
const undefined = "undefined: "

// names returns the names that every file may use. Those of guards are not
// among them: no file can write them.
func (e *evaluation) names() []string {
	list := starlark.Universe.Keys()
	for _, name := range e.predeclared.Keys() {
		if !guards.Has(name) {
			list = append(list, name)
		}
	}
	return list
}
