package engine

import (
	"fmt"
	"maps"
	"slices"

	"slapstar/slap"
)

// findUsers says of each instance that is destroyed which others have a value that it has
// published in their parameters, as the Master has them.
func (p *planning) findUsers() {
	x := valueIndex{}
	gone := map[string]*Change{}
	for _, c := range p.Changes {
		if i, ok := c.Resource.(*Instance); ok && c.Action == Delete && c.Current != nil {
			gone[i.Name] = c
			for _, value := range c.Current.ConnectionParameters {
				if len(value) >= shortestUsed {
					x.add(value, i.Name)
				}
			}
		}
	}
	if len(x) == 0 {
		return
	}
	for _, name := range p.state.Names() {
		current, ok := p.state.Instances[name]
		if !ok || current.State == slap.Destroyed {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(current.Parameters)) {
			for _, source := range x.in(current.Parameters[key]) {
				if c := gone[source]; source != name && !slices.Contains(c.UsedBy, name) {
					c.UsedBy = append(c.UsedBy, name)
				}
			}
		}
	}
}

// shortestUsed is how long a published value is, in bytes, that is looked for: a shorter
// one is found everywhere.
const shortestUsed = 8

// mostLikened is how many pairs of a created and a destroyed instance are compared.
const mostLikened = 100_000

// noteRenames asks, of an instance that is created and one that is destroyed and that are
// alike, whether somebody means to rename it: no Master moves the data.
func (p *planning) noteRenames() {
	gone := map[string][]*Change{} // by what they are
	for _, c := range p.Changes {
		if i, ok := c.Resource.(*Instance); ok && c.Action == Delete && c.Current != nil && !i.Shared {
			kind := c.Current.SoftwareRelease + "\x00" + c.Current.SoftwareType
			gone[kind] = append(gone[kind], c)
		}
	}
	compared := 0
	for _, c := range p.Changes {
		i, ok := c.Resource.(*Instance)
		if !ok || c.Action != Create || i.Shared {
			continue
		}
		kind := i.SoftwareRelease + "\x00" + i.SoftwareType
		for n, old := range gone[kind] {
			if compared++; compared > mostLikened {
				return
			}
			if alike(c, old.Current.Parameters) {
				p.note(i, []string{fmt.Sprintf("a rename of %s, which is destroyed? The data does not move", Quoted([]string{old.Resource.(*Instance).Name}))})
				gone[kind] = slices.Delete(gone[kind], n, n+1)
				break
			}
		}
	}
}

// alike reports whether a creation has the keys of some parameters, and mostly their
// values. What is hidden is not compared: a file could guess at it.
func alike(c *Change, have slap.Parameters) bool {
	same, keys := 0, 0
	for _, a := range c.Attributes {
		if a.Group != "parameters" {
			continue
		}
		value, ok := have[a.Name]
		if !ok {
			return false
		}
		keys++
		if known, isKnown := a.After.Known(); a.Sensitive() || !isKnown || known == value {
			same++
		}
	}
	return keys == len(have) && 2*same >= keys
}
