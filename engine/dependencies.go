package engine

import (
	"slices"

	"slapstar/slap"
)

// A placement is a release on a node.
type placement struct{ release, computer string }

// A host is what a shared instance looks for: an instance of its release and type,
// on a node.
type host struct{ release, softwareType, computer string }

func hostOf(i *Instance, computer string) host {
	return host{i.SoftwareRelease, i.SoftwareType, computer}
}

// dependencies finds the pending changes that others may wait for, so that
// ordering does not compare every change with every other.
type dependencies struct {
	supplies  map[placement][]Address // of the software that becomes available
	instances map[string]Address      // by name
	users     map[placement][]Address // of the instances that have the release now

	dependents map[string][]Address // of the instances to be destroyed that depend on one of the name
	hosts      map[host]Address     // the first instance that can carry shared ones
	carried    map[host][]Address   // the shared instances to be destroyed, by the node that they are on
	barriers   map[host]Address     // the first host to be destroyed there: the others go after it
	published  valueIndex           // where values come from, as far as they are the same
	guesses    bool                 // count what is guessed
}

func newDependencies(c *Config, guesses bool) dependencies {
	d := dependencies{
		supplies: map[placement][]Address{}, instances: map[string]Address{}, users: map[placement][]Address{},
		dependents: map[string][]Address{}, hosts: map[host]Address{}, carried: map[host][]Address{}, barriers: map[host]Address{},
		guesses: guesses,
	}
	if guesses {
		d.published = publishedBy(c.Published, func(Published) bool { return true })
	}
	return d
}

// uses are the instances that one to be destroyed depends on: it goes before them.
func (d dependencies) uses(i *Instance) []string {
	list := slices.Clone(i.DependsOn)
	for _, r := range i.references() {
		list = append(list, r.Instance)
	}
	for _, t := range i.Parameters {
		list = append(list, d.published.inText(t)...)
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(name string) bool { return name == i.Name })
}

func (d dependencies) add(c *Change) {
	switch want := c.Resource.(type) {
	case *Software:
		if c.Action != Delete {
			at := placement{want.SoftwareRelease, want.Computer}
			d.supplies[at] = append(d.supplies[at], c.Address())
		}
	case *Instance:
		d.instances[want.Name] = c.Address()
		if c.Action == Delete {
			for _, name := range d.uses(want) {
				d.dependents[name] = append(d.dependents[name], c.Address())
			}
		}
		d.addHost(want, c)
		if c.Current != nil {
			at := placement{c.Current.SoftwareRelease, c.Current.Computer}
			d.users[at] = append(d.users[at], c.Address())
		}
	}
}

// addHost notes what may carry shared instances, and what is carried. An instance
// that names no node may be on any.
func (d dependencies) addHost(i *Instance, c *Change) {
	for _, h := range []host{hostOf(i, i.SLA[slap.SLAComputer]), hostOf(i, "")} {
		switch {
		case c.Action == Delete && h.computer != "": // it counts where it is
		case c.Action == Delete && i.Shared:
			at := hostOf(i, c.computer())
			d.carried[at] = append(d.carried[at], c.Address())
		case c.Action == Delete:
			if at := hostOf(i, c.computer()); d.barriers[at] == "" {
				d.barriers[at] = c.Address()
			}
		case !i.Shared && c.Action != Delete && d.hosts[h] == "":
			d.hosts[h] = c.Address()
		}
	}
}

// hostFor is the change of an instance that may have to carry a new shared one.
func (d dependencies) hostFor(i *Instance, c *Change) []Address {
	if !i.Shared || c.Action != Create || !d.guesses {
		return nil
	}
	if a := d.hosts[hostOf(i, i.SLA[slap.SLAComputer])]; a != "" {
		return []Address{a}
	}
	if a := d.hosts[hostOf(i, "")]; a != "" {
		return []Address{a}
	}
	return nil
}

// carriedBy is what goes before an instance that may carry shared ones: these, or
// where there are several such instances, the first of them, which they go before.
func (d dependencies) carriedBy(i *Instance, c *Change) []Address {
	at := hostOf(i, c.computer())
	switch {
	case len(d.carried[at]) == 0:
		return nil
	case d.barriers[at] != c.Address():
		return []Address{d.barriers[at]}
	}
	return d.carried[at]
}

// of returns what a change waits for.
func (d dependencies) of(c *Change) []Address {
	switch want := c.Resource.(type) {
	case *Software:
		if c.Action == Delete {
			return d.users[placement{want.SoftwareRelease, want.Computer}]
		}
	case *Instance:
		if c.Action == Delete {
			if want.Shared {
				return d.dependents[want.Name]
			}
			list := slices.Concat(d.dependents[want.Name], d.carriedBy(want, c))
			slices.Sort(list)
			return slices.Compact(list)
		}
		list := slices.Concat(d.supplies[placement{want.SoftwareRelease, want.SLA[slap.SLAComputer]}], d.hostFor(want, c))
		there := make(map[Address]bool, len(list)+len(want.DependsOn))
		for _, a := range list {
			there[a] = true
		}
		for _, name := range slices.Concat(c.sources(d.guesses), want.DependsOn) {
			a, pending := d.instances[name]
			if pending && !there[a] {
				there[a] = true
				list = append(list, a)
			}
		}
		return list
	}
	return nil
}
