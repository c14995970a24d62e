package engine

import (
	"container/heap"
	"slices"
)

// places is a heap of places in a plan.
type places []int

func (p places) Len() int           { return len(p) }
func (p places) Less(i, j int) bool { return p[i] < p[j] }
func (p places) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (p *places) Push(n any)        { *p = append(*p, n.(int)) }
func (p *places) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}

// A schedule says which changes of a plan can be done next.
type schedule struct {
	open     map[Address]*Change       // not done, and not under way
	blockers map[Address]int           // how many changes that are not done stand before one
	after    map[Address][]*Change     // what waits for the change of an address
	ready    places                    // of changes that nothing stands before, and of which all values are known
	place    map[Address]int           // in the plan
	changes  []*Change                 // of the plan
	hopeless map[Address]bool          // something that stands before it failed, or does not come
	lets     func(*Change) []Reference // what has to be ready before a change, of what was done
}

// newSchedule takes the changes of a plan that are wanted. What waits for one of
// the failed changes, or for an instance that was given up, is hopeless. What lets returns
// has to be ready before a change.
func newSchedule(p *Plan, wanted func(*Change) bool, failed map[Address]error, givenUp map[string]bool, lets func(*Change) []Reference) *schedule {
	s := &schedule{open: map[Address]*Change{}, blockers: map[Address]int{}, after: map[Address][]*Change{}, hopeless: map[Address]bool{},
		place: make(map[Address]int, len(p.Changes)), changes: p.Changes, lets: lets}
	for n, c := range p.Changes {
		s.place[c.Address()] = n
		if wanted(c) {
			s.open[c.Address()] = c
		}
		for _, a := range c.DependsOn {
			s.after[a] = append(s.after[a], c)
		}
	}
	for a := range failed {
		s.giveUp(a)
	}
	for _, c := range p.Changes {
		if s.open[c.Address()] == nil {
			continue
		}
		for _, a := range c.DependsOn {
			if s.open[a] != nil {
				s.blockers[c.Address()]++
			}
		}
		for _, r := range s.awaits(c) {
			if givenUp[r.Instance] {
				s.giveUp(c.Address())
			}
		}
	}
	for _, c := range p.Changes {
		s.consider(c)
	}
	return s
}

// awaits are the values that a change waits for, and the instances.
func (s *schedule) awaits(c *Change) []Reference {
	if list := s.lets(c); len(list) > 0 {
		return slices.Concat(c.References(), list)
	}
	return c.References()
}

// consider puts a change among those that can be done, if it is one.
func (s *schedule) consider(c *Change) {
	a := c.Address()
	if s.open[a] != nil && s.blockers[a] == 0 && !s.hopeless[a] && len(s.awaits(c)) == 0 {
		heap.Push(&s.ready, s.place[a])
	}
}

// next takes the change to be done now, the first one of the plan; nil: there is
// none.
func (s *schedule) next() *Change {
	for len(s.ready) > 0 {
		c := s.changes[heap.Pop(&s.ready).(int)]
		if !s.hopeless[c.Address()] {
			return c
		}
	}
	return nil
}

// finish notes that a change was done, or that it failed.
func (s *schedule) finish(c *Change, failed bool) {
	a := c.Address()
	delete(s.open, a)
	if failed {
		s.giveUp(a)
		return
	}
	for _, d := range s.after[a] {
		if s.blockers[d.Address()]--; s.blockers[d.Address()] == 0 {
			s.consider(d)
		}
	}
}

// hold keeps a change from being done with this schedule, and what waits for it.
func (s *schedule) hold(c *Change) {
	place := s.place[c.Address()]
	s.ready = slices.DeleteFunc(s.ready, func(n int) bool { return n == place })
	heap.Init(&s.ready)
}

// giveUp marks what waits for a change, directly or not.
func (s *schedule) giveUp(a Address) {
	for queue := []Address{a}; len(queue) > 0; queue = queue[1:] {
		if s.hopeless[queue[0]] {
			continue
		}
		s.hopeless[queue[0]] = true
		for _, d := range s.after[queue[0]] {
			queue = append(queue, d.Address())
		}
	}
}

// missing lists the values that open changes of a plan wait for, each once, of
// instances that are there: the others come first.
func (s *schedule) missing(p *Plan) []Reference {
	seen := map[Reference]bool{}
	var list []Reference
	for _, c := range p.Changes {
		if s.open[c.Address()] == nil || s.hopeless[c.Address()] {
			continue
		}
		for _, r := range s.awaits(c) {
			if k := r.key(); s.open[InstanceAddress(r.Instance)] == nil && !seen[k] {
				seen[k] = true
				list = append(list, r)
			}
		}
	}
	return list
}

// more reports whether something can be done now.
func (s *schedule) more() bool { return len(s.ready) > 0 }
