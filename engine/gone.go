package engine

import (
	"fmt"
	"maps"
	"slices"

	"slapstar/slap"
)

// The brake on destroying what is no longer declared: of so many owned instances
// or more, no more than this part goes without being asked for.
const (
	massOwned = 10
	massPart  = 0.3
)

// planGone destroys what a claim covers, or an earlier revision declared, and the
// files no longer declare; but not when they declare nothing, or may declare more.
func (p *planning) planGone(o Options) {
	if p.config.More != nil {
		return
	}
	owned, gone := p.claimed()
	if o.Since != nil {
		owned, gone = p.since(o.Since, owned, gone)
	}
	if len(gone) == 0 {
		return
	}
	if len(p.config.Resources) == 0 {
		p.refuse(gone[0], fmt.Sprintf("the files declare nothing, which would destroy all that they own (%d)", len(gone)),
			"an empty evaluation destroys nothing; slapstar destroy does")
		return
	}
	p.Changes = append(p.Changes, gone...)
	instances := 0
	for _, c := range gone {
		if _, ok := c.Resource.(*Instance); ok {
			instances++
		}
	}
	if owned >= massOwned && float64(instances) > massPart*float64(owned) && !o.AllowMassDestroy {
		p.refuse(gone[0], fmt.Sprintf("%d of %d owned instances would be destroyed, more than %d %%", instances, owned, int(massPart*100)),
			"--allow-mass-destroy allows it")
	}
}

// claimed counts the instances that the claims cover, and makes the changes of
// those that are no longer declared.
func (p *planning) claimed() (owned int, gone []*Change) {
	if len(p.config.Claims) == 0 {
		return 0, nil
	}
	for _, name := range p.state.names() {
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
	for _, name := range p.state.names() {
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
			if seen[before.Address()] {
				continue
			}
			change := p.end(before)
			change.Revision = r.Name
			gone = append(gone, change)
			if before.Protect {
				p.refuseAs(change, protected("it is no longer declared"))
			}
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

// names are those of all instances on the Master, in order.
func (s *State) names() []string {
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
