package lang

import (
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// maxReached is how many values are looked at, all in all, to find what a statement may
// have changed.
const maxReached = 2_000_000

// A reach is the values of a file, and which of them hold which.
type reach struct {
	r     *rest
	nodes map[any]*node
	todo  []*node
	grave *node // stands for loaded values that hold functions, if one of these may be grave
}

// A node is a value that holds others, or can be changed.
type node struct {
	value         starlark.Value
	holds, heldBy []*node

	mutable bool
	opaque  bool // what it can change is not known
	grave   bool // a function that may do what statements that are left out must not
	tainted bool // what is left out may change it, or what it needs
	reached bool
}

// Unchanging is a value that stays what it is, and holds nothing that does not.
type Unchanging interface{ Unchanging() }

// Unchanging implements [Unchanging].
func (*Text) Unchanging() {}

// keyOf identifies a value; nil: it holds nothing and cannot be changed.
func keyOf(v starlark.Value) any {
	switch v := v.(type) {
	case nil, starlark.NoneType, starlark.Bool, starlark.Int, starlark.Float, starlark.String, starlark.Bytes, *starlarkstruct.Module, Unchanging:
		return nil
	case starlark.Tuple:
		if len(v) == 0 {
			return nil
		}
		return IdentityOf(v)
	case *starlark.List, *starlark.Dict, *starlark.Set, *starlark.Function, *starlark.Builtin, *starlarkstruct.Struct, *Document:
		return v
	}
	if v.Type() == "range" {
		return nil
	}
	return opaqueKey{v.Type()}
}

// An opaqueKey stands for all values of a type that is not known here.
type opaqueKey struct{ kind string }

// node returns that of a value; nil: it has none.
func (g *reach) node(v starlark.Value) *node {
	key := keyOf(v)
	if key == nil {
		return nil
	}
	if functions, ok := g.r.frozen[key]; ok {
		if functions && g.r.graveFiles {
			return g.grave
		}
		return nil
	}
	n := g.nodes[key]
	if n == nil {
		n = &node{value: v}
		_, n.opaque = key.(opaqueKey)
		g.nodes[key] = n
		g.todo = append(g.todo, n)
	}
	return n
}

func (n *node) add(other *node) {
	if other != nil {
		n.holds = append(n.holds, other)
		other.heldBy = append(other.heldBy, n)
	}
}

// look goes through all that the nodes hold. It reports false where that is too much.
func (g *reach) look() bool {
	for len(g.todo) > 0 && g.r.looked < maxReached {
		n := g.todo[len(g.todo)-1]
		g.todo = g.todo[:len(g.todo)-1]
		g.r.looked++
		g.open(n)
	}
	return g.r.looked < maxReached
}

// taint marks what may be changed by something that uses the first ones, and what depends
// on that. It reports false where that may be anything.
func (g *reach) taint(first []*node) bool {
	grave, opaque := false, false
	follow(first, func(n *node) bool {
		if n.reached {
			return false
		}
		n.reached = true
		grave, opaque = grave || n.grave, opaque || n.opaque
		return true
	}, func(n *node) []*node { return n.holds })
	var changed []*node
	for _, n := range g.nodes {
		if n.tainted || (n.mutable || n.opaque) && (n.reached || opaque) {
			n.tainted = false
			changed = append(changed, n)
		}
	}
	follow(changed, func(n *node) bool {
		before := n.tainted
		n.tainted = true
		return !before
	}, func(n *node) []*node { return n.heldBy })
	return !grave
}

func (g *reach) open(n *node) {
	each := func(v starlark.Value) {
		g.r.looked++
		n.add(g.node(v))
	}
	switch v := n.value.(type) {
	case *starlark.List:
		n.mutable = true
		for i := range v.Len() {
			each(v.Index(i))
		}
	case starlark.Tuple:
		for _, x := range v {
			each(x)
		}
	case *starlark.Dict:
		n.mutable = true
		for _, item := range v.Items() {
			each(item[0])
			each(item[1])
		}
	case *starlark.Set:
		n.mutable = true
		for x := range v.Elements() {
			each(x)
		}
	case *Document:
		n.mutable = true
		each(v.held)
	case *starlarkstruct.Struct:
		for _, name := range v.AttrNames() {
			field, _ := v.Attr(name)
			each(field)
		}
	case *starlark.Builtin:
		if v.Receiver() != nil {
			each(v.Receiver())
		} else {
			n.opaque = !g.r.builtins[v]
		}
	case *starlark.Function:
		g.function(n, v, each)
	}
}

func (g *reach) function(n *node, f *starlark.Function, each func(starlark.Value)) {
	for i := range f.NumParams() {
		each(f.ParamDefault(i))
	}
	for i := range f.NumFreeVars() {
		_, v := f.FreeVar(i)
		each(v)
	}
	if f.Position().Filename() != g.r.e.name {
		n.grave = g.r.graveFiles
		return
	}
	i := statementAt(g.r.list, f.Position())
	if i < 0 {
		n.opaque, n.tainted, n.grave = true, true, true
		return
	}
	s := g.r.list[i]
	n.grave, n.tainted = s.grave, g.r.stale[i]
	for name := range s.uses {
		n.tainted = n.tainted || g.r.tainted[name]
		each(g.r.globals[name])
	}
}

// follow goes from the first nodes to the next ones as long as they are marked.
func follow(first []*node, mark func(*node) bool, next func(*node) []*node) {
	for queue := first; len(queue) > 0; {
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if n != nil && mark(n) {
			queue = append(queue, next(n)...)
		}
	}
}
