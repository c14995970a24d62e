package starlib

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.starlark.net/lib/math"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"

	"slapstar/engine"
	"slapstar/slap"
)

// Limits of one evaluation.
const (
	maxSteps    = 100_000_000 // Starlark instructions
	maxFileSize = 32 << 20    // bytes of one file; 50 000 literal calls are 20 MB
	maxPrinted  = 1 << 20     // bytes that print writes
)

// Inputs are all that an evaluation depends on.
type Inputs struct {
	File string // the entry file
	Root string // the folder that load does not leave; empty: that of File

	// Sources are files that were read already; nil: none are kept. Where they do
	// not come from disk, File is the name of the entry file among them, and Root is
	// not used.
	Sources *Sources

	// Connection returns a connection parameter that the Master has; nil: none.
	Connection func(instance, key string) (string, bool)

	// Instance returns an instance that the Master has; nil: none.
	Instance func(name string) (slap.Instance, bool)

	// Product returns the URL of the best software release of a product, or
	// an empty one when the Master does not know the product.
	Product func(ctx context.Context, name string) (string, error)

	// Products are names of products that are known, for suggestions: a Master
	// lists none.
	Products []string

	// Serialisation returns what the schema of a release says of a software type;
	// empty when it says nothing. It is asked for parameters that plain XML cannot
	// carry. It may be nil.
	Serialisation func(ctx context.Context, release, softwareType string, shared bool) (slap.Serialisation, error)

	Vars   map[string]Var                                                   // inputs, by name
	Secret func(ctx context.Context, name string) (value string, err error) // nil: there are none

	Print func(engine.Position, string) // receives what print writes; may be nil
}

func (in Inputs) connection(instance, key string) (string, bool) {
	if in.Connection == nil {
		return "", false
	}
	return in.Connection(instance, key)
}

func (in Inputs) instance(name string) (slap.Instance, bool) {
	if in.Instance == nil {
		return slap.Instance{}, false
	}
	return in.Instance(name)
}

// Exec evaluates a file and what it loads. Where it needs a value that is not
// known yet for a condition or a comparison it ends, without an error: the Config
// says that there is more. With an error, which is an [*Error] for all that the
// author of the files can mend, it returns what was declared before it.
//
// Evaluation is hermetic: the same inputs give the same Config, and inputs that
// only know more give one that [engine.Config.Extends] the one before.
func Exec(ctx context.Context, in Inputs) (*engine.Config, error) {
	root, name, err := openEntry(&in)
	if err != nil {
		return nil, err
	}
	if root != nil {
		defer root.Close()
	}
	e := newEvaluation(ctx, in, root)
	_, err = e.entry(name)
	if err == nil {
		err = e.finish()
	}
	if e.config.More != nil {
		e.readAhead()
	}
	return e.config, err
}

// finish looks for mistakes that only the end shows.
func (e *evaluation) finish() error {
	e.checkClaims()
	if e.config.More == nil {
		e.checkDependencies()
		e.checkVars()
	}
	if len(e.problems) > 0 {
		return &Error{Problems: e.problems}
	}
	return nil
}

// checkDependencies looks for names in depends_on that no file declares.
func (e *evaluation) checkDependencies() {
	known := map[string]bool{}
	var names []string
	for _, i := range e.config.Instances() {
		names = append(names, i.Name)
		known[i.Name] = true
	}
	for _, name := range e.config.Asked {
		known[name] = true
	}
	for _, i := range e.config.Instances() {
		for _, name := range i.DependsOn {
			if !known[name] {
				e.problems = append(e.problems, Problem{
					Position: i.Origin.Position(),
					Stack:    i.Origin.Stack,
					Message:  fmt.Sprintf("request: for parameter depends_on: no file declares an instance %q", name),
					Hint:     didYouMean(name, names),
				})
			}
		}
	}
}

// entry evaluates the entry file and explains what is wrong with it.
func (e *evaluation) entry(name string) (starlark.StringDict, error) {
	watch := context.AfterFunc(e.ctx, func() { e.thread.Cancel("interrupted") })
	defer watch()
	e.name = name
	globals, err := e.module(name)
	switch {
	case e.ctx.Err() != nil:
		return nil, e.ctx.Err()
	case e.stopped == nil && err != nil:
		if e.config.More = boundary(err); e.config.More != nil {
			return nil, nil
		}
	}
	if err != nil || e.stopped != nil {
		return nil, e.explain(err)
	}
	return globals, nil
}

// boundary returns where an evaluation ended because a condition or a comparison
// needs a value that is not known yet, or nil.
func boundary(err error) *engine.Boundary {
	var eval *starlark.EvalError
	var u *unknownError
	if !errors.As(err, &eval) || !errors.As(err, &u) || !u.boundary {
		return nil
	}
	return &engine.Boundary{Reference: u.reference, Use: u.use, Origin: engine.Origin{Stack: frames(innermost(eval).CallStack)}}
}

// An evaluation is the state of one Exec.
type evaluation struct {
	ctx    context.Context
	inputs Inputs
	root   *os.Root
	name   string // of the entry file below the root
	thread *starlark.Thread

	modules     map[string]*module
	predeclared starlark.StringDict

	config   *engine.Config
	declared map[engine.Address]declaration
	products map[string]string // URL to product name
	problems []Problem         // mistakes after which the evaluation went on
	asked    map[string]bool   // names of inputs that the files asked for
	given    map[engine.Published]bool
	printing bool     // print or fail is running
	printed  int      // bytes
	harness  Harness  // of a test; nil elsewhere
	session  *Session // that the evaluation is of; nil elsewhere
	live     Live     // of a session whose calls act at once; nil elsewhere

	baseMemory uint64 // bytes, when it began

	encoding *formatting // of json.encode, while it runs
	stopped  *Problem    // what ended the evaluation from inside, see stop
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
		asked:    map[string]bool{},
		given:    map[engine.Published]bool{},
	}
	e.thread = &starlark.Thread{Name: "main", Load: e.load, Print: e.print}
	e.watchMemory(maxSteps)
	e.thread.SetLocal(evaluationKey, e)
	e.predeclared = starlark.StringDict{
		"request":        starlark.NewBuiltin("request", request),
		"supply":         starlark.NewBuiltin("supply", supply),
		"product":        product{e},
		"slap":           library{e},
		"getInformation": starlark.NewBuiltin("getInformation", getInformation),
		"var":            starlark.NewBuiltin("var", variable),
		"secret":         starlark.NewBuiltin("secret", secret),
		"owns":           starlark.NewBuiltin("owns", owns),
		"struct":         starlark.NewBuiltin("struct", starlarkstruct.Make),
		"json":           jsonModule,
		"math":           math.Module,
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
	if e.printed += len(message) + 1; e.printed > maxPrinted {
		e.stop(fmt.Sprintf("print wrote more than %d MiB", maxPrinted>>20), "is there a loop that does not end?")
		return
	}
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
		return &Error{Problems: append(e.problems, *e.stopped)}
	}
	if errors.Is(err, errBroken) && len(e.problems) > 0 {
		return &Error{Problems: e.problems}
	}
	explained := newError(err)
	var ours *Error
	if !errors.As(explained, &ours) {
		return explained
	}
	ours.Problems = append(slices.Clone(e.problems), ours.Problems...)
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
	if e.session != nil {
		list = append(list, e.session.userNames()...)
	}
	return list
}
