package engine

import (
	"maps"
	"slices"

	"slapstar/slap"
)

// prune destroys what a claim covers, or an earlier revision declared, and the
// files no longer declare; but not when they may declare more. It counts what is
// owned.
func (p *planning) prune(o Options) (owned int) {
	if p.config.More != nil {
		return 0
	}
	owned, gone := p.claimed()
	if o.Since != nil {
		owned, gone = p.since(o.Since, owned, gone)
	}
	p.Changes = append(p.Changes, gone...)
	return owned
}

// claimed counts the instances that the claims cover, and makes the changes of
// those that are no longer declared.
func (p *planning) claimed() (owned int, gone []*Change) {
	if len(p.config.Claims) == 0 {
		return 0, nil
	}
	for _, name := range p.state.Names() {
		claim := p.claims.Claim(name)
		if claim == nil || p.isDestroyed(name) || p.state.isRemote(name) {
			continue
		}
		owned++
		if p.declared[name] == nil {
			change := p.end(&Instance{Name: name, Origin: claim.Origin})
			change.Claim = claim
			gone = append(gone, change)
		}
	}
	return owned, gone
}

// since adds what an earlier revision declared.
func (p *planning) since(r *Revision, owned int, gone []*Change) (int, []*Change) {
	added := r.added()
	gone = slices.DeleteFunc(gone, func(c *Change) bool {
		if before := added[c.Address()]; before != nil {
			p.noteAdded(before, r)
		}
		return added[c.Address()] != nil
	})
	seen := map[Address]bool{}
	for _, c := range slices.Concat(p.Changes, gone) {
		seen[c.Address()] = true
	}
	exists := map[string]bool{}
	for _, name := range p.state.Names() {
		exists[name] = !p.isDestroyed(name) && !p.state.isRemote(name)
	}
	for _, before := range r.Config.Resources {
		switch before := before.(type) {
		case *Instance:
			if !exists[before.Name] || before.State == slap.Destroyed {
				continue
			}
			if p.claims.Claim(before.Name) == nil { // others are counted
				owned++
			}
			if seen[before.Address()] {
				continue
			}
			if added[before.Address()] != nil {
				p.noteAdded(before, r)
				continue
			}
			change := p.end(before)
			change.Revision = r.Name
			gone = append(gone, change)
		case *Software:
			state, there := p.state.Software[before.Computer][before.SoftwareRelease]
			if seen[before.Address()] || !there || state == slap.Destroyed || before.State == slap.Destroyed {
				continue
			}
			if added[before.Address()] != nil {
				p.noteAdded(before, r)
				continue
			}
			end := *before
			end.State = slap.Destroyed
			gone = append(gone, &Change{Action: Delete, Cause: NoLongerDeclared, Revision: r.Name, Resource: &end,
				Attributes: []Attribute{difference("", "state", &state, Literal(slap.Destroyed))}})
		}
	}
	return owned, gone
}

// end makes the change that destroys an instance which nobody declares any more.
func (p *planning) end(i *Instance) *Change {
	gone := *i
	gone.State, gone.WaitFor, gone.DependsOn = slap.Destroyed, nil, i.DependsOn
	change := &Change{Action: Delete, Cause: NoLongerDeclared, Resource: &gone}
	if current, read := p.state.Instances[i.Name]; read {
		change.Current = &current
		change.Attributes = []Attribute{difference("", "state", &current.State, Literal(slap.Destroyed))}
	}
	return change
}

func (p *planning) isDestroyed(name string) bool {
	current, read := p.state.Instances[name]
	return read && current.State == slap.Destroyed
}

// has reports whether there is an instance of that name on the Master.
func (s *State) has(name string) bool {
	_, read := s.Instances[name]
	return read || s.Unread[name] || s.NotReady[name]
}

// Names are those of all instances on the Master, in order.
func (s *State) Names() []string {
	all := map[string]bool{}
	for name := range s.Instances {
		all[name] = true
	}
	for _, unread := range []map[string]bool{s.Unread, s.NotReady} {
		for name := range unread {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
