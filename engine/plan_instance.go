package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slapstar/slap"
)

// planInstance compares one declaration. A change that the Master is known to
// refuse comes with the reasons.
func (p *planning) planInstance(want *Instance) (*Change, []Refusal) {
	current, exists := p.state.Instances[want.Name]
	if want.State != slap.Destroyed && p.state.Leaving(want.Name) { // it is created anew, when the name is free
		exists = false
	}
	if exists {
		want = want.ignoring(&current)
		var kept []string
		want, kept = p.asFull(want, &current)
		p.note(want, kept)
	}
	change := &Change{Action: NoOp, Resource: want}
	if refused := p.state.notOurs(want); refused != nil {
		return change, []Refusal{*refused}
	}
	if want.Protect && want.State == slap.Destroyed {
		change.Action = Delete
		return change, []Refusal{protected("its state is \"destroyed\"")}
	}
	if p.state.NotReady[want.Name] {
		// It exists, and its attributes are unreadable: no difference can be
		// seen. Its end can still be asked for.
		if want.State == slap.Destroyed {
			change.Action = Delete
		}
		return change, nil
	}
	if exists {
		change.Current = &current
	}
	switch {
	case want.State == slap.Destroyed:
		// Asking for the end of what does not exist would allocate it on a
		// slapproxy.
		if exists && current.State != slap.Destroyed {
			change.Action = Delete
			change.Attributes = []Attribute{difference("", "state", &current.State, Literal(want.State))}
		}
		return change, nil
	case !exists:
		change.Action = Create
		change.Attributes = instanceValues(want)
	default:
		change.Unreadable = unreadable(want, &current)
		differences := instanceDifferences(want, &current)
		if change.Attributes = compared(differences); len(change.Attributes) > 0 {
			change.Action = Update
			change.Cause = p.findCause(change, want)
		}
		change.Attributes = differences
	}
	return change, p.refuseInstance(want, change)
}

func protected(why string) Refusal {
	return Refusal{
		Message: "it is protected, and " + why,
		Hint:    "take protect = True out first, if it is to go",
	}
}

// unreadable names what is declared of an existing instance and cannot be
// compared. A node that it asks for is where the Master says that it is.
func unreadable(want *Instance, current *slap.Instance) []string {
	if current.SLAKnown {
		return nil
	}
	var list []string
	for _, key := range slices.Sorted(maps.Keys(want.sla())) {
		if key != slap.SLAComputer || current.Computer == "" {
			list = append(list, "sla."+key)
		}
	}
	return list
}

// refuseInstance says what is known not to work, and what to do instead.
func (p *planning) refuseInstance(want *Instance, c *Change) []Refusal {
	var list []Refusal
	if c.Current != nil && c.Current.Shared != want.Shared {
		list = append(list, Refusal{
			Message: fmt.Sprintf("shared cannot be changed: it is %t on the Master and %t here", c.Current.Shared, want.Shared),
			Hint:    "request it under another name, or destroy it first",
		})
	}
	if want.Shared && want.State == slap.Stopped && p.state.SharedStateLost {
		list = append(list, Refusal{
			Message: "this Master keeps no state of shared instances: it cannot be stopped",
			Hint:    "stop the instance that carries it, or destroy this one",
		})
	}
	for _, r := range c.References() {
		if other := p.declared[r.Instance]; other != nil && other.State == slap.Destroyed {
			list = append(list, Refusal{
				Message: fmt.Sprintf("it needs the %s of instance %q (%v), which is to be destroyed", strings.TrimPrefix(r.what(), "the "), r.Instance, r.Position),
				Hint:    "take the reference out, or keep the instance",
			})
		}
	}
	if p.state.Full {
		list = append(list, refusedByFull(want, c)...)
	}
	return append(list, p.wrongProject(want, c)...)
}
