package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
	if p.state.keepsRelease(want) {
		notes = append(notes, fmt.Sprintf("it keeps its release %s: on this Master an existing instance gets another one (%s) by an upgrade decision; %s",
			current.SoftwareRelease, want.SoftwareRelease, p.state.upgrade(want.Name)))
		kept.SoftwareRelease, kept.Product = current.SoftwareRelease, ""
	}
	if want.SoftwareType == slap.DefaultType && current.SoftwareType == oldDefaultType {
		notes = append(notes, fmt.Sprintf("it keeps its type %s, which older clients asked for where no type was given: write software_type = %q", oldDefaultType, oldDefaultType))
		kept.SoftwareType = current.SoftwareType
	}
	return &kept, notes
}

// upgradeSteps are what comes next of an upgrade decision, by its state.
var upgradeSteps = map[string]string{
	"planned":   ": it can be accepted soon, in the panel of the Master",
	"confirmed": ": accept it in the panel of the Master",
	"started":   ": the Master is about to carry it out",
}

// upgrade says how far the decision is that brings another release to an instance.
func (s *State) upgrade(name string) string {
	if s.Site == nil || s.Site.Upgrades == nil {
		return "whether there is one was not told"
	}
	if state, pending := s.Site.Upgrades[name]; pending {
		return "there is one, which is " + state + upgradeSteps[state]
	}
	return "there is none yet that can be seen"
}

// notOurs refuses a name that is taken and not here to change: one in another project of the
// same person, whose names count in all projects, and one that the Master made itself. The
// end of what is in another project is nothing to do.
func (s *State) notOurs(want *Instance) *Refusal {
	other, elsewhere := s.Elsewhere[want.Name]
	switch {
	case s.isRemote(want.Name):
		return &Refusal{
			Message: "this Master makes instances of such names itself, for its Remote Nodes: it is nobody's to change",
			Hint:    "take another name",
		}
	case elsewhere && want.State != slap.Destroyed:
		return &Refusal{
			Message: fmt.Sprintf("you have an instance of this name in project %s, and a name counts in all projects of a person", other.Project),
			Hint:    fmt.Sprintf("take another name, or work in that project: --project %s", other.Project),
		}
	}
	return nil
}

// notCarriedOut says that the Master has a wish and its nodes have another one: that is so
// for an account that is not paid.
func notCarriedOut(want *Instance, c *Change) []string {
	if c.Action != NoOp || c.Current == nil || len(c.Current.Members) == 0 || want.State == slap.Destroyed {
		return nil
	}
	root := c.Current.Members[0] // the instance of the tree itself
	var list []string
	if root.Parameters != nil && !maps.Equal(root.Parameters, c.Current.Parameters) {
		list = append(list, "parameters")
	}
	if root.State != "" && root.State != c.Current.State {
		list = append(list, fmt.Sprintf("state (%s)", root.State))
	}
	if len(list) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("the Master has taken it and does not carry it out: what runs has other %s; is the account paid?", strings.Join(list, " and "))}
}

// oddities says what the Master does not tell of instances, by name.
func (s *State) oddities() map[string][]string {
	said := map[string][]string{}
	for _, o := range s.Odd {
		if o.Kind != slap.OddNoInstance { // which what is waited for says
			said[o.Name] = append(said[o.Name], o.String())
		}
	}
	return said
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
	for _, key := range slices.Sorted(maps.Keys(want.sla())) {
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
