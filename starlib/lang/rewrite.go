package lang

import (
	"fmt"

	"go.starlark.net/syntax"
)

// rewrite changes a parsed file, before it is resolved, so that operations
// which starlark-go would carry out without asking a value become calls of the
// guards of the same name:
//
//	x == y, x != y, x < y …, x in y, x not in y, x % y   →  `==`(x, y) …
//	x + y, x * y, x << y, x += y …, f(*x)                →  the same, for their size
//	x.format(…), x.index(…), x.join(…) …                 →  `.format`(x, …) …
//	x.format …, not called                               →  `.`(x, "format"), which is guarded
//	x[y], {y: z}, x.get(y) …                             →  y is wrapped: `[]`[y]
//	x[y], not assigned to                                →  x is wrapped: `[n]`[x]
//	x[y:z]                                               →  `[:]`(x, y, z, None)
//	x and y, x or y, not x, if x, … if x else …          →  x is wrapped: `if`(x)
//
// A name like `==` cannot be written in a file, so nothing is shadowed. Each
// call gets the position of the operator. Other calls get the position of the
// name that is called, where starlark-go has that of the parenthesis.
//
// Before a statement that may take long it puts a mark, see [marker].
//
// What is nested too deep, an expression or a chain of elif, is an error: the stack of
// the steps that follow would overflow, which ends the process.
func rewrite(f *syntax.File, marks *marker) error {
	r := rewriter{marks: marks}
	f.Stmts = r.rewriteStmts(f.Stmts)
	if r.tooDeep != nil {
		return syntax.Error{Pos: *r.tooDeep, Msg: fmt.Sprintf("this is nested more than %d deep", maxNesting)}
	}
	if r.notSimple != nil {
		return *r.notSimple
	}
	return nil
}

// maxNesting is how deep expressions and statements may be; 1 + 1 + 1 is three deep,
// and so is if … elif … elif.
const maxNesting = 10_000

type rewriter struct {
	marks   *marker
	depth   int
	tooDeep *syntax.Position // in the first such expression

	notSimple *syntax.Error // the first assignment that cannot be rewritten, or name that is too long
}

// compared are the operators that become guards.
var compared = map[syntax.Token]bool{
	syntax.EQL: true, syntax.NEQ: true, syntax.LT: true, syntax.LE: true, syntax.GT: true, syntax.GE: true,
	syntax.IN: true, syntax.NOT_IN: true, syntax.PERCENT: true, syntax.PLUS: true, syntax.STAR: true, syntax.LTLT: true,
}

// guardedCall reports whether a call of a method becomes a call of a guard.
func guardedCall(name string) bool {
	return name == "format" || name == "index" || name == "remove" || methodChecks[name] != nil
}

const (
	formatGuard    = ".format"
	indexGuard     = ".index"
	removeGuard    = ".remove"
	conditionGuard = "if"
)

func guard(name string, pos syntax.Position, args ...syntax.Expr) *syntax.CallExpr {
	return &syntax.CallExpr{Fn: &syntax.Ident{NamePos: pos, Name: name}, Lparen: pos, Args: args, Rparen: pos}
}

// rewriteStmts returns the statements with marks before those that may take long.
func (r *rewriter) rewriteStmts(list []syntax.Stmt) []syntax.Stmt {
	if len(list) == 0 {
		return nil // as the parser has it
	}
	marked := make([]syntax.Stmt, 0, 2*len(list))
	for _, s := range list {
		if r.marks.takesLong(s) {
			marked = append(marked, r.marks.statement(startOf(s)))
		}
		r.rewriteStmt(s)
		marked = append(marked, s)
	}
	return marked
}

func (r *rewriter) rewriteStmt(s syntax.Stmt) {
	if r.depth++; r.depth > maxNesting { // of elif: each is the else of the one before
		r.depth--
		if r.tooDeep == nil {
			at := startOf(s)
			r.tooDeep = &at
		}
		return
	}
	defer func() { r.depth-- }()
	switch s := s.(type) {
	case *syntax.AssignStmt:
		s.RHS = r.expr(s.RHS)
		if op, ok := assigned[s.Op]; ok {
			r.assign(s, op)
			return
		}
		s.LHS = r.target(s.LHS)
	case *syntax.DefStmt:
		r.checkName(s.Name)
		r.parameterDefaults(s.Params)
		s.Body = r.rewriteStmts(s.Body)
	case *syntax.ExprStmt:
		s.X = r.expr(s.X)
	case *syntax.ForStmt:
		s.Vars, s.X = r.target(s.Vars), r.expr(s.X)
		s.Body = r.rewriteStmts(s.Body)
	case *syntax.WhileStmt:
		s.Cond = r.condition(s.Cond)
		s.Body = r.rewriteStmts(s.Body)
	case *syntax.IfStmt:
		s.Cond = r.condition(s.Cond)
		s.True = r.rewriteStmts(s.True)
		s.False = r.rewriteStmts(s.False)
	case *syntax.ReturnStmt:
		s.Result = r.expr(s.Result)
	}
}

// assigned are the assignments with an operator that becomes a guard.
var assigned = map[syntax.Token]string{syntax.PERCENT_EQ: "%", syntax.STAR_EQ: "*", syntax.PLUS_EQ: "+=", syntax.LTLT_EQ: "<<"}

// assign rewrites x op= y to x = op(x, y), and x += y so that the operands are
// checked before a list is extended in its place. What stands on the left is
// evaluated twice, so it has to be simple.
func (r *rewriter) assign(s *syntax.AssignStmt, op string) {
	again, ok := copied(s.LHS)
	if !ok {
		pos := s.OpPos
		if r.notSimple == nil {
			r.notSimple = &syntax.Error{Pos: pos, Msg: fmt.Sprintf("want a name, an attribute or an element on the left of %s", s.Op)}
		}
		return
	}
	s.LHS = r.target(s.LHS)
	s.RHS = guard(op, s.OpPos, r.expr(again), s.RHS)
	if op != "+=" {
		s.Op = syntax.EQ
	}
}

// copied returns a copy of an expression that does not call anything.
func copied(e syntax.Expr) (syntax.Expr, bool) {
	switch e := e.(type) {
	case *syntax.Ident:
		return &syntax.Ident{NamePos: e.NamePos, Name: e.Name}, true
	case *syntax.Literal:
		again := *e
		return &again, true
	case *syntax.ParenExpr:
		return copied(e.X)
	case *syntax.DotExpr:
		x, ok := copied(e.X)
		return &syntax.DotExpr{X: x, Dot: e.Dot, NamePos: e.NamePos, Name: &syntax.Ident{NamePos: e.Name.NamePos, Name: e.Name.Name}}, ok
	case *syntax.IndexExpr:
		x, ok := copied(e.X)
		y, ok2 := copied(e.Y)
		return &syntax.IndexExpr{X: x, Lbrack: e.Lbrack, Y: y, Rbrack: e.Rbrack}, ok && ok2
	case *syntax.BinaryExpr:
		x, ok := copied(e.X)
		y, ok2 := copied(e.Y)
		return &syntax.BinaryExpr{X: x, OpPos: e.OpPos, Op: e.Op, Y: y}, ok && ok2
	case *syntax.UnaryExpr:
		if e.X == nil {
			return nil, false
		}
		x, ok := copied(e.X)
		return &syntax.UnaryExpr{OpPos: e.OpPos, Op: e.Op, X: x}, ok
	}
	return nil, false
}

func (r *rewriter) exprs(list []syntax.Expr) {
	for i := range list {
		list[i] = r.expr(list[i])
	}
}

// target rewrites what is assigned to.
func (r *rewriter) target(e syntax.Expr) syntax.Expr {
	switch e := e.(type) {
	case *syntax.DotExpr:
		r.checkName(e.Name)
		e.X = r.expr(e.X)
		return e
	case *syntax.IndexExpr:
		e.X, e.Y = r.expr(e.X), key(r.expr(e.Y))
		return e
	case *syntax.ListExpr:
		r.targets(e.List)
		return e
	case *syntax.ParenExpr:
		e.X = r.target(e.X)
		return e
	case *syntax.TupleExpr:
		r.targets(e.List)
		return e
	}
	return r.expr(e)
}

func (r *rewriter) targets(list []syntax.Expr) {
	for i := range list {
		list[i] = r.target(list[i])
	}
}

// condition rewrites an expression whose truth is asked for.
func (r *rewriter) condition(e syntax.Expr) syntax.Expr {
	e = r.expr(e)
	return guard(conditionGuard, syntax.Start(e), e)
}

func (r *rewriter) expr(e syntax.Expr) syntax.Expr {
	if r.depth++; r.depth > maxNesting {
		r.depth--
		if r.tooDeep == nil {
			r.tooDeep = place(e)
		}
		return e
	}
	defer func() { r.depth-- }()
	switch e := e.(type) {
	case nil:
		return nil
	case *syntax.BinaryExpr:
		return r.binary(e)
	case *syntax.UnaryExpr:
		if e.Op == syntax.NOT {
			e.X = r.condition(e.X)
		} else {
			e.X = r.expr(e.X)
		}
	case *syntax.CallExpr:
		return r.call(e)
	case *syntax.Comprehension:
		r.comprehension(e)
	case *syntax.CondExpr:
		e.Cond, e.True, e.False = r.condition(e.Cond), r.expr(e.True), r.expr(e.False)
	case *syntax.DictExpr:
		r.exprs(e.List)
	case *syntax.DictEntry:
		e.Key, e.Value = key(r.expr(e.Key)), r.expr(e.Value)
	case *syntax.DotExpr:
		r.checkName(e.Name)
		e.X = r.expr(e.X)
		if name := e.Name.Name; guardedCall(name) || keyMethods[name] {
			return guard(".", e.NamePos, e.X, &syntax.Literal{Token: syntax.STRING, TokenPos: e.NamePos, Value: name})
		}
	case *syntax.Ident:
		r.checkName(e)
	case *syntax.IndexExpr:
		e.X, e.Y = of(r.expr(e.X)), key(r.expr(e.Y))
	case *syntax.LambdaExpr:
		r.parameterDefaults(e.Params)
		e.Body = r.expr(e.Body)
	case *syntax.ListExpr:
		r.exprs(e.List)
	case *syntax.ParenExpr:
		e.X = r.expr(e.X)
	case *syntax.SliceExpr:
		return guard("[:]", e.Lbrack, r.expr(e.X), r.index(e.Lo, e.Lbrack), r.index(e.Hi, e.Lbrack), r.index(e.Step, e.Lbrack))
	case *syntax.TupleExpr:
		r.exprs(e.List)
	}
	return e
}

// noneName is None, which a file can give another value.
const noneName = "[]None"

// index rewrites an index of a slice; one that is left out is None.
func (r *rewriter) index(e syntax.Expr, at syntax.Position) syntax.Expr {
	if e == nil {
		return &syntax.Ident{NamePos: at, Name: noneName}
	}
	return r.expr(e)
}

// place is a position in e that is found without going down into it.
func place(e syntax.Expr) *syntax.Position {
	switch e := e.(type) {
	case *syntax.BinaryExpr:
		return &e.OpPos
	case *syntax.CallExpr:
		return &e.Lparen
	case *syntax.DotExpr:
		return &e.Dot
	case *syntax.IndexExpr:
		return &e.Lbrack
	}
	start, _ := e.Span()
	return &start
}

func (r *rewriter) binary(e *syntax.BinaryExpr) syntax.Expr {
	if e.Op == syntax.AND || e.Op == syntax.OR {
		e.X, e.Y = r.condition(e.X), r.expr(e.Y)
		return e
	}
	e.X, e.Y = r.expr(e.X), r.expr(e.Y)
	if compared[e.Op] {
		return guard(e.Op.String(), e.OpPos, e.X, e.Y)
	}
	return e
}

func (r *rewriter) call(e *syntax.CallExpr) syntax.Expr {
	for i, arg := range e.Args {
		// In name=value only the value is an expression.
		if named, ok := arg.(*syntax.BinaryExpr); ok && named.Op == syntax.EQ {
			named.Y = r.expr(named.Y)
			continue
		}
		if star, ok := arg.(*syntax.UnaryExpr); ok && star.Op == syntax.STAR {
			star.X = guard("*args", star.OpPos, r.expr(star.X))
			continue
		}
		e.Args[i] = r.expr(arg)
	}
	switch fn := e.Fn.(type) {
	case *syntax.DotExpr:
		fn.X = r.expr(fn.X)
		e.Lparen = fn.NamePos
		r.checkName(fn.Name)
		if name := fn.Name.Name; guardedCall(name) {
			return guard("."+name, fn.NamePos, append([]syntax.Expr{fn.X}, e.Args...)...)
		}
		if keyMethods[fn.Name.Name] && len(e.Args) > 0 {
			e.Args[0] = key(e.Args[0])
		}
	default:
		e.Fn = r.expr(e.Fn)
		e.Lparen = syntax.Start(e.Fn)
	}
	return e
}

// of puts [indexed] around what an index is taken of.
func of(e syntax.Expr) syntax.Expr {
	switch e.(type) {
	case *syntax.Literal, *syntax.ListExpr, *syntax.DictExpr:
		return e
	}
	pos := startOfExpr(e)
	return &syntax.IndexExpr{X: &syntax.Ident{NamePos: pos, Name: indexedName}, Lbrack: pos, Y: e, Rbrack: pos}
}

// key puts [keys] around a key that may take long to hash.
func key(e syntax.Expr) syntax.Expr {
	switch e := e.(type) {
	case *syntax.Literal:
		return e
	case *syntax.UnaryExpr: // -1, *args
		return e
	case *syntax.BinaryExpr:
		if e.Op == syntax.EQ { // name=value
			return e
		}
	}
	pos := startOfExpr(e)
	return &syntax.IndexExpr{X: &syntax.Ident{NamePos: pos, Name: keysName}, Lbrack: pos, Y: e, Rbrack: pos}
}

// checkName refuses names that are so long that it takes long to compare them with
// others.
func (r *rewriter) checkName(name *syntax.Ident) {
	if len(name.Name) > maxName && r.notSimple == nil {
		r.notSimple = &syntax.Error{Pos: name.NamePos, Msg: tooLongName().Error()}
	}
}

func tooLongName() error { return fmt.Errorf("the name is longer than %d bytes", maxName) }

func (r *rewriter) comprehension(e *syntax.Comprehension) {
	e.Body = r.expr(e.Body)
	for _, clause := range e.Clauses {
		switch c := clause.(type) {
		case *syntax.ForClause:
			c.Vars, c.X = r.target(c.Vars), r.expr(c.X)
		case *syntax.IfClause:
			c.Cond = r.condition(c.Cond)
		}
	}
}

// parameterDefaults rewrites the values in name=value.
func (r *rewriter) parameterDefaults(params []syntax.Expr) {
	for _, p := range params {
		switch p := p.(type) {
		case *syntax.Ident:
			r.checkName(p)
		case *syntax.BinaryExpr:
			if name, ok := p.X.(*syntax.Ident); ok {
				r.checkName(name)
			}
			p.Y = r.expr(p.Y)
		}
	}
}
