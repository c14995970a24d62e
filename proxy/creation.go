package proxy

import (
	"context"
	"sync"
	"time"
)

// defaultCreations is how many creations of one person a full Master takes at once.
// Nobody has measured it.
const defaultCreations = 3

// creations counts those that are under way on a full Master. Each locks the document of
// its person.
type creations struct {
	mu     sync.Mutex
	person map[string]int
}

// begin notes that a person creates something, until end is called. It reports false if
// there is too much at once.
func (c *creations) begin(person string, most int) (end func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if most >= 0 && c.person[person] >= most {
		return nil, false
	}
	if c.person == nil {
		c.person = map[string]int{}
	}
	c.person[person]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.person[person]--; c.person[person] == 0 {
			delete(c.person, person)
		}
	}, true
}

// beginCreation is for a request of a full Master that may create a tree. Any other
// begins nothing.
func (s *Server) beginCreation(ctx context.Context, r *request) (end func(), err error) {
	end = func() {}
	if !s.full() || r.requesterComputer != "" || r.requesterPartition != "" {
		return end, nil
	}
	if t, err := s.findNamed(s.db, r.login.person, r.Name); err != nil || t != nil {
		return end, err
	}
	most := s.options.MaxCreations
	if most == 0 {
		most = defaultCreations
	}
	end, ok := s.creating.begin(r.login.person, most)
	if !ok {
		return nil, &exception{"ConflictError", "database conflict error (" + r.login.path() + ")"}
	}
	if s.options.CreationTime > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(s.options.CreationTime):
		}
	}
	return end, nil
}
