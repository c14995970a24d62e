package lang

import (
	"errors"
	"slices"
	"sync/atomic"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
)

// A Place is where an evaluation is: the statement that was begun last. The evaluation
// moves it, and others may look meanwhile: one step of Starlark can take long, and then
// says nothing itself.
type Place struct {
	at atomic.Pointer[engine.Position]
}

// Position returns the place, if there is one yet.
func (p *Place) Position() (engine.Position, bool) {
	if at := p.at.Load(); at != nil {
		return *at, true
	}
	return engine.Position{}, false
}

// Set moves the place, for what is no evaluation.
func (p *Place) Set(at engine.Position) { p.at.Store(&at) }

// Forget makes the place unknown, before other work.
func (p *Place) Forget() { p.at.Store(nil) }

// markName is the name of the marker. No file can write it.
const markName = "@"

// A marker moves the place. Before a statement that may take long, rewrite puts
//
//	`@`[n]
//
// for the n-th such statement, since an index expression on a value of Go is the
// cheapest thing that a statement can do and that is seen from outside: a quarter of
// the time of a call.
type marker struct {
	hidden
	place      *Place
	movers     map[string]bool // names of builtins that move it themselves
	statements []*engine.Position
}

var _ starlark.Mapping = (*marker)(nil)

// Get implements the index expression.
func (m *marker) Get(n starlark.Value) (starlark.Value, bool, error) {
	if i, err := starlark.AsInt32(n); err == nil && i < len(m.statements) {
		m.place.at.Store(m.statements[i])
	}
	return starlark.None, true, nil
}

// A hidden value stands under a name that no file can write.
type hidden struct{}

func (hidden) String() string        { return "hidden" }
func (hidden) Type() string          { return "hidden" }
func (hidden) Freeze()               {}
func (hidden) Truth() starlark.Bool  { return true }
func (hidden) Hash() (uint32, error) { return 0, errors.New("unhashable: hidden") }

// statement returns what is put before a statement.
func (m *marker) statement(pos syntax.Position) syntax.Stmt {
	at := PositionOf(pos)
	m.statements = append(m.statements, &at)
	return &syntax.ExprStmt{X: &syntax.IndexExpr{
		X:      &syntax.Ident{NamePos: pos, Name: markName},
		Lbrack: pos,
		Y:      &syntax.Literal{Token: syntax.INT, TokenPos: pos, Value: int64(len(m.statements) - 1)},
		Rbrack: pos,
	}}
}

// A builtin of the caller moves the place itself, so that a file of declarations needs no
// marks: they would take a tenth of its time.
func (m *marker) moving(b *starlark.Builtin) *starlark.Builtin {
	return starlark.NewBuiltin(b.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if thread.CallStackDepth() > 1 {
			at := PositionOf(thread.CallFrame(1).Pos)
			m.place.at.Store(&at)
		}
		return b.CallInternal(thread, args, kwargs)
	})
}

// takesLong reports whether a step of a statement may take long and does not move the
// place itself.
func (m *marker) takesLong(s syntax.Stmt) bool {
	switch s := s.(type) {
	case *syntax.AssignStmt:
		return s.Op != syntax.EQ || m.works(s.RHS) || m.works(s.LHS)
	case *syntax.ExprStmt:
		return m.works(s.X)
	case *syntax.ForStmt:
		return m.works(s.X)
	case *syntax.IfStmt:
		return m.works(s.Cond)
	case *syntax.WhileStmt:
		return m.works(s.Cond)
	case *syntax.ReturnStmt:
		return s.Result != nil && m.works(s.Result)
	case *syntax.LoadStmt:
		return true
	}
	return false
}

// works reports whether an expression does more than to name values, to put them into
// lists and dictionaries, and to call a builtin that moves the place itself.
func (m *marker) works(e syntax.Expr) bool {
	for {
		switch x := e.(type) {
		case *syntax.Ident, *syntax.Literal, *syntax.LambdaExpr:
			return false
		case *syntax.DotExpr:
			e = x.X
		case *syntax.ParenExpr:
			e = x.X
		case *syntax.CallExpr:
			name, ok := x.Fn.(*syntax.Ident)
			return !ok || !m.movers[name.Name] || slices.ContainsFunc(x.Args, m.argumentWorks)
		case *syntax.ListExpr:
			return slices.ContainsFunc(x.List, m.works)
		case *syntax.TupleExpr:
			return slices.ContainsFunc(x.List, m.works)
		case *syntax.DictExpr:
			return slices.ContainsFunc(x.List, m.works)
		case *syntax.DictEntry:
			_, text := x.Key.(*syntax.Literal)
			if !text {
				return true
			}
			e = x.Value
		default:
			return true
		}
	}
}

func (m *marker) argumentWorks(arg syntax.Expr) bool {
	if named, ok := arg.(*syntax.BinaryExpr); ok && named.Op == syntax.EQ {
		return m.works(named.Y)
	}
	return m.works(arg)
}

// startOf returns where a statement begins. Other than Span it does not go down into
// what is nested, of which there may be much.
func startOf(s syntax.Stmt) syntax.Position {
	switch s := s.(type) {
	case *syntax.AssignStmt:
		return startOfExpr(s.LHS)
	case *syntax.ExprStmt:
		return startOfExpr(s.X)
	case *syntax.ForStmt:
		return s.For
	case *syntax.IfStmt:
		return s.If
	case *syntax.WhileStmt:
		return s.While
	case *syntax.DefStmt:
		return s.Def
	case *syntax.ReturnStmt:
		return s.Return
	}
	start, _ := s.Span()
	return start
}

func startOfExpr(e syntax.Expr) syntax.Position {
	for {
		switch x := e.(type) {
		case *syntax.BinaryExpr:
			e = x.X
		case *syntax.CallExpr:
			e = x.Fn
		case *syntax.CondExpr:
			e = x.True
		case *syntax.DotExpr:
			e = x.X
		case *syntax.IndexExpr:
			e = x.X
		case *syntax.SliceExpr:
			e = x.X
		case *syntax.LambdaExpr:
			return x.Lambda
		case *syntax.UnaryExpr:
			return x.OpPos
		case *syntax.TupleExpr:
			if x.Lparen.IsValid() || len(x.List) == 0 {
				return x.Lparen
			}
			e = x.List[0]
		default:
			start, _ := e.Span()
			return start
		}
	}
}
