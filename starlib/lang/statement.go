package lang

import (
	"sort"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/internal/tree"
)

// A statement is one of the top level of a file.
type statement struct {
	syntax.Stmt
	start  syntax.Position
	uses   map[string]bool // names of the file that it asks for, also inside functions
	binds  map[string]bool // names of the file that it may bind
	latest int             // the last statement that binds one of the names that it uses; -1: none does
	grave  bool            // it may end the evaluation, or supply what others run on
}

// graveNames are what a statement must not use that others may go ahead of: fail guards all
// that comes after it, and an instance waits for the supply of its release.
var graveNames = map[string]bool{"fail": true, "supply": true, "registerSupply": true}

// statements parses the entry file once more, and looks at what its statements use.
func (e *Evaluation) statements() ([]*statement, error) {
	source, err := e.source(e.name)
	if err != nil {
		return nil, err
	}
	if len(source) > maxRestSize {
		return nil, tooLong(e.name)
	}
	file, err := parse(Dialect, e.name, tree.Text(source))
	if err != nil {
		return nil, err
	}
	// Another copy is resolved: what is run is rewritten first, and not resolved yet.
	again, err := parse(Dialect, e.name, tree.Text(source))
	if err != nil {
		return nil, err
	}
	if err := resolve.File(again, e.predeclared.Has, starlark.Universe.Has); err != nil {
		return nil, err
	}
	loaded := map[string]bool{}
	for _, s := range again.Stmts {
		if load, ok := s.(*syntax.LoadStmt); ok {
			for _, to := range load.To {
				loaded[to.Name] = true
			}
		}
	}
	list := make([]*statement, len(file.Stmts))
	last := map[string]int{}
	for i, s := range again.Stmts {
		list[i] = &statement{Stmt: file.Stmts[i], start: startOf(s), uses: map[string]bool{}, binds: map[string]bool{}}
		l := looker{statement: list[i], bound: map[*syntax.Ident]bool{}, loaded: loaded}
		l.bindings(s)
		l.look(s)
		for name := range list[i].binds {
			last[name] = i
		}
	}
	for _, s := range list {
		s.latest = -1
		for name := range s.uses {
			if i, ok := last[name]; ok {
				s.latest = max(s.latest, i)
			}
		}
	}
	return list, nil
}

// statementAt returns the index of the statement that a position is in.
func statementAt(list []*statement, at syntax.Position) int {
	return sort.Search(len(list), func(i int) bool { return before(at, list[i].start) }) - 1
}

func before(a, b syntax.Position) bool { return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col }

// A looker finds the names of a statement.
type looker struct {
	*statement
	bound  map[*syntax.Ident]bool // where a name is bound, and not asked for
	loaded map[string]bool        // names that load binds, which are local to the file
}

// bindings finds the names that a statement binds outside of functions.
func (l *looker) bindings(s syntax.Stmt) {
	switch s := s.(type) {
	case *syntax.AssignStmt:
		l.target(s.LHS, s.Op == syntax.EQ)
	case *syntax.DefStmt:
		l.target(s.Name, true)
	case *syntax.ForStmt:
		l.target(s.Vars, true)
		l.all(s.Body)
	case *syntax.IfStmt:
		l.all(s.True)
		l.all(s.False)
	case *syntax.WhileStmt:
		l.all(s.Body)
	case *syntax.LoadStmt:
		for _, to := range s.To {
			l.target(to, true)
		}
	}
}

func (l *looker) all(list []syntax.Stmt) {
	for _, s := range list {
		l.bindings(s)
	}
}

func (l *looker) target(e syntax.Expr, only bool) {
	switch e := e.(type) {
	case *syntax.Ident:
		l.binds[e.Name], l.bound[e] = true, only
	case *syntax.ParenExpr:
		l.target(e.X, only)
	case *syntax.ListExpr:
		for _, x := range e.List {
			l.target(x, only)
		}
	case *syntax.TupleExpr:
		for _, x := range e.List {
			l.target(x, only)
		}
	}
}

// look finds the names that a statement asks for.
func (l *looker) look(s syntax.Stmt) {
	syntax.Walk(s, func(n syntax.Node) bool {
		id, ok := n.(*syntax.Ident)
		if !ok {
			return true
		}
		// Also an attribute and the name of an argument.
		l.grave = l.grave || graveNames[id.Name]
		if b, ok := id.Binding.(*resolve.Binding); ok && !l.bound[id] && (b.Scope == resolve.Global || l.loaded[id.Name]) {
			l.uses[id.Name] = true
		}
		return true
	})
}
