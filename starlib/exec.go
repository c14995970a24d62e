package starlib

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/internal/mask"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// Inputs are all that an evaluation depends on.
type Inputs struct {
	lang.Source

	// Lookup tells what the Master has of an instance; nil: nothing.
	Lookup engine.Lookup

	// Instance returns an instance that the Master has; nil: none.
	Instance func(name string) (slap.Instance, bool)

	// StandIn says that Instance returns what stands for an instance: no Master is asked, and
	// what one would say of it is to come.
	StandIn bool

	// Product returns the URL of the best software release of a product, or
	// an empty one when the Master does not know the product.
	Product func(ctx context.Context, name string) (string, error)

	// Products are names of products that are known, for suggestions: a Master
	// lists none.
	Products []string

	// Serialisation returns how parameters travel for which the file does not say it;
	// empty if that is not known: then they go each as its own text. An error counts only
	// where that cannot be. It may be nil.
	Serialisation func(context.Context, Travel) (slap.Serialisation, error)

	Mask *mask.Filter // learns the secrets and the credentials that the files get; may be nil

	Vars   map[string]lang.Var                                              // inputs, by name
	Secret func(ctx context.Context, name string) (value string, err error) // nil: there are none; see [ErrWithheld]
}

// A Travel asks how the parameters of an instance travel.
type Travel struct {
	Instance     string // its name
	Release      string
	SoftwareType string
	Shared       bool
	Nested       bool // parameters that go each as its own text cannot carry them
}

// ErrWithheld is what Inputs.Secret returns for a secret that whoever evaluates does not
// have, and does not need: what the files make of it is not known.
var ErrWithheld = errors.New("the secret is withheld")

func (in Inputs) lookup(r engine.Reference) (string, bool) {
	if in.Lookup == nil {
		return "", false
	}
	return in.Lookup(r)
}

func (in Inputs) instance(name string) (slap.Instance, bool) {
	if in.Instance == nil {
		return slap.Instance{}, false
	}
	return in.Instance(name)
}

// Exec evaluates a file and what it loads. Where it needs a value that is not
// known yet for a condition or a comparison it ends, without an error: the Config
// says that there is more, and has what is declared further down that does not depend on
// it. With an error, which is an [*Error] for all that the
// author of the files can mend, it returns what was declared before it.
//
// Evaluation is hermetic: the same inputs give the same Config, and inputs that
// only know more give one that [engine.Config.Extends] the one before.
func Exec(ctx context.Context, in Inputs) (*engine.Config, error) {
	e, err := New(ctx, in, nil)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	if err := e.exec(); err != nil || !e.HasNumbers() {
		return e.config, err
	}
	return e.config, e.followNumbers(ctx)
}

// exec evaluates the entry file, and looks for mistakes that only the end shows.
func (e *Evaluation) exec() error {
	_, more, err := e.Entry()
	if e.config.More = more; more != nil {
		err = e.rest(more)
		e.ReadAhead()
	}
	if len(e.faults) > 0 && e.Context().Err() == nil { // what else is wrong may come of them
		return &lang.Error{Problems: most(e.faults)}
	}
	if err == nil {
		err = e.finish()
	}
	return err
}

// finish looks for mistakes that only the end shows.
func (e *Evaluation) finish() error {
	e.checkClaims()
	if e.config.More == nil {
		e.checkDependencies()
		e.checkVars()
	}
	if len(e.Problems()) > 0 {
		return &lang.Error{Problems: most(e.Problems())}
	}
	return nil
}

// most are the first mistakes of many, and how many there are besides.
func most(list []lang.Problem) []lang.Problem {
	if len(list) <= maxMistakes {
		return list
	}
	last := list[maxMistakes]
	last.Message, last.Hint = fmt.Sprintf("and %d more mistakes, of which this is the first", len(list)-maxMistakes), ""
	return append(slices.Clip(list[:maxMistakes]), last)
}

// checkDependencies looks for names in depends_on that no file declares.
func (e *Evaluation) checkDependencies() {
	known := map[string]bool{}
	var names []string
	for _, i := range e.config.Instances() {
		names = append(names, i.Name)
		known[i.Name] = true
	}
	for _, name := range e.config.Reads {
		known[name] = true
	}
	for _, i := range e.config.Instances() {
		for _, name := range i.DependsOn {
			if !known[name] {
				err := fmt.Errorf("request: for parameter depends_on: no file declares an instance %q", name)
				if len(e.Problems()) < maxMistakes { // the others are only counted, and a suggestion looks at all names
					err = lang.Suggest(err, name, names)
				}
				e.Note(lang.NewProblem(i.Origin, err))
			}
		}
	}
}

// An Evaluation is an evaluation of files that declare.
type Evaluation struct {
	*lang.Evaluation

	inputs   Inputs
	hooks    Hooks // nil: of a file
	config   *engine.Config
	declared map[engine.Address]declaration
	outputs  map[string]*engine.FileOutput
	products map[string]string // URL to product name
	used     map[string]bool   // names of inputs that the files asked for
	given    map[engine.Published]bool
	faults   []lang.Problem // of inputs: a value is missing, or wrong
	beyond   bool           // what is behind a boundary is evaluated
}

// current returns the evaluation that a builtin runs in.
func current(thread *starlark.Thread) *Evaluation {
	return lang.Current(thread).Owner().(*Evaluation)
}

// New returns an evaluation for a session: it evaluates nothing by itself. It has to
// be closed.
func New(ctx context.Context, in Inputs, hooks Hooks) (*Evaluation, error) {
	e := &Evaluation{
		inputs:   in,
		hooks:    hooks,
		config:   &engine.Config{},
		declared: map[engine.Address]declaration{},
		outputs:  map[string]*engine.FileOutput{},
		products: map[string]string{},
		used:     map[string]bool{},
		given:    map[engine.Published]bool{},
	}
	var err error
	in.HoldsSecret = in.Mask.Holds
	e.Evaluation, err = lang.New(ctx, in.Source, starlark.StringDict{
		"request":        starlark.NewBuiltin("request", request),
		"supply":         starlark.NewBuiltin("supply", supply),
		"product":        product{e},
		"slap":           library{e},
		"getInformation": starlark.NewBuiltin("getInformation", getInformation),
		"var":            starlark.NewBuiltin("var", variable),
		"secret":         starlark.NewBuiltin("secret", secret),
		"owns":           starlark.NewBuiltin("owns", owns),
		"output":         starlark.NewBuiltin("output", fileOutput),
	}, e)
	if err != nil {
		return nil, err
	}
	return e, nil
}
