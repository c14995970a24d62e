package engine

import (
	"fmt"
	"slices"

	"slapstar/slap"
)

// note adds what is to be said of a declaration.
func (p *planning) note(r Resource, messages ...[]string) {
	for _, list := range messages {
		for _, message := range list {
			p.Notes = append(p.Notes, Note{Address: r.Address(), Origin: r.Declared(), Message: message})
		}
	}
}

// noteUnseen says that a plan which destroys does not see all that is declared.
func (p *planning) noteUnseen() {
	if p.Unseen != nil {
		p.Notes = append(p.Notes, Note{Address: InstanceAddress(p.Unseen.Reference.Instance), Origin: p.Unseen.Origin,
			Message: fmt.Sprintf("%s needs %q, which is not known: what the files declare behind it is not seen, and stays", p.Unseen.Use, p.Unseen.Reference.Name())})
	}
}

// noteDependants says which unchanged instances use what one that is updated has
// published: they may need a change after that.
func (p *planning) noteDependants() {
	for _, c := range p.Changes {
		i, ok := c.Resource.(*Instance)
		if !ok || c.Pending() || i.State == slap.Destroyed {
			continue
		}
		var names []string
		for _, t := range i.Parameters {
			for _, r := range t.moving() {
				if r.Instance != i.Name && p.moving[r.Instance] {
					names = append(names, r.Instance)
				}
			}
		}
		slices.Sort(names)
		names = slices.Compact(names)
		if len(names) > 0 {
			p.note(i, []string{fmt.Sprintf("it uses what %s published, which this plan updates: it may need an update after that", Quoted(names))})
		}
	}
}

// unread says that a difference would not be seen.
func unread(want *Instance, s *State) []string {
	if !s.NotReady[want.Name] || want.State == slap.Destroyed {
		return nil
	}
	return []string{"it is on the Master and not ready: its attributes cannot be read yet, so nothing was compared"}
}

// nameTaken says that a creation has to wait.
func nameTaken(want *Instance, s *State) []string {
	if want.State == slap.Destroyed || !s.Leaving(want.Name) {
		return nil
	}
	return []string{"the Master still lists an instance of this name that was destroyed: the new one is created when it has let go of the name"}
}

// stays says that an allocated instance is not moved to the node it asks for:
// no Master does that.
func stays(want *Instance, c *Change) []string {
	computer := want.SLA[slap.SLAComputer]
	if c.Current == nil || c.Current.Computer == "" || computer == "" || computer == c.Current.Computer || want.State == slap.Destroyed {
		return nil
	}
	return []string{fmt.Sprintf("it stays on %s: %s %q counts only when an instance is created", c.Current.Computer, slap.SLAComputer, computer)}
}

// unpublished says which values a change waits for although their instance has
// published others: it may be a slip in the key.
func unpublished(c *Change, s *State) []string {
	var list []string
	for _, r := range c.References() {
		if keys := s.publishedNames(r.Instance); len(keys) > 0 && r.Kind == "" {
			list = append(list, fmt.Sprintf("it waits for %q of instance %q (%v), which has published %s",
				r.Name(), r.Instance, r.Position, Quoted(keys)))
		}
	}
	return list
}

// otherForm says that parameters travel in another form than the Master has them in, which
// changes all of them at once.
func otherForm(want *Instance, c *Change) []string {
	if c.Action != Update || c.Current == nil || len(want.Parameters) == 0 || len(c.Current.Parameters) == 0 {
		return nil
	}
	_, wanted := want.Parameters["_"]
	_, there := c.Current.Parameters["_"]
	wanted, there = wanted && len(want.Parameters) == 1, there && len(c.Current.Parameters) == 1
	switch {
	case wanted && !there:
		return []string{"its parameters are sent as JSON, and the Master has each as its own text"}
	case there && !wanted:
		return []string{"its parameters are sent each as its own text, and the Master has them as JSON"}
	}
	return nil
}
