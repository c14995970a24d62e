package engine

import "fmt"

// added is what a revision declares and the fork does not.
func (r *Revision) added() map[Address]Resource {
	if r.Fork == nil || r.Config == nil {
		return nil
	}
	list := map[Address]Resource{}
	for _, resource := range r.Config.Resources {
		list[resource.Address()] = resource
	}
	if r.Fork.Config != nil {
		for _, resource := range r.Fork.Config.Resources {
			delete(list, resource.Address())
		}
	}
	return list
}

// noteAdded says of what is on the Master and not declared that it is nothing to be
// destroyed: it came later, and stays.
func (p *planning) noteAdded(before Resource, r *Revision) {
	for _, n := range p.Notes {
		if n.Address == before.Address() && n.Origin.Position() == before.Declared().Position() {
			return
		}
	}
	p.Notes = append(p.Notes, Note{Address: before.Address(), Origin: before.Declared(),
		Message: fmt.Sprintf("%s declares it: added there since, this branch is %d behind: rebase", r.Name, r.Fork.Behind)})
}
