package engine

import (
	"maps"
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

// A strength says what becomes of an order where it leads to a circle.
type strength uint8

const (
	firm    strength = iota // the circle is an error
	soft                    // it is wanted and not needed: within a circle it does not count
	guessed                 // where one of these is within a circle none counts
)

// A before is what goes before a change, each once.
type before struct {
	list  []Address
	as    []strength      // of each
	place map[Address]int // in the list; nil when it is done
}

func (b *before) add(as strength, addresses ...Address) {
	for _, a := range addresses {
		if n, there := b.place[a]; there {
			b.as[n] = min(as, b.as[n])
			continue
		}
		b.place[a] = len(b.list)
		b.list, b.as = append(b.list, a), append(b.as, as)
	}
}

// sort puts what goes first in order.
func (b *before) sort() {
	sorted := slices.Sorted(slices.Values(b.list))
	as := make([]strength, len(sorted))
	for n, a := range sorted {
		as[n] = b.as[b.place[a]]
	}
	b.list, b.as = sorted, as
}

// leave takes out what drop returns true for.
func (b *before) leave(drop func(Address, strength) bool) {
	list, as := b.list[:0], b.as[:0]
	for n, a := range b.list {
		if !drop(a, b.as[n]) {
			list, as = append(list, a), append(as, b.as[n])
		}
	}
	b.list, b.as = list, as
}

// A dependent is a change to be destroyed that goes before what it depends on.
type dependent struct {
	address Address
	as      strength
}

// dependencies finds the pending changes that others may wait for, so that
// ordering does not compare every change with every other.
type dependencies struct {
	supplies  map[placement][]Address // of the software that becomes available
	instances map[string]*Change      // by name
	guids     map[string]*Change      // the same, by guid
	users     map[placement][]Address // of the instances that have the release now

	dependents map[string][]dependent // of the instances to be destroyed that depend on one of the name
	hosts      map[host]Address       // the first instance that can carry shared ones
	carried    map[host][]Address     // the shared instances to be destroyed, by the node that they are on
	barriers   map[host]Address       // the first host to be destroyed there: the others go after it
}

func newDependencies(changes []*Change) dependencies {
	d := dependencies{
		supplies: map[placement][]Address{}, instances: map[string]*Change{}, guids: map[string]*Change{}, users: map[placement][]Address{},
		dependents: map[string][]dependent{}, hosts: map[host]Address{}, carried: map[host][]Address{}, barriers: map[host]Address{},
	}
	for _, c := range changes {
		d.add(c)
	}
	return d
}

func (d dependencies) add(c *Change) {
	switch want := c.Resource.(type) {
	case *Software:
		if c.Action != Delete {
			at := placement{want.SoftwareRelease, want.Computer}
			d.supplies[at] = append(d.supplies[at], c.Address())
		}
	case *Instance:
		d.instances[want.Name] = c
		if c.Action == Delete {
			uses := slices.DeleteFunc(want.requirements(), func(n requirement) bool { return n.instance == want.Name })
			for _, n := range uses {
				d.dependents[n.instance] = append(d.dependents[n.instance], dependent{c.Address(), n.as})
			}
		}
		d.addHost(want, c)
		if c.Current != nil {
			if c.Current.GUID != "" {
				d.guids[c.Current.GUID] = c
			}
			at := placement{c.Current.SoftwareRelease, c.node()}
			d.users[at] = append(d.users[at], c.Address())
		}
	}
}

// node is where an instance is, or else where it was asked to be.
func (c *Change) node() string {
	if c.Current == nil || c.Current.Computer != "" {
		return c.computer()
	}
	return c.Current.SLA[slap.SLAComputer]
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

// hostFor is the change of the instance that has to carry a new shared one, or that may
// have to.
func (d dependencies) hostFor(i *Instance, c *Change) (strength, Address) {
	if !i.Shared || c.Action != Create {
		return guessed, ""
	}
	if guid := i.SLA[slap.SLAInstance]; guid != "" || i.SLALater[slap.SLAInstance] != nil { // it is chosen
		if there := d.guids[guid]; there != nil && there.Action != Delete {
			return soft, there.Address()
		}
		return soft, ""
	}
	if a := d.hosts[hostOf(i, i.SLA[slap.SLAComputer])]; a != "" {
		return guessed, a
	}
	return guessed, d.hosts[hostOf(i, "")]
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

// A requirement is an instance that another one needs: its values come from there, or the files
// say so.
type requirement struct {
	instance string
	as       strength // soft: the value is known already
}

// requirements are what an instance needs, in order of appearance.
func (i *Instance) requirements() []requirement {
	var list []requirement
	for _, texts := range i.texts() {
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			for _, s := range texts[key].sources() {
				r := requirement{s.reference.Instance, firm}
				if s.known {
					r.as = soft
				}
				list = append(list, r)
			}
		}
	}
	for _, name := range i.DependsOn {
		list = append(list, requirement{name, firm})
	}
	return list
}

// of returns what a change waits for.
func (d dependencies) of(c *Change) before {
	b := before{place: map[Address]int{}}
	switch want := c.Resource.(type) {
	case *Software:
		if c.Action == Delete {
			b.add(firm, d.users[placement{want.SoftwareRelease, want.Computer}]...)
		}
	case *Instance:
		if c.Action == Delete {
			for _, other := range d.dependents[want.Name] {
				b.add(other.as, other.address)
			}
			if !want.Shared {
				b.add(firm, d.carriedBy(want, c)...)
			}
			for _, name := range c.users { // who lets go of it, or goes itself
				if user := d.instances[name]; user != nil && user.Action != Create {
					b.add(soft, user.Address())
				}
			}
			b.sort()
			return b
		}
		b.add(firm, d.supplies[placement{want.SoftwareRelease, want.SLA[slap.SLAComputer]}]...)
		if as, host := d.hostFor(want, c); host != "" {
			b.add(as, host)
		}
		for _, n := range want.requirements() {
			other := d.instances[n.instance]
			if other == nil || n.as == soft && (other.Action == Delete || other == c) {
				continue
			}
			b.add(n.as, other.Address())
		}
	}
	return b
}
