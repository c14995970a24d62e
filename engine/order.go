package engine

import (
	"fmt"
	"strings"
)

// order works out what each pending change waits for: the supply of its release
// on the node that it names (without one the Master chooses, so none is known),
// the instance that carries a shared one, and the instances that its values refer to.
// Destroys run the other way round: an instance goes before those that it depends on,
// and a supply after the changes of the instances that use the release.
//
// Some of it is guessed: that a value came from an instance, by its being the same;
// which instance will carry a shared one. Where guesses lead to a circle none counts.
func (p *Plan) order() error {
	p.link(true)
	if p.checkCycles() == nil {
		return nil
	}
	p.link(false)
	return p.checkCycles()
}

// link notes for each change what goes before it.
func (p *Plan) link(guesses bool) {
	d := newDependencies(p.Declared, guesses)
	for _, c := range p.Changes {
		if c.Pending() {
			d.add(c)
		}
	}
	for _, c := range p.Changes {
		if c.Pending() {
			c.DependsOn = d.of(c)
		}
	}
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

func (p *Plan) checkCycles() error {
	byAddress := p.byAddress()
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
	for _, c := range p.Changes {
		if err := visit(c); err != nil {
			return err
		}
	}
	return nil
}
