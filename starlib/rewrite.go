package starlib

import "go.starlark.net/syntax"

// rewrite changes a parsed file, before it is resolved, so that operations
// which starlark-go would carry out without asking a value become calls of the
// guards of the same name:
//
//	x == y, x != y, x < y …, x in y, x not in y, x % y   →  `==`(x, y) …
//	x.format(…), x.index(…), x.remove(…)                 →  `.format`(x, …) …
//	x and y, x or y, not x, if x, … if x else …          →  x is wrapped: `if`(x)
//
// A name like `==` cannot be written in a file, so nothing is shadowed. Each
// call gets the position of the operator. Other calls get the position of the
// name that is called, where starlark-go has that of the parenthesis.
func rewrite(f *syntax.File) { rewriteStmts(f.Stmts) }

// compared are the operators that become guards.
var compared = map[syntax.Token]bool{
	syntax.EQL: true, syntax.NEQ: true, syntax.LT: true, syntax.LE: true, syntax.GT: true, syntax.GE: true,
	syntax.IN: true, syntax.NOT_IN: true, syntax.PERCENT: true,
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

func rewriteStmts(list []syntax.Stmt) {
	for _, s := range list {
		rewriteStmt(s)
	}
}

func rewriteStmt(s syntax.Stmt) {
	switch s := s.(type) {
	case *syntax.AssignStmt:
		s.RHS = expr(s.RHS)
		if name, ok := s.LHS.(*syntax.Ident); ok && s.Op == syntax.PERCENT_EQ {
			s.Op = syntax.EQ
			s.RHS = guard(syntax.PERCENT.String(), s.OpPos, &syntax.Ident{NamePos: name.NamePos, Name: name.Name}, s.RHS)
			return
		}
		s.LHS = expr(s.LHS)
	case *syntax.DefStmt:
		parameterDefaults(s.Params)
		rewriteStmts(s.Body)
	case *syntax.ExprStmt:
		s.X = expr(s.X)
	case *syntax.ForStmt:
		s.Vars, s.X = expr(s.Vars), expr(s.X)
		rewriteStmts(s.Body)
	case *syntax.WhileStmt:
		s.Cond = condition(s.Cond)
		rewriteStmts(s.Body)
	case *syntax.IfStmt:
		s.Cond = condition(s.Cond)
		rewriteStmts(s.True)
		rewriteStmts(s.False)
	case *syntax.ReturnStmt:
		s.Result = expr(s.Result)
	}
}

func exprs(list []syntax.Expr) {
	for i := range list {
		list[i] = expr(list[i])
	}
}

// condition rewrites an expression whose truth is asked for.
func condition(e syntax.Expr) syntax.Expr {
	e = expr(e)
	return guard(conditionGuard, syntax.Start(e), e)
}

func expr(e syntax.Expr) syntax.Expr {
	switch e := e.(type) {
	case nil:
		return nil
	case *syntax.BinaryExpr:
		return binary(e)
	case *syntax.UnaryExpr:
		if e.Op == syntax.NOT {
			e.X = condition(e.X)
		} else {
			e.X = expr(e.X)
		}
	case *syntax.CallExpr:
		return call(e)
	case *syntax.Comprehension:
		comprehension(e)
	case *syntax.CondExpr:
		e.Cond, e.True, e.False = condition(e.Cond), expr(e.True), expr(e.False)
	case *syntax.DictExpr:
		exprs(e.List)
	case *syntax.DictEntry:
		e.Key, e.Value = expr(e.Key), expr(e.Value)
	case *syntax.DotExpr:
		e.X = expr(e.X)
	case *syntax.IndexExpr:
		e.X, e.Y = expr(e.X), expr(e.Y)
	case *syntax.LambdaExpr:
		parameterDefaults(e.Params)
		e.Body = expr(e.Body)
	case *syntax.ListExpr:
		exprs(e.List)
	case *syntax.ParenExpr:
		e.X = expr(e.X)
	case *syntax.SliceExpr:
		e.X, e.Lo, e.Hi, e.Step = expr(e.X), expr(e.Lo), expr(e.Hi), expr(e.Step)
	case *syntax.TupleExpr:
		exprs(e.List)
	}
	return e
}

func binary(e *syntax.BinaryExpr) syntax.Expr {
	if e.Op == syntax.AND || e.Op == syntax.OR {
		e.X, e.Y = condition(e.X), expr(e.Y)
		return e
	}
	e.X, e.Y = expr(e.X), expr(e.Y)
	if compared[e.Op] {
		return guard(e.Op.String(), e.OpPos, e.X, e.Y)
	}
	return e
}

func call(e *syntax.CallExpr) syntax.Expr {
	for i, arg := range e.Args {
		// In name=value only the value is an expression.
		if named, ok := arg.(*syntax.BinaryExpr); ok && named.Op == syntax.EQ {
			named.Y = expr(named.Y)
			continue
		}
		e.Args[i] = expr(arg)
	}
	switch fn := e.Fn.(type) {
	case *syntax.DotExpr:
		fn.X = expr(fn.X)
		e.Lparen = fn.NamePos
		if name := "." + fn.Name.Name; name == formatGuard || name == indexGuard || name == removeGuard {
			return guard(name, fn.NamePos, append([]syntax.Expr{fn.X}, e.Args...)...)
		}
	default:
		e.Fn = expr(e.Fn)
		e.Lparen = syntax.Start(e.Fn)
	}
	return e
}

func comprehension(e *syntax.Comprehension) {
	e.Body = expr(e.Body)
	for _, clause := range e.Clauses {
		switch c := clause.(type) {
		case *syntax.ForClause:
			c.Vars, c.X = expr(c.Vars), expr(c.X)
		case *syntax.IfClause:
			c.Cond = condition(c.Cond)
		}
	}
}

// parameterDefaults rewrites the values in name=value.
func parameterDefaults(params []syntax.Expr) {
	for _, p := range params {
		if named, ok := p.(*syntax.BinaryExpr); ok {
			named.Y = expr(named.Y)
		}
	}
}
