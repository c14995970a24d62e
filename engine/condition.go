package engine

import (
	"slices"

	"slapstar/slap"
)

// A Condition is how something that the files declare is, as far as its Master tells.
type Condition struct {
	Resource Resource
	There    bool          // the Master has it, and not on its way out
	Leaving  bool          // it is to be destroyed, and the Master still has it
	Told     bool          // the Master can tell of it already
	Ready    bool          // it has done what it was asked for; see [Wait]
	State    string        // that the Master has, as it has been asked for there; empty where it is not there
	Instance slap.Instance // of an instance that is there: all that was read
	Status   slap.Status   // what the node reported last
	Computer string        // empty where it has no place, or the Master does not tell
	Awaits   []Reference   // what it has yet to publish, of what the files need of it; each once
}

// AsDeclared reports whether the Master has been asked for the state that the files say.
func (c *Condition) AsDeclared() bool {
	switch r := c.Resource.(type) {
	case *Instance:
		return !c.There || c.State == r.ignoring(&c.Instance).State
	case *Software:
		return !c.There || c.State == r.State
	}
	return true
}

// Gone reports whether it is to be destroyed, as the files say, and is not there.
func (c *Condition) Gone() bool { return !c.There && !c.Leaving && c.destroyed() }

func (c *Condition) destroyed() bool {
	switch r := c.Resource.(type) {
	case *Instance:
		return r.State == slap.Destroyed
	case *Software:
		return r.State == slap.Destroyed
	}
	return false
}

// Conditions are how all that c declares is in a State, in order of declaration.
func (c *Config) Conditions(s *State) []Condition {
	s.adopt(c.Instances()...)
	needed := c.needed()
	var list []Condition
	for _, r := range c.Resources {
		switch r := r.(type) {
		case *Instance:
			list = append(list, s.instanceCondition(r, needed[r.Name]))
		case *Software:
			list = append(list, s.softwareCondition(r))
		}
	}
	return list
}

// needed is what the files need of each instance: wait_for, and what parameters, outputs and
// the boundary wait for.
func (c *Config) needed() map[string][]Reference {
	needed := map[string][]Reference{}
	add := func(list ...Reference) {
		for _, r := range list {
			if r = r.key(); !slices.Contains(needed[r.Instance], r) {
				needed[r.Instance] = append(needed[r.Instance], r)
			}
		}
	}
	for _, i := range c.Instances() {
		if i.State != slap.Destroyed {
			add(i.Needs()...)
		}
	}
	for _, o := range c.Outputs {
		add(o.Missing()...)
	}
	if c.More != nil && c.More.Secret == "" {
		add(c.More.Reference)
	}
	return needed
}

func (s *State) instanceCondition(i *Instance, needed []Reference) Condition {
	current, told := s.Instances[i.Name]
	c := Condition{Resource: i, Told: told, There: (told || s.NotReady[i.Name]) && !s.Leaving(i.Name)}
	c.Leaving = i.State == slap.Destroyed && (c.There || s.Leaving(i.Name))
	if told && c.There {
		c.Instance, c.State, c.Status, c.Computer = current, current.State, current.Status, current.Computer
		c.Ready = s.ready(current)
	}
	if i.State == slap.Started || current.State == slap.Started && i.State != slap.Destroyed {
		for _, r := range needed {
			if !s.fulfils(r, i) {
				c.Awaits = append(c.Awaits, r)
			}
		}
	}
	if i.State == slap.Destroyed {
		c.There = false
	}
	return c
}

func (s *State) softwareCondition(w *Software) Condition {
	state, listed := s.Software[w.Computer][w.SoftwareRelease]
	c := Condition{Resource: w, Computer: w.Computer, Told: listed, State: state, Status: s.SoftwareStatus[w.Computer][w.SoftwareRelease]}
	there := listed && state != slap.Destroyed
	c.There, c.Leaving = there && w.State != slap.Destroyed, there && w.State == slap.Destroyed
	c.Ready = c.There && (c.Status.Kind == slap.StatusUnknown || c.Status.Kind == slap.Running)
	return c
}
