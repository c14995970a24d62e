package console

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
	"slapstar/internal/mask"
	"slapstar/slap"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// A Session evaluates one entry after the other, as they are typed: what one
// defines the next can use. Without a Live it collects what the entries declare;
// with one their calls act on the Master at once.
//
// An entry is a transaction. One that fails leaves nothing behind: no name is
// bound, no list, dictionary or set that a name leads to is changed, nothing is
// declared. What it has written or asked of the Master stays.
//
// A function sees what its names stand for when it is called, as in a file and
// in Python: [starlark.ExecREPLChunk] copies the globals into each entry, after
// which a function would go on with what they were. So each statement is compiled
// as a file of its own whose predeclared names are those of the session.
//
// A Session is used by one goroutine at a time.
type Session struct {
	e        *starlib.Evaluation
	live     Live    // nil: the session is staged
	staging  Staging // nil: calls act at once
	inputs   starlib.Inputs
	builtins starlark.StringDict // the names that were there at the beginning
	names    starlark.StringDict // all names; the functions of entries look into this very map
	options  Options
	entries  int
	before   engine.Config            // what was declared before this entry, or since it took something back
	staged   []engine.Config          // what was declared before each entry that declared something, in order
	secrets  []engine.Part            // what secret() gave, each value once
	read     *engine.State            // of the last instance that a request names
	looked   map[string]*engine.State // what a staged entry has read, by instance

	print func(engine.Position, string) // may be nil

	// Values that the Master had under a name which looks like that of a credential,
	// wherever an entry has put them.
	credentials map[string]bool
}

// Options are what a session needs besides the inputs.
type Options struct {
	Live    Live    // nil: the session is staged
	Staging Staging // of a staged session

	// Products lists the software products, for products(). It may be nil: there are none.
	Products func(context.Context) ([]slap.SoftwareProduct, error)

	// Manual says what software releases take, for help and completion. It may be nil.
	Manual Manual

	// Suggest returns names for completion; it must not take long. It may be nil.
	Suggest func(Kind) []string

	ShowSecrets bool // in results; what secret() returned is never shown
	Untrusted   bool // what looks like a credential flows into parameters only, as in a file
}

// A Kind is what a name for completion names.
type Kind string

// The kinds of names that a Master knows.
const (
	InstanceName Kind = "instance"
	NodeName     Kind = "computer"
	ProductName  Kind = "product"
)

// New begins a session. Of the inputs, File is the script that it is for,
// or empty; load reads below Root. The session has to be closed.
func New(in starlib.Inputs, o Options) (*Session, error) {
	if in.File != "" {
		if info, err := os.Stat(in.File); err != nil {
			return nil, err
		} else if info.IsDir() {
			return nil, fmt.Errorf("%s is a folder, want a file", in.File)
		}
	}
	s := &Session{options: o, live: o.Live, staging: o.Staging, print: in.Print, credentials: map[string]bool{}}
	if given := in.Secret; given != nil {
		in.Secret = func(ctx context.Context, name string) (string, error) {
			value, err := given(ctx, name)
			known := slices.ContainsFunc(s.secrets, func(p engine.Part) bool { return p.Literal == value })
			if err == nil && value != "" && !known {
				s.secrets = append(s.secrets, engine.Part{Literal: value, Secret: name})
			}
			return value, err
		}
	}
	if o.Live == nil {
		in.Instance, in.Lookup = s.lookedInstance, s.lookedUp
	}
	if in.Mask == nil {
		in.Mask = mask.New()
	}
	s.inputs = in
	var err error
	if s.e, err = starlib.New(context.Background(), in, hooks{s}); err != nil {
		return nil, err
	}
	s.e.Suggest(s.userNames)
	s.names = maps.Clone(s.e.Predeclared())
	if o.Live != nil {
		s.names["slap"] = library{s, s.names["slap"].(starlark.HasAttrs)}
	}
	for name, builtin := range consoleBuiltins {
		s.names[name] = s.bind(name, builtin)
	}
	s.builtins = maps.Clone(s.names)
	return s, nil
}

// A sessionFunc is what a builtin of a session does.
type sessionFunc = func(*Session, *starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error)

// bind makes a builtin of the session.
func (s *Session) bind(name string, do sessionFunc) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return do(s, thread, b, args, kwargs)
	})
}

// ctx is the context of the entry that runs.
func (s *Session) ctx() context.Context { return s.e.Context() }

// Close ends the session.
func (s *Session) Close() error { return s.e.Close() }

// Script evaluates a whole file as [starlib.Exec] does: nothing is shown, and the
// positions in errors are those in the file. Without a source it is the file of
// the inputs.
func (s *Session) Script(ctx context.Context, name string, source []byte) error {
	if source == nil {
		name = s.e.Name()
		var err error
		if source, err = s.e.Read(name); err != nil {
			return err
		}
	}
	_, err := s.transaction(ctx, func() (starlark.Value, error) {
		file, err := s.e.Parse(consoleDialect, name, source)
		if err != nil {
			return nil, err
		}
		return s.statements(file, file.Stmts)
	})
	return err
}

// Entry evaluates what was typed at a prompt, and returns what is to be shown of
// it: the values of its expressions but for None, the last of which becomes the
// value of _.
func (s *Session) Entry(ctx context.Context, text string) (shown string, err error) {
	s.entries++
	name := fmt.Sprintf("<entry %d>", s.entries)
	_, err = s.transaction(ctx, func() (starlark.Value, error) {
		file, err := s.e.Parse(consoleDialect, name, []byte(dedent(withoutPrompts(text))))
		if err != nil {
			return nil, err
		}
		for _, stmt := range file.Stmts {
			value, err := s.statements(file, []syntax.Stmt{stmt})
			if err != nil {
				return nil, err
			}
			if value == nil || value == starlark.None {
				continue
			}
			text, err := s.display(value)
			if err != nil {
				return nil, err
			}
			shown += text + "\n"
			s.names["_"] = value
		}
		return nil, nil
	})
	if err != nil && s.live == nil { // it was taken back
		shown = ""
	}
	return shown, err
}

// consoleDialect is that of files, and lets a later entry use what load bound.
var consoleDialect = &syntax.FileOptions{Set: true, TopLevelControl: true, GlobalReassign: true, LoadBindsGlobally: true}

// transaction runs an entry and, if it fails, takes back what it did here.
func (s *Session) transaction(ctx context.Context, run func() (starlark.Value, error)) (starlark.Value, error) {
	e := s.e
	e.Begin(ctx)
	s.read, s.looked, s.before = nil, map[string]*engine.State{}, *e.Config()
	names, contents, restore, staged := maps.Clone(s.names), takeSnapshot(s.names), e.Snapshot(), s.staged
	defer e.Watch()()
	value, err := run()
	if err == nil && !e.Stopped() && ctx.Err() == nil {
		if declaresMore(e.Config(), s.before) {
			s.staged = append(slices.Clip(s.staged), s.before)
		}
		return value, nil
	}
	maps.DeleteFunc(s.names, func(name string, _ starlark.Value) bool { return names[name] == nil })
	maps.Copy(s.names, names)
	contents.restore()
	restore()
	s.staged = staged
	if ctx.Err() != nil {
		return nil, lang.Interrupted(ctx, err)
	}
	return nil, s.explain(err)
}

// explain is that of files; what is not known yet is had in another way here.
func (s *Session) explain(err error) error {
	err = s.e.Explain(err)
	var ours *lang.Error
	if errors.As(err, &ours) {
		for i := range ours.Problems {
			if p := &ours.Problems[i]; lang.IsUnknown(p.Cause) {
				p.Hint = "apply() carries out what is staged and waits; or use it only inside the parameters of another request"
			}
		}
	}
	return err
}

// userNames lists the names that entries defined.
func (s *Session) userNames() []string {
	var list []string
	for _, name := range s.names.Keys() {
		if s.names[name] != s.builtins[name] && name[0] != ' ' {
			list = append(list, name)
		}
	}
	return list
}

// Secrets are what secret() gave in this session. They are not to be changed.
func (s *Session) Secrets() []engine.Part { return s.secrets }

// Declared is what the entries of a staged session declare so far. It is not to
// be changed.
func (s *Session) Declared() *engine.Config { return s.e.Config() }
