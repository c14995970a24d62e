package engine

import (
	"fmt"
	"maps"
	"slices"

	"slapstar/slap"
)

// The brake on destroying what is no longer declared: of massOwned instances
// or more, no more than massPart goes without being asked for.
const (
	massOwned = 10
	massPart  = 0.3
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

// brake refuses to destroy what nobody declares any more where that may be a slip:
// the files declare nothing at all, or much of what is owned would go. It looks at
// what was selected of the plan.
func (p *planning) brake(owned int, allowMass bool) {
	var first *Change
	gone := 0
	for _, c := range p.Changes {
		if c.Cause != NoLongerDeclared {
			continue
		}
		if first == nil {
			first = c
		}
		if _, ok := c.Resource.(*Instance); ok {
			gone++
		}
	}
	switch {
	case first == nil:
	case len(p.config.Resources) == 0:
		p.refuse(first, fmt.Sprintf("the files declare nothing, which would destroy all that they own (%d)", p.Count(Delete)),
			"an empty evaluation destroys nothing; slapstar destroy does")
		p.Changes = nil
	case owned >= massOwned && float64(gone) > massPart*float64(owned) && !allowMass:
		p.refuse(first, fmt.Sprintf("%d of %d owned instances would be destroyed, more than %d %%", gone, owned, int(massPart*100)),
			"--allow-mass-destroy allows it")
	}
}

// claimed counts the instances that the claims cover, and makes the changes of
// those that are no longer declared.
func (p *planning) claimed() (owned int, gone []*Change) {
	if len(p.config.Claims) == 0 {
		return 0, nil
	}
	for _, name := range p.state.Names() {
		claim := p.config.ClaimOn(name)
		if claim == nil || p.isDestroyed(name) {
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
	seen := map[Address]bool{}
	for _, c := range slices.Concat(p.Changes, gone) {
		seen[c.Address()] = true
	}
	exists := map[string]bool{}
	for _, name := range p.state.Names() {
		exists[name] = !p.isDestroyed(name)
	}
	for _, before := range r.Config.Resources {
		switch before := before.(type) {
		case *Instance:
			if !exists[before.Name] || before.State == slap.Destroyed {
				continue
			}
			if p.config.ClaimOn(before.Name) == nil { // others are counted
				owned++
			}
			if before.Protect && p.declared[before.Name] == nil { // claimed or not
				p.refuseAs(&Change{Resource: before}, protected("it is no longer declared"))
			}
			if seen[before.Address()] {
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
