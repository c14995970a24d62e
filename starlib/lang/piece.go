package lang

import (
	"errors"
	"maps"
	"slices"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// evaluate runs a piece. With an error it returns where in the file that was.
func (r *rest) evaluate(from, to int) (place syntax.Position, err error) {
	if from == to {
		return place, nil
	}
	names := maps.Clone(r.e.predeclared)
	later := map[string]bool{}
	for _, s := range r.list {
		for name := range s.binds {
			later[name] = true
			delete(names, name)
		}
	}
	for name, v := range r.globals {
		if !r.tainted[name] {
			names[name] = v
		}
	}
	file := r.file(from, to, names)
	if err := rewrite(file, r.e.marks); err != nil {
		return place, err
	}
	program, err := starlark.FileProgram(file, func(name string) bool { return names.Has(name) || later[name] })
	if err != nil {
		return place, err
	}
	globals, err := program.Init(r.e.thread, names)
	for name, v := range globals {
		if v != nil {
			r.globals[name] = v
		}
	}
	return outermost(err), err
}

// file is a piece with the load statements before it, since what these bind is local to a
// file, and with the values that names have which it binds once more: those come to names
// under `=NAME`.
func (r *rest) file(from, to int, names starlark.StringDict) *syntax.File {
	file := &syntax.File{Path: r.e.name, Options: Dialect}
	for i, s := range r.list[:from] {
		if load, ok := s.Stmt.(*syntax.LoadStmt); ok && !slices.Contains(r.out, i) {
			file.Stmts = append(file.Stmts, copyOf(load))
		}
	}
	at, given := r.list[from].start, map[string]bool{}
	for _, s := range r.list[from:to] {
		for _, name := range slices.Sorted(maps.Keys(s.binds)) {
			if v := r.globals[name]; v != nil && !r.tainted[name] && !given[name] {
				given[name] = true
				names["="+name] = v
				file.Stmts = append(file.Stmts, &syntax.AssignStmt{OpPos: at, Op: syntax.EQ, LHS: &syntax.Ident{NamePos: at, Name: name}, RHS: &syntax.Ident{NamePos: at, Name: "=" + name}})
			}
		}
	}
	for _, s := range r.list[from:to] {
		if load, ok := s.Stmt.(*syntax.LoadStmt); ok { // it may be run again
			file.Stmts = append(file.Stmts, copyOf(load))
			continue
		}
		file.Stmts = append(file.Stmts, s.Stmt)
	}
	return file
}

// outermost is the place in the entry file of an error; the zero value: there is none.
func outermost(err error) syntax.Position {
	if eval, ok := errors.AsType[*starlark.EvalError](err); ok && len(eval.CallStack) > 0 {
		return eval.CallStack[0].Pos
	}
	return syntax.Position{}
}

func copyOf(load *syntax.LoadStmt) *syntax.LoadStmt {
	again, module := *load, *load.Module
	again.Module, again.From, again.To = &module, nil, nil
	for i := range load.From {
		again.From = append(again.From, &syntax.Ident{NamePos: load.From[i].NamePos, Name: load.From[i].Name})
		again.To = append(again.To, &syntax.Ident{NamePos: load.To[i].NamePos, Name: load.To[i].Name})
	}
	return &again
}
