package engine

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
	sources := publishedBy(p.config.Published, func(known Published) bool {
		return updated[known.Instance] && known.Kind == "" // the others stay as long as the instance
	})
	if len(sources) == 0 {
		return
	}
	p.moving = sources
	p.noteDependants(sources)
	for _, c := range p.Changes {
		for i := range c.Attributes {
			if a := &c.Attributes[i]; a.Group == "parameters" {
				for _, name := range sources.inText(a.After) {
					if InstanceAddress(name) != c.Address() {
						a.MayChange = name
						break
					}
				}
			}
		}
	}
}
