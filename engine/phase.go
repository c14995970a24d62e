package engine

import "slapstar/slap"

// A Phase is why an instance that is waited for does not come, as far as a full Master
// tells. Elsewhere it is empty.
type Phase string

// The phases, in the order in which a tree gets through them.
const (
	PhaseUnlisted     Phase = "unlisted"     // the Master does not list it yet
	PhaseSubscription Phase = "subscription" // it has no instance yet: the subscription of its owner to the project comes first
	PhasePlace        Phase = "place"        // no node has a place for it yet
	PhaseReport       Phase = "report"       // it has a place, and its node has not reported
)

func (s *State) phase(name string) Phase {
	i, read := s.Instances[name]
	switch {
	case !s.Full:
	case s.lacks(name), s.Leaving(name):
		return PhaseUnlisted
	case s.NotReady[name], read && i.Members != nil && len(i.Members) == 0:
		return PhaseSubscription
	case i.Allocation == slap.NotAllocated:
		return PhasePlace
	case i.Status.Kind == slap.NotReported:
		return PhaseReport
	}
	return ""
}
