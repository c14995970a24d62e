package engine

import (
	"fmt"
	"slices"
	"strings"
)

// order works out what each pending change waits for: the supply of its release
// on the node that it names (without one the Master chooses, so none is known),
// and the instances that its values refer to. A supply is removed after the
// changes of the instances that use the release.
func (p *Plan) order() error {
	x := index{supplies: map[placement][]Address{}, instances: map[string]bool{}, users: map[placement][]Address{}, dependents: map[string][]Address{}}
	for _, c := range p.Changes {
		if c.Pending() {
			x.add(c)
		}
	}
	for _, c := range p.Changes {
		if c.Pending() {
			c.DependsOn = x.dependencies(c)
		}
	}
	return p.checkCycles()
}

// A placement is a release on a node.
type placement struct{ release, computer string }

// An index finds the pending changes that others may wait for, so that
// ordering does not compare every change with every other.
type index struct {
	supplies  map[placement][]Address // of the software that becomes available
	instances map[string]bool         // by name
	users     map[placement][]Address // of the instances that have the release now

	dependents map[string][]Address // of the instances to be destroyed that depend on one of the name
}

func (x index) add(c *Change) {
	switch want := c.Resource.(type) {
	case *Software:
		if c.Action != Delete {
			at := placement{want.SoftwareRelease, want.Computer}
			x.supplies[at] = append(x.supplies[at], c.Address())
		}
	case *Instance:
		x.instances[want.Name] = true
		for _, name := range want.DependsOn {
			if c.Action == Delete {
				x.dependents[name] = append(x.dependents[name], c.Address())
			}
		}
		if c.Current != nil {
			at := placement{c.Current.SoftwareRelease, c.Current.Computer}
			x.users[at] = append(x.users[at], c.Address())
		}
	}
}

func (x index) dependencies(c *Change) []Address {
	switch want := c.Resource.(type) {
	case *Software:
		if c.Action == Delete {
			return x.users[placement{want.SoftwareRelease, want.Computer}]
		}
	case *Instance:
		if c.Action == Delete {
			return x.dependents[want.Name]
		}
		list := slices.Clone(x.supplies[placement{want.SoftwareRelease, want.SLA["computer_guid"]}])
		for _, name := range slices.Concat(c.sources(), want.DependsOn) {
			if a := InstanceAddress(name); x.instances[name] && !slices.Contains(list, a) {
				list = append(list, a)
			}
		}
		return list
	}
	return nil
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
