package engine

import (
	"fmt"
	"slices"

	"slapstar/slap"
)

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
