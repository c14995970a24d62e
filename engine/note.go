package engine

import (
	"fmt"
	"strconv"
	"strings"

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

// notReady says that a difference would not be seen.
func notReady(want *Instance, s *State) []string {
	if !s.NotReady[want.Name] || want.State == slap.Destroyed {
		return nil
	}
	return []string{"it is on the Master and not ready: its attributes cannot be read yet, so nothing was compared"}
}

// stays says that an allocated instance is not moved to the node it asks for:
// no Master does that.
func stays(want *Instance, c *Change) []string {
	node := want.SLA["computer_guid"]
	if c.Current == nil || c.Current.Computer == "" || node == "" || node == c.Current.Computer || want.State == slap.Destroyed {
		return nil
	}
	return []string{fmt.Sprintf("it stays on %s: computer_guid %q counts only when an instance is created", c.Current.Computer, node)}
}

// unpublished says which values a change waits for although their instance has
// published others: it may be a slip in the key.
func unpublished(c *Change, s *State) []string {
	var list []string
	for _, r := range c.References() {
		if keys := s.Instances[r.Instance].ConnectionParameters.Keys(); len(keys) > 0 {
			list = append(list, fmt.Sprintf("it waits for %q of instance %q (%v), which has published %s",
				r.Key, r.Instance, r.Position, quoteAll(keys)))
		}
	}
	return list
}

func quoteAll(keys []string) string {
	quoted := make([]string, len(keys))
	for i, key := range keys {
		quoted[i] = strconv.Quote(key)
	}
	return strings.Join(quoted, ", ")
}
