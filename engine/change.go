package engine

import (
	"slices"

	"slapstar/slap"
)

// An Action is what a change does.
type Action string

// The actions. A change of action NoOp is kept in the plan to be counted.
const (
	NoOp   Action = "no-op"
	Create Action = "create"
	Update Action = "update"
	Delete Action = "destroy"
)

// An Attribute is one difference, or, in a creation, one value.
type Attribute struct {
	Group  string  // "parameters", "sla", or empty for an attribute of the resource itself
	Name   string  // of the attribute, or the key in its group
	Before *string // nil: absent
	After  Text    // nil: absent

	Product string      // the product that gave After, or empty
	Locked  bool        // which was taken from a lock
	Sources []Reference // what instances have published of what is known in After, each once
	Hidden  bool        // Before is or holds a secret of the files

	NotCompared bool // After may be Before: a secret in it is withheld

	Credential bool   // a value holds what was published as a credential
	MayChange  string // the instance, changed by this plan, that published what is in After; or empty
}

// A Change is what a plan does about one declared resource.
type Change struct {
	Action     Action
	Resource   Resource       // as declared
	Current    *slap.Instance // as the Master has it; nil for software and for what does not exist
	Attributes []Attribute
	Leaves     []Leaf    // what the attributes are taken apart into, of what is pending
	DependsOn  []Address // changes of the plan that go first, in order of the plan
	Cause      Cause     // of an update or of a destroy that no file asks for; empty otherwise
	Claim      *Claim    // of a destroy because the instance is owned and no longer declared; nil otherwise
	Revision   string    // of a destroy because it was declared at this revision and no longer is; empty otherwise
	UsedBy     []string  // of a destroy: instances that use what it has published, in order
	Perhaps    []string  // of a destroy: other instances that probably do, in order: what they have looks like it
	Unreadable []string  // paths of what is declared and what the Master does not tell: neither equal nor different

	users []string // of a destroy: all that are to let go of it first, in order
}

// Address returns the address of the resource.
func (c *Change) Address() Address { return c.Resource.Address() }

// Pending reports whether there is anything to do.
func (c *Change) Pending() bool { return c.Action != NoOp }

// References returns the values that have to be known first.
func (c *Change) References() []Reference {
	var list []Reference
	for _, a := range c.Attributes {
		list = append(list, a.After.References()...)
	}
	if i, ok := c.Resource.(*Instance); ok && c.Action == Update { // which sends all, also what cannot be compared
		for _, t := range i.SLALater {
			list = append(list, t.References()...)
		}
	}
	return list
}

// computer names the node of the instance, as far as the Master tells; empty otherwise.
func (c *Change) computer() string {
	if c.Current == nil {
		return ""
	}
	return c.Current.Computer
}

// mayChange reports whether an attribute is marked so.
func (c *Change) mayChange(path attributePath) bool {
	return slices.ContainsFunc(c.Attributes, func(a Attribute) bool { return a.MayChange != "" && a.path() == path })
}
