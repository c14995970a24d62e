package engine

import (
	"fmt"

	"slapstar/slap"
)

func planSoftware(want *Software, s *State) (*Change, []Refusal) {
	change := &Change{Action: NoOp, Resource: want}
	if s.Unregistered[want.Computer] && want.State != slap.Destroyed {
		change.Action = Create
		return change, []Refusal{{
			Message: fmt.Sprintf("this Master knows no compute node %q", want.Computer),
			Hint:    "check the name, or register the node first (slapos node format)",
		}}
	}
	current, exists := s.Software[want.Computer][want.SoftwareRelease]
	switch {
	case want.State == slap.Destroyed:
		if exists && current != slap.Destroyed {
			change.Action = Delete
			change.Attributes = []Attribute{difference("", "state", &current, Literal(want.State))}
		}
	case !exists:
		change.Action = Create
		change.Attributes = []Attribute{difference("", "state", nil, Literal(want.State))}
	case current != want.State:
		change.Action = Update
		change.Attributes = []Attribute{difference("", "state", &current, Literal(want.State))}
	}
	return change, nil
}
