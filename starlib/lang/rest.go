package lang

import (
	"errors"
	"maps"
	"slices"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
)

// maxLeftOut is how many statements are left out before all that follow are.
const maxLeftOut = 200

// maxRestSize is how long an entry file may be, in bytes, of which the rest is evaluated: it
// is parsed twice more.
const maxRestSize = 4 << 20

// ErrDoubt is the error of a builtin of which it is not sure that it would do the same if
// all before it had been evaluated: the statement is left out.
var ErrDoubt = errors.New("what is declared before this is not known")

// A rest is the evaluation of what follows a boundary and does not depend on it: the
// statement that met the boundary is left out from there on, and so is each one that uses a
// name which what is left out binds, or a value which it may have changed. Rather too much is
// left out than too little.
//
// Statements are run in pieces, of which each sees the names of those before.
type rest struct {
	e       *Evaluation
	list    []*statement
	globals starlark.StringDict // that are bound so far
	loaded  starlark.StringDict // that load statements have bound

	out     []int           // statements that are left out
	outUses map[string]bool // names that they use
	tainted map[string]bool // names that nothing further down may use
	stale   []bool          // of statements whose functions would see other names than they should

	frozen     map[any]bool // values of files that were loaded, and whether they hold functions
	graveFiles bool         // one of these uses a grave name
	builtins   map[*starlark.Builtin]bool
	looked     int // values, see maxReached
}

// met is the boundary at which the entry file ended.
type met struct {
	globals starlark.StringDict
	at      syntax.Position
}

// A line is what print has written.
type line struct {
	at      engine.Position
	message string
}

// Rest goes on behind the boundary at which [Evaluation.Entry] ended, and adds to it where
// else more may come. If it is not ok nothing counts that the rest has declared: it went
// wrong, which may come of what is missing. An error ends all.
func (e *Evaluation) Rest(more *engine.Boundary) (ok bool, err error) {
	r, at := e.newRest()
	if r == nil {
		return false, nil
	}
	defer e.Watch()()
	var said []line
	tell := e.print
	e.print = func(at engine.Position, message string) { said = append(said, line{at, message}) }
	defer func() {
		e.print = tell
		for _, l := range said {
			if ok && tell != nil { // what does not count is evaluated once more
				tell(l.at, l.message)
			}
		}
	}()
	r.age(0, at)
	if !r.leaveOut(at, false) {
		r.leaveAll(more, at+1)
		return true, nil
	}
	err = r.run(more, at+1)
	switch stopped := e.stopped; {
	case e.ctx.Err() != nil:
		return false, e.interrupted(err)
	case stopped != nil && !IsHidden(stopped.Cause), errors.As(err, new(*MemoryError)):
		return false, e.Explain(err)
	}
	ok = err == nil && e.stopped == nil
	e.stopped = nil
	return ok, nil
}

// newRest returns nil if the boundary is in none of the statements.
func (e *Evaluation) newRest() (r *rest, at int) {
	if e.met == nil || e.met.at.Filename() != e.name {
		return nil, 0
	}
	list, err := e.statements()
	if at = statementAt(list, e.met.at); err != nil || at < 0 {
		return nil, 0
	}
	r = &rest{e: e, list: list, globals: maps.Clone(e.met.globals), loaded: starlark.StringDict{}, outUses: map[string]bool{}, tainted: map[string]bool{}, stale: make([]bool, len(list)), builtins: map[*starlark.Builtin]bool{}}
	for _, names := range []starlark.StringDict{e.predeclared, starlark.Universe} {
		for _, v := range names {
			if b, ok := v.(*starlark.Builtin); ok {
				r.builtins[b] = true
			}
		}
	}
	r.graveFiles = e.graveFiles()
	r.frozen = r.loadedValues()
	r.noteLoads(0, at)
	return r, at
}

// run evaluates the statements from one on.
func (r *rest) run(more *engine.Boundary, from int) error {
	for from < len(r.list) {
		at, left := r.piece(from)
		place, err := r.evaluate(from, at)
		b := boundary(err)
		switch {
		case r.e.ctx.Err() != nil, r.e.stopped != nil, err != nil && b == nil && !errors.Is(err, ErrDoubt):
			return err
		case err == nil && at == len(r.list):
			return nil
		case err == nil:
			more.Left = append(more.Left, left)
		default:
			end := at
			if at = statementAt(r.list, place); at < from || at >= end {
				return err
			}
			if b != nil {
				more.Also = append(more.Also, *b)
			} else {
				more.Left = append(more.Left, r.leftAt(at))
			}
		}
		r.noteLoads(from, at)
		r.age(from, at)
		if !r.leaveOut(at, err == nil) {
			r.leaveAll(more, at+1)
			return nil
		}
		from = at + 1
	}
	return nil
}

// piece returns the end of the statements from one on that can be run together, and what
// it says of the one after them, which is left out.
func (r *rest) piece(from int) (to int, left engine.Left) {
	for i := from; i < len(r.list); i++ {
		for _, name := range slices.Sorted(maps.Keys(r.list[i].uses)) {
			if r.tainted[name] {
				left := r.leftAt(i)
				left.Name = name
				return i, left
			}
		}
	}
	return len(r.list), left
}

func (r *rest) leftAt(i int) engine.Left { return engine.Left{Position: PositionOf(r.list[i].start)} }

// age notes the functions of the statements from one up to another, which is left out,
// that use names which are bound from there on: they would see those of their own piece.
func (r *rest) age(from, to int) {
	for i := from; i < to; i++ {
		r.stale[i] = r.list[i].latest >= to
	}
}

// leaveOut notes what depends on a statement that is left out; depends says that it is
// for what another one would have made, through which it may reach all that that one uses.
// It reports false where all that follows depends on it, as far as can be known.
func (r *rest) leaveOut(at int, depends bool) bool {
	s := r.list[at]
	r.out = append(r.out, at)
	maps.Copy(r.outUses, s.uses)
	maps.Copy(r.tainted, s.binds)
	if s.grave || len(r.out) > maxLeftOut {
		return false
	}
	g := &reach{r: r, nodes: map[any]*node{}, grave: &node{grave: true}}
	named := map[string]*node{}
	for _, names := range []starlark.StringDict{r.globals, r.loaded} {
		for name, v := range names {
			if n := g.node(v); n != nil {
				named[name] = n
			}
		}
	}
	if !g.look() {
		return false
	}
	uses := s.uses
	if depends {
		uses = r.outUses
	}
	var first []*node
	for name := range uses {
		first = append(first, named[name])
	}
	if !g.taint(first) {
		return false
	}
	for name, n := range named {
		if n.tainted {
			r.tainted[name] = true
		}
	}
	return true
}

// leaveAll says that all from a statement on is left out.
func (r *rest) leaveAll(more *engine.Boundary, from int) {
	if from < len(r.list) {
		left := r.leftAt(from)
		left.Rest = true
		more.Left = append(more.Left, left)
	}
}
