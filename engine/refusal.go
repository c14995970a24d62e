package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"slapstar/slap"
)

// A Refusal is something that the plan asks for and that cannot work. A plan
// with refusals cannot be applied.
type Refusal struct {
	Address Address
	Origin  Origin
	Message string
	Hint    string
}

// A RefusedError says that a plan cannot be applied.
type RefusedError struct{ Refusals []Refusal }

func (e *RefusedError) Error() string {
	r := e.Refusals[0]
	s := fmt.Sprintf("%v: %s: %s", r.Origin.Position(), r.Address, r.Message)
	if more := len(e.Refusals) - 1; more > 0 {
		s += fmt.Sprintf("; and %d more", more)
	}
	return s
}

func (p *planning) refuse(c *Change, message, hint string) {
	p.refuseAs(c, Refusal{Message: message, Hint: hint})
}

func (p *planning) refuseAs(c *Change, r Refusal) {
	r.Address, r.Origin = c.Address(), c.Resource.Declared()
	p.Refusals = append(p.Refusals, r)
}

// refuseBoundary refuses to wait for a value that will not come.
func (p *planning) refuseBoundary() {
	for _, more := range p.More.All() {
		r := more.Reference
		other := p.declared[r.Instance]
		if other == nil || other.State != slap.Destroyed {
			continue
		}
		p.Refusals = append(p.Refusals, Refusal{
			Address: other.Address(),
			Origin:  more.Origin,
			Message: fmt.Sprintf("%s needs its %s, and it is to be destroyed", more.Use, strings.TrimPrefix(r.what(), "the ")),
			Hint:    "take the condition out, or keep the instance",
		})
	}
}

// refuseUsedSoftware refuses to remove the software of instances that stay: they
// would lose what they run. The node of an instance is where it is, or else the one that it
// asks for; on a full Master, which may tell neither, the release alone counts.
func (p *planning) refuseUsedSoftware() {
	removed := map[placement]*Change{}
	for _, c := range p.Changes {
		if s, ok := c.Resource.(*Software); ok && c.Action == Delete {
			removed[placement{s.SoftwareRelease, s.Computer}] = c
		}
	}
	if len(removed) == 0 {
		return
	}
	users := map[*Change][]string{}
	for _, name := range p.staying() {
		i := p.state.Instances[name]
		at := placement{i.SoftwareRelease, cmp.Or(i.Computer, i.SLA[slap.SLAComputer])}
		for there, c := range removed {
			if there == at || p.state.Full && at.computer == "" && there.release == at.release {
				users[c] = append(users[c], name)
			}
		}
	}
	for _, c := range p.Changes { // and who comes to it
		i, ok := c.Resource.(*Instance)
		if !ok || c.Action != Create && c.Action != Update {
			continue
		}
		computer := i.SLA[slap.SLAComputer]
		if c.Current != nil && c.Current.Computer != "" {
			computer = c.Current.Computer
		}
		if end := removed[placement{i.SoftwareRelease, computer}]; end != nil && !slices.Contains(users[end], i.Name) {
			users[end] = append(users[end], i.Name)
		}
	}
	for _, c := range p.Changes {
		if names := users[c]; len(names) > 0 {
			const most = 5
			more := ""
			if len(names) > most {
				more = fmt.Sprintf(" and %d more", len(names)-most)
				names = names[:most]
			}
			p.refuse(c, fmt.Sprintf("instances on this node need it: %s%s", Quoted(names), more), "destroy them, or move them to another release, first or in the same plan")
		}
	}
}

// staying are the instances that keep the release that they have.
func (p *planning) staying() []string {
	leaving := map[string]bool{}
	for _, c := range p.Changes {
		i, ok := c.Resource.(*Instance)
		if ok && c.Current != nil && (c.Action == Delete || i.SoftwareRelease != c.Current.SoftwareRelease) {
			leaving[i.Name] = true
		}
	}
	var list []string
	for _, name := range p.state.Names() {
		if _, read := p.state.Instances[name]; read && !leaving[name] && !p.isDestroyed(name) {
			list = append(list, name)
		}
	}
	return list
}
