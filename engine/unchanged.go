package engine

import (
	"slices"

	"slapstar/slap"
)

// listUnchanged lists what the plan leaves as it is, with all its values: what was withheld
// or is to come is not among them. The values of both sides are the same.
func (p *planning) listUnchanged() {
	for _, c := range p.Changes {
		if values := c.values(); values != nil {
			p.Unchanged = append(p.Unchanged, &Change{Action: NoOp, Resource: c.Resource, Current: c.Current, Unreadable: c.Unreadable, Attributes: values})
		}
	}
}

// values are those of a resource that exists and stays as it is; nil for another one.
func (c *Change) values() []Attribute {
	if c.Pending() {
		return nil
	}
	switch r := c.Resource.(type) {
	case *Instance:
		if c.Current != nil && r.State != slap.Destroyed {
			return instanceValues(r)
		}
	case *Software:
		if r.State != slap.Destroyed {
			return []Attribute{difference("", "state", nil, Literal(r.State))}
		}
	}
	return nil
}

// fillBefore says of values that did not change that they were the same before. Of what
// the Master does not tell nobody knows it.
func (c *Change) fillBefore() {
	fill := func(a *Attribute) {
		value, known := a.After.Known()
		if known && a.After != nil && !slices.Contains(c.Unreadable, a.Group+"."+a.Name) {
			a.Before = &value
		}
	}
	for i := range c.Attributes {
		fill(&c.Attributes[i])
	}
	for i := range c.Leaves {
		fill(&c.Leaves[i].Attribute)
	}
}
