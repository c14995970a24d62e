package engine

import (
	"fmt"
	"slices"

	"slapstar/slap"
)

// The brakes on destroying what is no longer declared: of massOwned instances, or
// pieces of software, or more, no more than massPart goes without being asked for; and
// of fewer not all, where nothing takes their place.
const (
	massOwned = 10
	massPart  = 0.3
)

const allowMass = "--allow-mass-destroy allows it"

// brake refuses to destroy what nobody declares any more where that may be a slip:
// the files declare nothing at all, much of what is owned would go, or all that a claim
// or an earlier revision owns. It looks at what was selected of the whole plan.
func (p *planning) brake(whole []*Change, owned int, allow bool) {
	gone := forgotten(p.Changes)
	switch {
	case len(gone) == 0:
		return
	case len(p.config.Resources) == 0:
		p.refuse(gone[0], fmt.Sprintf("the files declare nothing, which would destroy all that they own (%d)", p.Count(Delete)),
			"an empty evaluation destroys nothing; slapstar destroy does")
		p.Changes = nil
		return
	case allow:
		return
	}
	refusals := len(p.Refusals)
	p.brakePart(onlyKind[*Instance](gone), owned, "instances")
	p.brakePart(onlyKind[*Software](gone), countIf(onlyKind[*Software](whole), exists), "pieces of software")
	if len(p.Refusals) > refusals {
		return
	}
	for _, h := range p.holdings(whole) {
		mine := slices.DeleteFunc(slices.Clone(p.Changes), func(c *Change) bool { return !h.covers(c) })
		pruned := forgotten(mine)
		created := countIf(mine, func(c *Change) bool { return c.Action == Create })
		if len(pruned) > 0 && created == 0 && countIf(mine, isDelete) >= h.there {
			p.refuse(pruned[0], fmt.Sprintf("all %s (%d) would be destroyed, and none is kept or created", h.what, h.there), allowMass)
		}
	}
}

// brakePart refuses when too much of what is owned goes.
func (p *planning) brakePart(gone []*Change, owned int, what string) {
	if owned >= massOwned && float64(len(gone)) > massPart*float64(owned) {
		p.refuse(gone[0], fmt.Sprintf("%d of %d owned %s would be destroyed, more than %d %%", len(gone), owned, what, int(massPart*100)), allowMass)
	}
}

// A holding is what belongs together: all of it does not go without being asked for.
type holding struct {
	what   string // completes "all"
	there  int    // on the Master
	covers func(*Change) bool
}

// holdings are what each claim covers, and of each kind what an earlier revision and the
// files declare.
func (p *planning) holdings(whole []*Change) []holding {
	var list []holding
	names := p.state.Names()
	for _, by := range p.claims.claims {
		h := holding{what: fmt.Sprintf("instances that %q in owns (%v) covers", by.pattern.text, by.claim.Origin.Position())}
		for _, name := range names {
			if by.covers(name) && !p.isDestroyed(name) {
				h.there++
			}
		}
		h.covers = func(c *Change) bool {
			i, ok := c.Resource.(*Instance)
			return ok && by.covers(i.Name)
		}
		list = append(list, h)
	}
	i := slices.IndexFunc(whole, func(c *Change) bool { return c.Revision != "" })
	if i < 0 {
		return list
	}
	revision := whole[i].Revision
	return append(list,
		holding{fmt.Sprintf("instances that the files declare, now or at %s", revision), countIf(onlyKind[*Instance](whole), exists), isKind[*Instance]},
		holding{fmt.Sprintf("software that the files declare, now or at %s", revision), countIf(onlyKind[*Software](whole), exists), isKind[*Software]})
}

// forgotten are the changes that destroy what is no longer declared.
func forgotten(changes []*Change) []*Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c *Change) bool { return c.Cause != NoLongerDeclared })
}

func countIf(changes []*Change, counts func(*Change) bool) int {
	n := 0
	for _, c := range changes {
		if counts(c) {
			n++
		}
	}
	return n
}

func isKind[T Resource](c *Change) bool {
	_, ok := c.Resource.(T)
	return ok
}

func onlyKind[T Resource](changes []*Change) []*Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c *Change) bool { return !isKind[T](c) })
}

func isDelete(c *Change) bool { return c.Action == Delete }

// exists reports whether a change is of something that is on the Master.
func exists(c *Change) bool {
	if c.Action != NoOp {
		return c.Action != Create
	}
	switch r := c.Resource.(type) {
	case *Instance:
		return r.State != slap.Destroyed
	case *Software:
		return r.State != slap.Destroyed
	}
	return false
}
