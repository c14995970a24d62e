package lang

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
)

// Limits of one evaluation.
const (
	MaxSteps    = 100_000_000 // Starlark instructions
	maxFiles    = 64          // that are loaded, with the entry file
	maxFileSize = 32 << 20    // bytes of one file, and of all together; 50 000 literal calls are 20 MB
	maxPrinted  = 1 << 20     // bytes that print writes
)

// A Source is the files that an evaluation sees, and where what they print goes.
type Source struct {
	File string // the entry file; empty: there is none, and what is evaluated comes from elsewhere
	Root string // the folder that load does not leave; empty: that of File
	Base string // a folder that Root does not leave, not by a link either; empty: any

	// Sources are files that were read already; nil: none are kept. Where they do
	// not come from disk, File is the name of the entry file among them, and Root is
	// not used.
	Sources *Sources

	Print func(engine.Position, string) // receives what print writes; may be nil

	// HoldsSecret reports whether a text holds a secret of the run: file does not read
	// one. It may be nil.
	HoldsSecret func(text string) bool

	Follow *Follow // numbers are followed; nil: they are numbers

	LoadOnly bool // there is neither file nor load_data: files come by load alone

	Memory uint64 // bytes that the values may take; 0: 1 GiB
	Place  *Place // is moved along with the evaluation; may be nil
}

// An Evaluation is the state of one evaluation of files: what runs, where it looks
// for files, and what went wrong so far. It is used by one goroutine at a time.
type Evaluation struct {
	ctx      context.Context
	owner    any
	problems []Problem // mistakes after which the evaluation went on

	// moreNames returns names that the files may use besides the predeclared ones,
	// for suggestions; it may be nil.
	moreNames func() []string

	print       func(engine.Position, string)
	sources     *Sources
	root        *os.Root // nil: the files do not come from disk
	name        string   // of the entry file below the root
	thread      *starlark.Thread
	modules     map[string]*module
	predeclared starlark.StringDict

	files, bytes int             // that were loaded
	read         map[string]bool // by file and load_data

	holdsSecret func(text string) bool // may be nil

	printing bool // print or fail is running
	printed  int  // bytes

	maxMemory  uint64 // bytes
	baseMemory uint64 // bytes, when it began
	marks      *marker

	origins origins // of known values of the Master
	tracing bool    // an operation is done again for the origin of what it made
	numbers bool    // numbers, or truths, were read that do not say where they come from
	follow  *Follow // nil: numbers are not followed

	encoding *formatting // of json.encode, while it runs
	writing  *formatting // of str, while it writes what holds texts
	stopped  *Problem    // what ended the evaluation from inside, see Stop
	met      *met        // where the entry file ended before its end; nil: it did not
}

const evaluationKey = "slapstar"

// Current returns the evaluation that a builtin runs in.
func Current(thread *starlark.Thread) *Evaluation {
	return thread.Local(evaluationKey).(*Evaluation)
}

// New returns an evaluation of files that see the predeclared names and those of
// Starlark, struct, file, load_data and the modules. Owner is for the builtins of the
// caller: they find it with [Evaluation.Owner]. The evaluation has to be closed.
func New(ctx context.Context, s Source, predeclared starlark.StringDict, owner any) (*Evaluation, error) {
	root, name, err := openEntry(s)
	if err != nil {
		return nil, err
	}
	e := &Evaluation{
		ctx:         ctx,
		owner:       owner,
		print:       s.Print,
		sources:     s.Sources,
		holdsSecret: s.HoldsSecret,
		follow:      s.Follow,
		root:        root,
		name:        name,
		modules:     map[string]*module{},
		predeclared: maps.Clone(predeclared),
		maxMemory:   cmp.Or(s.Memory, maxMemory),
		marks:       &marker{place: cmp.Or(s.Place, &Place{}), movers: map[string]bool{}},
	}
	if e.predeclared == nil {
		e.predeclared = starlark.StringDict{}
	}
	for name, v := range predeclared {
		if b, ok := v.(*starlark.Builtin); ok {
			e.marks.movers[name] = true
			e.predeclared[name] = e.marks.moving(b)
		}
	}
	e.predeclared["struct"] = starlark.NewBuiltin("struct", makeStruct)
	if !s.LoadOnly {
		e.predeclared["file"] = starlark.NewBuiltin("file", readText)
		e.predeclared["load_data"] = starlark.NewBuiltin("load_data", loadData)
	}
	maps.Copy(e.predeclared, modules)
	maps.Copy(e.predeclared, guards)
	maps.Copy(e.predeclared, methodGuards)
	e.predeclared[markName], e.predeclared[keysName], e.predeclared[indexedName] = e.marks, keys{}, indexed{e: e}
	if e.follow != nil {
		e.followNumbers()
	}
	e.run("main", MaxSteps)
	return e, nil
}

// Limit sets how many Starlark instructions the evaluation may take; it is MaxSteps
// otherwise.
func (e *Evaluation) Limit(steps uint64) { e.watchMemory(steps) }

// Files returns the files below the root. They are those on disk.
func (e *Evaluation) Files() fs.FS { return e.root.FS() }

// Thread returns what runs the evaluation.
func (e *Evaluation) Thread() *starlark.Thread { return e.thread }

// Close ends the access to the files.
func (e *Evaluation) Close() error {
	if e.root == nil {
		return nil
	}
	return e.root.Close()
}

// Owner returns what New was given for the builtins of the caller.
func (e *Evaluation) Owner() any { return e.owner }

// Context returns the context of the evaluation, or of the entry that runs.
func (e *Evaluation) Context() context.Context { return e.ctx }

// Name returns the name of the entry file below the root; empty: there is none.
func (e *Evaluation) Name() string { return e.name }

// Predeclared returns the names that every file may use. They are not to be changed.
func (e *Evaluation) Predeclared() starlark.StringDict { return e.predeclared }

// Suggest sets what returns names that may be used besides the predeclared ones.
func (e *Evaluation) Suggest(names func() []string) { e.moreNames = names }

// run makes a new thread of which the steps are limited.
func (e *Evaluation) run(name string, steps uint64) {
	e.thread = &starlark.Thread{Name: name, Load: e.load, Print: e.printLine}
	e.thread.SetLocal(evaluationKey, e)
	e.watchMemory(steps)
}

// Begin makes the evaluation ready for another entry: limits and mistakes are those
// of the entry, and files are loaded anew.
func (e *Evaluation) Begin(ctx context.Context) {
	e.ctx, e.stopped, e.problems, e.printed, e.encoding, e.writing = ctx, nil, nil, 0, nil, nil
	e.files, e.bytes, e.read = 0, 0, nil
	clear(e.modules)
	e.run("console", MaxSteps)
}

// Watch ends what runs when the context of the evaluation does. The caller calls
// stop after that.
func (e *Evaluation) Watch() (stop func() bool) {
	thread := e.thread
	return context.AfterFunc(e.ctx, func() { thread.Cancel("interrupted") })
}

// Entry evaluates the entry file and explains what is wrong with it. Where a
// condition or a comparison needs a value that is not known yet it returns that
// boundary, and no error.
func (e *Evaluation) Entry() (starlark.StringDict, *engine.Boundary, error) {
	defer e.Watch()()
	globals, err := e.module(e.name)
	switch {
	case e.ctx.Err() != nil:
		return nil, nil, e.interrupted(err)
	case e.stopped == nil && err != nil:
		if more := boundary(err); more != nil {
			return nil, more, nil
		}
	}
	if err != nil || e.stopped != nil {
		return nil, nil, e.Explain(err)
	}
	return globals, nil, nil
}

// interrupted is the error of an evaluation whose context ended: that of the context
// alone where somebody has interrupted it, who knows.
func (e *Evaluation) interrupted(err error) error {
	if errors.Is(context.Cause(e.ctx), context.Canceled) {
		return e.ctx.Err()
	}
	return Interrupted(e.ctx, err)
}

// boundary returns where an evaluation ended because a condition or a comparison
// needs a value that is not known yet, or nil.
func boundary(err error) *engine.Boundary {
	eval, isEval := errors.AsType[*starlark.EvalError](err)
	u, isUnknown := errors.AsType[*UnknownError](err)
	if !isEval || !isUnknown || !u.boundary {
		return nil
	}
	return &engine.Boundary{Reference: u.Reference, Secret: u.Secret, Use: u.Use, Origin: engine.Origin{Stack: frames(innermost(eval).CallStack)}}
}

// A Call is a call of a function of a file that was evaluated before.
type Call struct {
	Function *starlark.Function
	Args     starlark.Tuple
	Steps    uint64 // Starlark instructions that it may take
	Owner    any    // for the builtins of the caller
}

// Call calls a function in a thread and with limits of its own, so that it may be
// called concurrently, and when the evaluation is closed. The function cannot load
// files; file and load_data read until the evaluation is closed. Errors are those of
// [Evaluation.Entry].
func (e *Evaluation) Call(ctx context.Context, c Call) (starlark.Value, error) {
	return e.Caller(ctx).Call(c)
}

// Dialect is Starlark as an operator meets it elsewhere: statements at the top
// level, sets, names that can be assigned again.
var Dialect = &syntax.FileOptions{Set: true, TopLevelControl: true, GlobalReassign: true}

func (e *Evaluation) printLine(thread *starlark.Thread, message string) {
	if e.printed += len(message) + 1; e.printed > maxPrinted {
		e.Stop(Hint(fmt.Errorf("print wrote more than %d MiB", maxPrinted>>20), loopHint))
		return
	}
	if e.print != nil {
		e.print(OriginOf(thread).Position(), message)
	}
}

const loopHint = "is there a loop that does not end?"

// Stop ends the evaluation where there is no way to return an error. It stays
// the first one that counts.
func (e *Evaluation) Stop(err error) {
	if e.tracing { // what goes wrong then has gone well before
		return
	}
	if e.stopped == nil {
		o := OriginOf(e.thread)
		p := NewProblem(o, err)
		e.stopped = &p
	}
	e.thread.Cancel(err.Error())
}

// Stopped reports whether Stop ended the evaluation.
func (e *Evaluation) Stopped() bool { return e.stopped != nil }

// Note adds a mistake after which the evaluation goes on.
func (e *Evaluation) Note(p Problem) { e.problems = append(e.problems, p.short()) }

// Forget takes back the last n mistakes that were noted.
func (e *Evaluation) Forget(n int) { e.problems = slices.Clip(e.problems[:len(e.problems)-n]) }

// Problems returns the mistakes that were noted so far. They are not to be changed.
func (e *Evaluation) Problems() []Problem { return e.problems }

// Explain turns what Starlark says into what the user reads, after the mistakes that
// were noted. An error that is none of Starlark's comes back as it is.
func (e *Evaluation) Explain(err error) error {
	explained := e.explain(err)
	if ours, ok := errors.AsType[*Error](explained); ok {
		for i, p := range ours.Problems {
			ours.Problems[i] = p.short()
		}
	}
	return explained
}

func (e *Evaluation) explain(err error) error {
	if e.stopped != nil {
		return &Error{Problems: append(e.problems, *e.stopped)}
	}
	if errors.Is(err, ErrMistake) && len(e.problems) > 0 {
		return &Error{Problems: e.problems}
	}
	explained := newError(err)
	ours, ok := errors.AsType[*Error](explained)
	if !ok {
		return explained
	}
	ours.Problems = append(slices.Clone(e.problems), ours.Problems...)
	for i := range ours.Problems {
		p := &ours.Problems[i]
		if strings.HasPrefix(p.Message, undefined) && p.Hint == "" {
			p.Hint = DidYouMean(strings.TrimPrefix(p.Message, undefined), e.Names())
		}
	}
	return ours
}

// undefined starts what starlark-go says of an unknown name. It compares the
// name with those of the file, and cannot list the predeclared ones.
const undefined = "undefined: "

// Names returns the names that every file may use. Those that rewrite uses are not
// among them: no file can write them.
func (e *Evaluation) Names() []string {
	list := starlark.Universe.Keys()
	for _, name := range e.predeclared.Keys() {
		if !guards.Has(name) && !methodGuards.Has(name) && name != markName && name != keysName && name != indexedName {
			list = append(list, name)
		}
	}
	if e.moreNames != nil {
		list = append(list, e.moreNames()...)
	}
	return list
}
