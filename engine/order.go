package engine

import (
	"fmt"
	"strings"

	"slapstar/slap"
)

// order works out what each pending change waits for: the supply of its release
// on the node that it names (without one the Master chooses, so none is known),
// the instance that carries a shared one, and the instances that its values come from.
// Destroys run the other way round: an instance goes after those that used what it has
// published, when they have let go or are gone, and a supply after the changes of the
// instances that use the release.
//
// A value that is known need not be waited for, and which instance will carry a shared one
// is guessed: where these lead to a circle they do not count.
func (p *Plan) order() error {
	var pending []*Change
	for _, c := range p.Changes {
		if c.Pending() {
			pending = append(pending, c)
		}
	}
	return link(pending)
}

// link notes for each change what goes before it.
func link(changes []*Change) error {
	d := newDependencies(changes)
	list := make([]before, len(changes))
	for n, c := range changes {
		list[n] = d.of(c)
		list[n].place = nil
		c.DependsOn = list[n].list
	}
	err := checkCycles(changes)
	for _, what := range []strength{guessed, soft} {
		if err == nil {
			return nil
		}
		circle := circles(changes)
		within := func(c *Change, a Address, as strength) bool {
			return as == what && circle[a] == circle[c.Address()]
		}
		all := false // guesses are within a circle
		for n, c := range changes {
			for k, a := range list[n].list {
				all = all || what == guessed && within(c, a, list[n].as[k])
			}
		}
		for n, c := range changes {
			list[n].leave(func(a Address, as strength) bool { return within(c, a, as) || all && as == guessed })
			c.DependsOn = list[n].list
		}
		err = checkCycles(changes)
	}
	return err
}

// Graph returns what each resource depends on, by address: what goes before it where all
// that is declared is created. It is the same before and after an apply.
func (p *Plan) Graph() map[Address][]Address {
	declared := byName(p.Declared)
	var all []*Change
	for _, c := range p.Changes {
		whole := &Change{Action: Create, Resource: c.Resource, Current: c.Current}
		switch r := c.Resource.(type) {
		case *Instance:
			if declared[r.Name] != nil {
				whole.Resource = declared[r.Name]
			}
			if c.Action == Delete || r.State == slap.Destroyed {
				continue
			}
		case *Software:
			if c.Action == Delete || r.State == slap.Destroyed {
				continue
			}
		}
		all = append(all, whole)
	}
	graph := map[Address][]Address{}
	if link(all) != nil { // the plan itself has none
		return graph
	}
	for _, c := range all {
		graph[c.Address()] = c.DependsOn
	}
	return graph
}

// circles numbers the changes so that those of one circle have the same number: a change
// that is on none has its own (Tarjan's algorithm).
func circles(changes []*Change) map[Address]int {
	byAddress := changesByAddress(changes)
	index, low, number := map[Address]int{}, map[Address]int{}, map[Address]int{}
	var stack []Address
	var visit func(c *Change)
	visit = func(c *Change) {
		a := c.Address()
		index[a] = len(index) + 1
		low[a] = index[a]
		stack = append(stack, a)
		for _, next := range c.DependsOn {
			switch {
			case index[next] == 0:
				visit(byAddress[next])
				low[a] = min(low[a], low[next])
			case number[next] == 0:
				low[a] = min(low[a], index[next])
			}
		}
		if low[a] != index[a] {
			return
		}
		for done := false; !done; {
			last := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			number[last], done = index[a], last == a
		}
	}
	for _, c := range changes {
		if index[c.Address()] == 0 {
			visit(c)
		}
	}
	return number
}

// A CycleError is a circle of changes that wait for each other.
type CycleError struct {
	Path []*Change // the first one is also what the last one waits for
}

func (e *CycleError) Error() string {
	var b strings.Builder
	b.WriteString("these wait for each other:")
	for _, c := range append(e.Path, e.Path[0]) {
		fmt.Fprintf(&b, "\n  %s (%v)", c.Address(), c.Resource.Declared().Position())
	}
	return b.String()
}

func checkCycles(changes []*Change) error {
	byAddress := changesByAddress(changes)
	const visiting, visited = 1, 2
	mark := map[*Change]int{}
	var path []*Change
	var visit func(c *Change) error
	visit = func(c *Change) error {
		switch mark[c] {
		case visited:
			return nil
		case visiting:
			for path[0] != c {
				path = path[1:]
			}
			return &CycleError{Path: path}
		}
		mark[c] = visiting
		path = append(path, c)
		for _, a := range c.DependsOn {
			if err := visit(byAddress[a]); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		mark[c] = visited
		return nil
	}
	for _, c := range changes {
		if err := visit(c); err != nil {
			return err
		}
	}
	return nil
}
