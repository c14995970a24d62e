package engine

import "slices"

// markLocked marks the releases of products that were taken from a lock.
func (p *planning) markLocked() {
	for _, c := range p.Changes {
		for n := range c.Attributes {
			a := &c.Attributes[n]
			a.Locked = a.Product != "" && slices.Contains(p.Options.Locked, a.Product)
		}
	}
}
