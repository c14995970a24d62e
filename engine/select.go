package engine

import (
	"path"
	"slices"
	"strings"
)

// A Selection is the part of a plan that is asked for, by patterns on the names
// of instances or on addresses; * also stands for slashes.
type Selection struct {
	Targets  []string // only these, and what has to go before them; none: all
	Excludes []string // not these, and not what waits for them

	// Chosen are the changes of the plan that was approved, for the plans that are
	// made while it is carried out: what has to go before a target is known from the
	// first one. Nil: the patterns choose.
	Chosen map[Address]bool
}

// A Partial says that a plan leaves something out.
type Partial struct {
	Selection
	LeftOut   int      // changes that there would be
	Unmatched []string // patterns that match nothing
}

// matches reports whether a pattern is meant for a resource.
func matches(pattern string, r Resource) bool {
	candidates := []string{string(r.Address())}
	switch r := r.(type) {
	case *Instance:
		candidates = append(candidates, r.Name)
	case *Software:
		candidates = append(candidates, r.SoftwareRelease)
	}
	return slices.ContainsFunc(candidates, func(s string) bool {
		// path.Match keeps * from standing for a slash; URLs are full of them.
		ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(s, "/", "\x00"))
		return ok && err == nil
	})
}

// choose drops the changes that are not selected. What a target waits for comes
// along; what waits for an excluded change goes with it.
func (p *Plan) choose(s Selection) {
	if len(s.Targets) == 0 && len(s.Excludes) == 0 && s.Chosen == nil {
		return
	}
	p.Partial = &Partial{Selection: s}
	chosen := s.Chosen
	if chosen == nil {
		chosen = p.targeted(s.Targets)
		for a := range p.excluded(s.Excludes) {
			delete(chosen, a)
		}
	}
	p.Changes = slices.DeleteFunc(p.Changes, func(c *Change) bool {
		if !chosen[c.Address()] && c.Pending() {
			p.Partial.LeftOut++
		}
		return !chosen[c.Address()]
	})
	p.Refusals = slices.DeleteFunc(p.Refusals, func(r Refusal) bool { return !chosen[r.Address] })
	p.Notes = slices.DeleteFunc(p.Notes, func(n Note) bool { return !chosen[n.Address] })
	if p.More != nil && p.More.Secret == "" && !chosen[InstanceAddress(p.More.Reference.Instance)] {
		p.More = nil // nobody makes what it waits for
	}
}

// match returns the changes that a pattern is meant for, and notes one that is
// meant for none.
func (p *Plan) match(pattern string) []*Change {
	var list []*Change
	for _, c := range p.Changes {
		if matches(pattern, c.Resource) {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		p.Partial.Unmatched = append(p.Partial.Unmatched, pattern)
	}
	return list
}

func (p *Plan) targeted(patterns []string) map[Address]bool {
	chosen := map[Address]bool{}
	var queue []*Change
	if len(patterns) == 0 {
		queue = p.Changes
	}
	for _, pattern := range patterns {
		queue = append(queue, p.match(pattern)...)
	}
	byAddress := p.byAddress()
	for queue = slices.Clone(queue); len(queue) > 0; queue = queue[1:] {
		c := queue[0]
		if chosen[c.Address()] {
			continue
		}
		chosen[c.Address()] = true
		for _, a := range c.DependsOn {
			queue = append(queue, byAddress[a])
		}
	}
	return chosen
}

func (p *Plan) excluded(patterns []string) map[Address]bool {
	waiting := map[Address][]*Change{} // for the change of an address
	for _, c := range p.Changes {
		for _, a := range c.DependsOn {
			waiting[a] = append(waiting[a], c)
		}
	}
	gone := map[Address]bool{}
	var queue []*Change
	for _, pattern := range patterns {
		queue = append(queue, p.match(pattern)...)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		a := queue[0].Address()
		if !gone[a] {
			gone[a] = true
			queue = append(queue, waiting[a]...)
		}
	}
	return gone
}

func (p *Plan) byAddress() map[Address]*Change {
	m := make(map[Address]*Change, len(p.Changes))
	for _, c := range p.Changes {
		m[c.Address()] = c
	}
	return m
}

// Addresses returns the addresses of all changes of a plan, for
// [Selection.Chosen].
func (p *Plan) Addresses() map[Address]bool {
	m := make(map[Address]bool, len(p.Changes))
	for a := range p.byAddress() {
		m[a] = true
	}
	return m
}
