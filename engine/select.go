package engine

import (
	"path"
	"slices"
	"strings"
)

// A Selection is the part of a plan that is asked for, by names and addresses, or by
// patterns on these; * also stands for slashes, and \ before one of *?[\ takes its meaning
// away. What is the name of an instance is no pattern.
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
	Unmatched []string // patterns that match nothing, here or on the Master
}

// namesOf are the texts by which a resource may be selected.
func namesOf(r Resource) []string {
	switch r := r.(type) {
	case *Instance:
		return []string{r.Name, string(r.Address())}
	case *Software:
		return []string{r.SoftwareRelease, string(r.Address())}
	}
	return nil
}

// matchesAny reports whether a pattern matches one of some names.
func matchesAny(pattern string, names []string) bool {
	// path.Match keeps * from standing for a slash; URLs are full of them.
	pattern = strings.ReplaceAll(pattern, "/", "\x00")
	return slices.ContainsFunc(names, func(s string) bool {
		ok, err := path.Match(pattern, strings.ReplaceAll(s, "/", "\x00"))
		return ok && err == nil
	})
}

// choose drops the changes that are not selected. What a target waits for comes
// along; what waits for an excluded change goes with it.
func (p *planning) choose(s Selection) {
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
	p.More = p.More.chosen(chosen)
}

// chosen is the boundary without those for which nobody makes what they wait for.
func (b *Boundary) chosen(chosen map[Address]bool) *Boundary {
	made := slices.DeleteFunc(b.All(), func(b Boundary) bool {
		return b.Secret == "" && !chosen[InstanceAddress(b.Reference.Instance)]
	})
	if len(made) == 0 {
		return nil
	}
	first := made[0]
	first.Beyond, first.Also, first.Left = b.Beyond, made[1:], b.Left
	return &first
}

// match returns the changes that a pattern is meant for: those that have it for a name,
// or else those that it matches, unless an instance on the Master has it for a name. It
// notes a pattern that is meant for none.
func (p *planning) match(pattern string) []*Change {
	var named, list []*Change
	isName := p.state.has(pattern)
	for _, c := range p.Changes {
		switch names := namesOf(c.Resource); {
		case slices.Contains(names, pattern):
			named = append(named, c)
		case matchesAny(pattern, names):
			list = append(list, c)
		}
	}
	if isName || len(named) > 0 {
		list = named
	}
	// The files may yet declare an instance that exists.
	if len(list) == 0 && (p.config.More == nil || !slices.ContainsFunc(p.state.Names(), func(name string) bool {
		return name == pattern || !isName && matchesAny(pattern, []string{name, string(InstanceAddress(name))})
	})) {
		p.Partial.Unmatched = append(p.Partial.Unmatched, pattern)
	}
	return list
}

func (p *planning) targeted(patterns []string) map[Address]bool {
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

func (p *planning) excluded(patterns []string) map[Address]bool {
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

func (p *Plan) byAddress() map[Address]*Change { return changesByAddress(p.Changes) }

func changesByAddress(changes []*Change) map[Address]*Change {
	m := make(map[Address]*Change, len(changes))
	for _, c := range changes {
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
