package console

import (
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// resultName is the name under which the value of an expression comes out. No
// entry can write it, nor those that start with a space.
const resultName = " result"

// statements runs statements as one file. If they are one expression it returns
// its value.
func (s *Session) statements(file *syntax.File, stmts []syntax.Stmt) (starlark.Value, error) {
	if len(stmts) == 0 { // an empty script, or one of comments
		return nil, nil
	}
	chunk := &syntax.File{Path: file.Path, Options: file.Options, Stmts: append(s.aliases(stmts), stmts...)}
	if x, ok := stmts[0].(*syntax.ExprStmt); ok && len(stmts) == 1 {
		start, _ := x.Span()
		chunk.Stmts = []syntax.Stmt{&syntax.AssignStmt{Op: syntax.EQ, OpPos: start, LHS: &syntax.Ident{NamePos: start, Name: resultName}, RHS: x.X}}
	}
	globals, err := s.e.Run(chunk, s.names)
	if err != nil {
		return nil, err
	}
	value := globals[resultName]
	delete(globals, resultName)
	for name, v := range globals {
		s.names[name] = v
		delete(s.names, " "+name)
	}
	return value, nil
}

// aliases are statements that give names which a chunk assigns the value that
// they have already: else x += 1 would be that of a name without a value.
func (s *Session) aliases(stmts []syntax.Stmt) []syntax.Stmt {
	var list []syntax.Stmt
	pos := syntax.Start(stmts[0])
	for _, name := range assignedNames(stmts) {
		if old, ok := s.names[name]; ok {
			s.names[" "+name] = old
			list = append(list, &syntax.AssignStmt{Op: syntax.EQ, OpPos: pos,
				LHS: &syntax.Ident{NamePos: pos, Name: name}, RHS: &syntax.Ident{NamePos: pos, Name: " " + name}})
		}
	}
	return list
}

// assignedNames lists the global names that statements bind.
func assignedNames(stmts []syntax.Stmt) []string {
	var list []string
	var target func(syntax.Expr)
	target = func(e syntax.Expr) {
		switch e := e.(type) {
		case *syntax.Ident:
			list = append(list, e.Name)
		case *syntax.ParenExpr:
			target(e.X)
		case *syntax.TupleExpr:
			for _, x := range e.List {
				target(x)
			}
		case *syntax.ListExpr:
			for _, x := range e.List {
				target(x)
			}
		}
	}
	for _, stmt := range stmts {
		switch stmt := stmt.(type) {
		case *syntax.AssignStmt:
			target(stmt.LHS)
		case *syntax.DefStmt:
			target(stmt.Name)
		case *syntax.ForStmt:
			target(stmt.Vars)
			list = append(list, assignedNames(stmt.Body)...)
		case *syntax.WhileStmt:
			list = append(list, assignedNames(stmt.Body)...)
		case *syntax.IfStmt:
			list = append(append(list, assignedNames(stmt.True)...), assignedNames(stmt.False)...)
		case *syntax.LoadStmt:
			for _, name := range stmt.To {
				target(name)
			}
		}
	}
	return list
}
