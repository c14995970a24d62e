package engine

// markMayChange marks values that an instance has published which the same plan
// updates: what it publishes then may be something else. Such a change goes after
// that of the instance.
func (p *planning) markMayChange() {
	p.moving = map[string]bool{}
	for _, c := range p.Changes {
		if i, ok := c.Resource.(*Instance); ok && c.Action == Update {
			p.moving[i.Name] = true
		}
	}
	if len(p.moving) == 0 {
		return
	}
	p.noteDependants()
	for _, c := range p.Changes {
		i, ok := c.Resource.(*Instance)
		if !ok {
			continue
		}
		o := opening{moving: p.moving, own: i.Name}
		for n := range c.Attributes {
			if a := &c.Attributes[n]; a.Group == "parameters" && a.After != nil {
				a.MayChange = o.moved(i.Parameters[a.Name])
			}
		}
	}
}
