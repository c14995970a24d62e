package engine

import "fmt"

// keepProtected refuses to destroy what owns protects by name, and what an earlier
// revision protected and the files no longer declare. Where the files do declare the end
// of what was protected, a note says that it was.
func (p *planning) keepProtected(o Options) {
	past := p.pastProtections(o)
	for _, c := range p.Changes {
		i, ok := c.Resource.(*Instance)
		if !ok || c.Action != Delete {
			continue
		}
		why := "its state is \"destroyed\""
		if p.declared[i.Name] == nil {
			why = "it is no longer declared"
		}
		before, was := past[i.Name]
		claim, pattern := p.protection.Protector(i.Name)
		switch declared := p.declared[i.Name]; {
		case declared != nil && declared.Protect: // refused when it was compared
		case claim != nil:
			p.refuse(c, fmt.Sprintf("it is protected by %q in owns (%v), and %s", pattern, claim.Origin.Position(), why),
				"take the pattern out of protect first, if it is to go")
		case was && declared == nil:
			r := protected(why)
			r.Address, r.Origin = c.Address(), before.origin
			p.Refusals = append(p.Refusals, r)
		case was:
			p.note(i, []string{fmt.Sprintf("it was protected at %s (%v), and this plan destroys it", before.revision, before.origin.Position())})
		}
	}
}

// A pastProtection is where an earlier revision protected an instance.
type pastProtection struct {
	revision string
	origin   Origin
}

// pastProtections are those of the earlier revisions, by name of an instance that is
// destroyed.
func (p *planning) pastProtections(o Options) map[string]pastProtection {
	past := map[string]pastProtection{}
	for _, r := range []*Revision{o.Base, o.Since} {
		if r == nil || r.Config == nil {
			continue
		}
		owners, declared := r.Config.Ownership(p.state), byName(r.Config)
		for _, c := range p.Changes {
			i, ok := c.Resource.(*Instance)
			if !ok || c.Action != Delete {
				continue
			}
			if before := declared[i.Name]; before != nil && before.Protect {
				past[i.Name] = pastProtection{r.Name, before.Origin}
			} else if claim, _ := owners.Protector(i.Name); claim != nil {
				past[i.Name] = pastProtection{r.Name, claim.Origin}
			}
		}
	}
	return past
}
