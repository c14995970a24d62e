package engine

import (
	"fmt"
	"maps"
	"slices"

	"slapstar/slap"
)

// What a full Master does with a request of a person: docs/reference/protocol.md,
// section f.

// oldDefaultType is the type of trees that older clients asked for without one.
const oldDefaultType = "RootSoftwareInstance"

// asFull returns what is wanted of an instance that exists on a full Master, with the
// Master's values of what a person cannot change and what changes by itself, and says so.
// A release comes to an existing tree by an Upgrade Decision.
func (p *planning) asFull(want *Instance, current *slap.Instance) (*Instance, []string) {
	if !p.state.Full || want.State == slap.Destroyed {
		return want, nil
	}
	var notes []string
	kept := *want
	if want.SoftwareRelease != current.SoftwareRelease {
		notes = append(notes, fmt.Sprintf("it keeps its release %s: on this Master an existing instance gets another one (%s) by an upgrade decision; %s",
			current.SoftwareRelease, want.SoftwareRelease, p.state.upgrade(want.Name, want.SoftwareRelease)))
		kept.SoftwareRelease, kept.Product = current.SoftwareRelease, ""
	}
	if want.SoftwareType == slap.DefaultType && current.SoftwareType == oldDefaultType {
		notes = append(notes, fmt.Sprintf("it keeps its type %s, which older clients asked for where no type was given: write software_type = %q", oldDefaultType, oldDefaultType))
		kept.SoftwareType = current.SoftwareType
	}
	return &kept, notes
}

// refusedByFull is what a full Master refuses a person: another type of an existing tree.
// An instance with an SLA key that it does not know it takes, and never allocates.
func refusedByFull(want *Instance, c *Change) []Refusal {
	var list []Refusal
	for _, a := range c.Attributes {
		if c.Action == Update && a.Group == "" && a.Name == "software_type" {
			list = append(list, Refusal{
				Message: fmt.Sprintf("this Master lets nobody change the %s of an existing instance: %s", a.Name, describe(a)),
				Hint:    fmt.Sprintf("request it under another name, or keep what there is with ignore_changes = [%q]", a.Name),
			})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(want.SLA)) {
		if c.Action == Create && !slap.IsFullSLAKey(key) {
			list = append(list, Refusal{
				Message: fmt.Sprintf("this Master knows no SLA key %q: the instance would never be allocated", key),
				Hint:    "take it out of filter_kw",
			})
		}
	}
	return list
}

// inert says what a full Master stores of a change and does not act on.
func inert(want *Instance, c *Change, s *State) []string {
	if !s.Full {
		return nil
	}
	var list []string
	if c.Action == Create && want.State == slap.Stopped {
		list = append(list, "this Master gives a place to what is to be started only: created as stopped, it waits until it is started once")
	}
	if c.Action == Update && slices.ContainsFunc(c.Attributes, func(a Attribute) bool { return a.Group == "sla" }) {
		list = append(list, "its SLA is stored and moves nothing: it counts when an instance gets its place")
	}
	return list
}
