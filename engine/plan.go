package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"slapstar/slap"
)

// A Plan is the difference between a Config and a State, in order of
// declaration. It is plain data: the same inputs give the same plan.
type Plan struct {
	Changes    []*Change
	Declared   *Config   // what was compared
	More       *Boundary // not nil: there is more, which is known when this is done
	Refusals   []Refusal
	Notes      []Note
	Undeclared int // instances on the Master that no file declares
}

// A Note is something that a declaration asks for and that no change brings
// about, although nothing is wrong with the rest.
type Note struct {
	Address Address
	Origin  Origin
	Message string
}

// A Refusal is something that the plan asks for and that cannot work. A plan
// with refusals cannot be applied.
type Refusal struct {
	Address Address
	Origin  Origin
	Message string
	Hint    string
}

// A RefusedError says that a plan cannot be applied.
type RefusedError struct{ Refusals []Refusal }

func (e *RefusedError) Error() string {
	r := e.Refusals[0]
	s := fmt.Sprintf("%v: %s: %s", r.Origin.Position(), r.Address, r.Message)
	if more := len(e.Refusals) - 1; more > 0 {
		s += fmt.Sprintf("; and %d more", more)
	}
	return s
}

// Pending reports whether there is anything to do, now or when more is known.
func (p *Plan) Pending() bool {
	return p.More != nil || slices.ContainsFunc(p.Changes, (*Change).Pending)
}

// CanApply reports whether nothing in the plan is refused.
func (p *Plan) CanApply() bool { return len(p.Refusals) == 0 }

// Count returns the number of changes with an action.
func (p *Plan) Count(a Action) int {
	n := 0
	for _, c := range p.Changes {
		if c.Action == a {
			n++
		}
	}
	return n
}

// Options are what a plan may be told besides.
type Options struct {
	AllowMassDestroy bool // of what is owned and no longer declared
}

// NewPlan compares. The only error is a cycle of dependencies.
func NewPlan(c *Config, s *State, o Options) (*Plan, error) {
	p := &Plan{Declared: c, More: c.More}
	declared := map[string]*Instance{}
	for _, i := range c.Instances() {
		declared[i.Name] = i
	}
	for _, r := range c.Resources {
		var change *Change
		var refused *Refusal
		switch r := r.(type) {
		case *Instance:
			change, refused = planInstance(r, s, declared)
			for _, message := range slices.Concat(notReady(r, s), stays(r, change), unpublished(change, s)) {
				p.Notes = append(p.Notes, Note{Address: r.Address(), Origin: r.Origin, Message: message})
			}
		case *Software:
			change, refused = planSoftware(r, s)
		}
		p.Changes = append(p.Changes, change)
		if refused != nil {
			refused.Address, refused.Origin = r.Address(), r.Declared()
			p.Refusals = append(p.Refusals, *refused)
		}
	}
	p.planClaimed(c, s, declared, o.AllowMassDestroy)
	p.refuseBoundary(s, declared)
	p.Undeclared = countUndeclared(c, s, declared)
	return p, p.order()
}

// refuseBoundary refuses to wait for a value that will not come.
func (p *Plan) refuseBoundary(s *State, declared map[string]*Instance) {
	if p.More == nil {
		return
	}
	r := p.More.Reference
	other := declared[r.Instance]
	if other == nil || other.State != slap.Destroyed {
		return
	}
	p.Refusals = append(p.Refusals, Refusal{
		Address: other.Address(),
		Origin:  p.More.Origin,
		Message: fmt.Sprintf("%s needs its connection parameter %q, and it is to be destroyed", p.More.Use, r.Key),
		Hint:    "take the condition out, or keep the instance",
	})
}

// countUndeclared counts what no file declares and no claim covers.
func countUndeclared(c *Config, s *State, declared map[string]*Instance) int {
	n := 0
	for _, name := range s.names() {
		current, read := s.Instances[name]
		if declared[name] == nil && (!read || current.State != slap.Destroyed) && (c.More != nil || c.ClaimOn(name) == nil) {
			n++
		}
	}
	return n
}

func planInstance(want *Instance, s *State, declared map[string]*Instance) (*Change, *Refusal) {
	if current, exists := s.Instances[want.Name]; exists {
		want = want.ignoring(&current)
	}
	change := &Change{Action: NoOp, Resource: want}
	if want.Protect && want.State == slap.Destroyed {
		change.Action = Delete
		return change, &Refusal{
			Message: "it is protected, and its state is \"destroyed\"",
			Hint:    "take protect = True out first, if it is to go",
		}
	}
	if s.NotReady[want.Name] {
		// It exists, and its attributes are unreadable: no difference can be
		// seen. Its end can still be asked for.
		if want.State == slap.Destroyed {
			change.Action = Delete
		}
		return change, nil
	}
	current, exists := s.Instances[want.Name]
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
		change.Attributes = instanceDifferences(want, &current)
		if len(change.Attributes) > 0 {
			change.Action = Update
		}
	}
	if exists && current.Shared != want.Shared {
		return change, &Refusal{
			Message: fmt.Sprintf("shared cannot be changed: it is %t on the Master and %t here", current.Shared, want.Shared),
			Hint:    "request it under another name, or destroy it first",
		}
	}
	if want.Shared && want.State == slap.Stopped && s.SharedStateLost {
		return change, &Refusal{
			Message: "this Master keeps no state of shared instances: it cannot be stopped",
			Hint:    "stop the instance that carries it, or destroy this one",
		}
	}
	for _, r := range change.References() {
		if other := declared[r.Instance]; other != nil && other.State == slap.Destroyed {
			return change, &Refusal{
				Message: fmt.Sprintf("it needs the connection parameter %q of instance %q (%v), which is to be destroyed", r.Key, r.Instance, r.Position),
				Hint:    "take the reference out, or keep the instance",
			}
		}
	}
	return change, nil
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

func planSoftware(want *Software, s *State) (*Change, *Refusal) {
	change := &Change{Action: NoOp, Resource: want}
	if s.Unregistered[want.Computer] && want.State != slap.Destroyed {
		change.Action = Create
		return change, &Refusal{
			Message: fmt.Sprintf("this Master knows no compute node %q", want.Computer),
			Hint:    "check the name, or register the node first (slapos node format)",
		}
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
