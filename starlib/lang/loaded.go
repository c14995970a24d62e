package lang

import (
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// noteLoads notes the values of load statements that were run: their names are local to
// the piece.
func (r *rest) noteLoads(from, to int) {
	for _, s := range r.list[from:to] {
		load, ok := s.Stmt.(*syntax.LoadStmt)
		if !ok {
			continue
		}
		target, err := loadTarget(r.e.name, load.ModuleName())
		if m := r.e.modules[target]; err == nil && m != nil {
			for i, to := range load.To {
				r.loaded[to.Name] = m.globals[load.From[i].Name]
			}
		}
	}
}

// loadedValues are those of the files that were loaded: nothing changes them any more. The
// map tells which of them hold functions.
func (r *rest) loadedValues() map[any]bool {
	g := &reach{r: r, nodes: map[any]*node{}}
	for name, m := range r.e.modules {
		if m.done && m.err == nil && name != r.e.name {
			for _, v := range m.globals {
				g.node(v)
			}
		}
	}
	g.look()
	frozen := map[any]bool{}
	var functions []*node
	for key, n := range g.nodes {
		switch n.value.(type) {
		case *starlark.Function:
			functions = append(functions, n)
		}
		if !n.opaque {
			frozen[key] = false
		}
	}
	follow(functions, func(n *node) bool {
		before := n.reached
		n.reached = true
		return !before
	}, func(n *node) []*node { return n.heldBy })
	for key, n := range g.nodes {
		if n.reached && !n.opaque {
			frozen[key] = true
		}
	}
	return frozen
}

// graveFiles reports whether a file that was loaded uses a grave name.
func (e *Evaluation) graveFiles() bool {
	for name := range e.modules {
		if name == e.name {
			continue
		}
		source, err := e.source(name)
		if err != nil {
			return true
		}
		file, err := parse(Dialect, name, source)
		if err != nil {
			return true
		}
		grave := false
		for _, s := range file.Stmts {
			syntax.Walk(s, func(n syntax.Node) bool {
				id, ok := n.(*syntax.Ident)
				grave = grave || ok && graveNames[id.Name]
				return true
			})
		}
		if grave {
			return true
		}
	}
	return false
}
