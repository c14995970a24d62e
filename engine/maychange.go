package engine

import (
	"maps"
	"slices"
)

// shortestPublished is how long a published value has to be, in bytes, for its
// appearance in a parameter to say that it came from there.
const shortestPublished = 4

// markMayChange marks values that an instance has published which the same plan
// updates: what it publishes then may be something else. Such a change goes after
// that of the instance.
func (p *planning) markMayChange() {
	updated := map[string]bool{}
	for _, c := range p.Changes {
		if i, ok := c.Resource.(*Instance); ok && c.Action == Update {
			updated[i.Name] = true
		}
	}
	sources := published{}
	for _, known := range p.config.Published {
		if updated[known.Instance] && len(known.Value) >= shortestPublished {
			sources.add(known)
		}
	}
	if len(sources) == 0 {
		return
	}
	for _, c := range p.Changes {
		for i := range c.Attributes {
			if a := &c.Attributes[i]; a.Group == "parameters" {
				a.MayChange = sources.in(a.After, c.Address())
			}
		}
	}
}

// published finds values inside of texts: instances by value, by the length of the
// value, so that many values in many texts take one look-up for each length and
// place, and not one for each value.
type published map[int]map[string]string

func (p published) add(known Published) {
	n := len(known.Value)
	if p[n] == nil {
		p[n] = map[string]string{}
	}
	p[n][known.Value] = known.Instance
}

// in returns the instance, other than that of the address, of a value in a text.
func (p published) in(t Text, own Address) string {
	for _, part := range t {
		if found := p.in(part.Quoted, own); found != "" {
			return found
		}
		for _, n := range slices.Sorted(maps.Keys(p)) { // the same one each time
			values := p[n]
			for i := 0; i+n <= len(part.Literal); i++ {
				if name, ok := values[part.Literal[i:i+n]]; ok && InstanceAddress(name) != own {
					return name
				}
			}
		}
	}
	return ""
}
