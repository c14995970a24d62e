package engine

import (
	"fmt"
	"slices"
	"strings"
)

// order works out what each pending change waits for: the supply of its release
// on the node that it names (without one the Master chooses, so none is known),
// the instance that carries a shared one, and the instances that its values refer to. Destroys run the other way round: an
// instance goes before those that it depends on, and a supply after the changes of
// the instances that use the release.
//
// That a value came from an instance is sometimes only seen by its being the same:
// where that leads to a circle it is not counted.
func (p *Plan) order() error {
	p.link(publishedBy(p.Declared.Published, func(string) bool { return true }), true)
	if p.checkCycles() == nil {
		return nil
	}
	p.link(nil, false)
	return p.checkCycles()
}

// link notes for each change what goes before it.
func (p *Plan) link(known valueIndex, mayChange bool) {
	x := index{supplies: map[placement][]Address{}, instances: map[string]bool{}, users: map[placement][]Address{}, hosts: map[host]Address{}, carried: map[host][]Address{}, dependents: map[string][]Address{}, published: known, mayChange: mayChange}
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
}

// A placement is a release on a node.
type placement struct{ release, computer string }

// A host is what a shared instance looks for: an instance of its release and type,
// on a node.
type host struct{ release, softwareType, computer string }

func hostOf(i *Instance, computer string) host {
	return host{i.SoftwareRelease, i.SoftwareType, computer}
}

// An index finds the pending changes that others may wait for, so that
// ordering does not compare every change with every other.
type index struct {
	supplies  map[placement][]Address // of the software that becomes available
	instances map[string]bool         // by name
	users     map[placement][]Address // of the instances that have the release now

	dependents map[string][]Address // of the instances to be destroyed that depend on one of the name
	hosts      map[host]Address     // the first instance that can carry shared ones
	carried    map[host][]Address   // the shared instances to be destroyed
	published  valueIndex           // where values come from, as far as they are the same
	mayChange  bool                 // count what comes from there
}

// uses are the instances that one to be destroyed depends on: it goes before them.
func (x index) uses(i *Instance) []string {
	list := slices.Clone(i.DependsOn)
	for _, t := range i.Parameters {
		for _, r := range t.References() {
			list = append(list, r.Instance)
		}
		list = append(list, x.published.inText(t)...)
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(name string) bool { return name == i.Name })
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
		if c.Action == Delete {
			for _, name := range x.uses(want) {
				x.dependents[name] = append(x.dependents[name], c.Address())
			}
		}
		x.addHost(want, c)
		if c.Current != nil {
			at := placement{c.Current.SoftwareRelease, c.Current.Computer}
			x.users[at] = append(x.users[at], c.Address())
		}
	}
}

// addHost notes what may carry shared instances, and what is carried. An instance
// that names no node may be on any.
func (x index) addHost(i *Instance, c *Change) {
	for _, h := range []host{hostOf(i, i.SLA["computer_guid"]), hostOf(i, "")} {
		switch {
		case i.Shared && c.Action == Delete:
			if h.computer == "" {
				x.carried[h] = append(x.carried[h], c.Address())
			}
		case !i.Shared && c.Action != Delete && x.hosts[h] == "":
			x.hosts[h] = c.Address()
		}
	}
}

// hostFor is the change of an instance that may have to carry a new shared one.
func (x index) hostFor(i *Instance, c *Change) []Address {
	if !i.Shared || c.Action != Create {
		return nil
	}
	if a := x.hosts[hostOf(i, i.SLA["computer_guid"])]; a != "" {
		return []Address{a}
	}
	if a := x.hosts[hostOf(i, "")]; a != "" {
		return []Address{a}
	}
	return nil
}

func (x index) dependencies(c *Change) []Address {
	switch want := c.Resource.(type) {
	case *Software:
		if c.Action == Delete {
			return x.users[placement{want.SoftwareRelease, want.Computer}]
		}
	case *Instance:
		if c.Action == Delete {
			if want.Shared {
				return x.dependents[want.Name]
			}
			list := slices.Concat(x.dependents[want.Name], x.carried[hostOf(want, "")])
			slices.Sort(list)
			return slices.Compact(list)
		}
		list := slices.Concat(x.supplies[placement{want.SoftwareRelease, want.SLA["computer_guid"]}], x.hostFor(want, c))
		for _, name := range slices.Concat(c.sources(x.mayChange), want.DependsOn) {
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
