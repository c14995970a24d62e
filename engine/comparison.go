package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"slapstar/slap"
)

// A Comparison says that a [Plan] is the difference of what files declare at two
// revisions: no Master was asked, and nothing carries it out.
type Comparison struct {
	Before, After string // how the two are named, such as HEAD~1 and the work tree
	Same          int    // resources that are declared on both sides and do not differ
	NotCompared   int    // resources that one side declares, where the other one ends before all is known
	Unfinished    []End  // the sides that do not declare all
	Identical     bool   // both sides are evaluations of the same text with the same inputs
}

// An End is where one of two sides ends.
type End struct {
	Side string // its name
	Boundary
}

// Differs reports whether a comparison shows that two revisions declare something else, or
// cannot show that they declare the same.
func (p *Plan) Differs() bool {
	c := p.Comparison
	return slices.ContainsFunc(p.Changes, (*Change).Pending) || !c.Identical && len(c.Unfinished)+c.NotCompared > 0
}

// Compare returns the difference between two evaluations as a plan that would make the one
// declare what the other does. Values to come are equal where they are asked for in the
// same way. What has no write counts as well: depends_on, protect, wait_for, timeout,
// ignore_changes and claims. The order of declarations, and positions, do not count.
func Compare(before, after *Config, c Comparison, o Options) (*Plan, error) {
	o.Since = &Revision{Name: c.Before, Config: before}
	// Values of one side alone may come from what it was given.
	known := &Config{Resources: after.Resources, Claims: after.Claims, Secrets: slices.Concat(after.Secrets, before.Secrets), Published: after.Published, Inputs: after.Inputs}
	p := &planning{Plan: &Plan{Options: o, Declared: known, Comparison: &c}, config: known, state: NewState(), declared: byName(after), earlier: byName(before)}
	for _, side := range []struct {
		name string
		more *Boundary
	}{{c.Before, before.More}, {c.After, after.More}} {
		if side.more != nil {
			p.Comparison.Unfinished = append(p.Comparison.Unfinished, End{side.name, *side.more})
		}
	}
	// Two sides that end for the same value have come equally far.
	whole := sameEnd(before.More, after.More)
	old, fresh := before.declarations(), after.declarations()
	earlier, now := byAddress(old), byAddress(fresh)
	for _, r := range fresh {
		was := earlier[r.Address()]
		if was == nil && before.More != nil && !whole {
			p.Comparison.NotCompared++
			continue
		}
		p.add(r, was)
	}
	for _, was := range old {
		switch {
		case now[was.Address()] != nil:
		case after.More != nil && !whole:
			p.Comparison.NotCompared++
		default:
			p.Changes = append(p.Changes, undeclared(was, c.Before))
		}
	}
	p.hideSecrets()
	for _, change := range p.Changes {
		if _, claim := change.Resource.(*Claimed); change.Action == NoOp && !claim {
			p.Comparison.Same++
		}
	}
	p.noteUnfinished()
	return p.Plan, p.order()
}

// noteUnfinished says why not all is compared.
func (p *planning) noteUnfinished() {
	for _, end := range p.Comparison.Unfinished {
		address, what := InstanceAddress(end.Reference.Instance), end.Reference.what()
		if end.Secret != "" {
			address, what = Address("secret "+end.Secret), "the secret"
		}
		p.Notes = append(p.Notes, Note{Address: address, Origin: end.Origin,
			Message: fmt.Sprintf("%s is needed here (%s), and nothing stands for what a Master would say: %s ends here, and what follows was not compared", what, end.Use, end.Side)})
	}
}

// sameEnd reports whether two evaluations end for want of the same value, or do not end.
func sameEnd(a, b *Boundary) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Secret == b.Secret && a.Use == b.Use && a.Reference.Same(b.Reference)
}

// declarations are all that is compared, each once, with values to come as they are written.
func (c *Config) declarations() []Resource {
	var list []Resource
	for _, r := range c.Resources {
		if i, ok := r.(*Instance); ok {
			r = i.settled()
		}
		list = append(list, r)
	}
	seen := map[string]bool{}
	for _, claim := range c.Claims {
		if !seen[claim.Pattern] {
			list = append(list, &Claimed{claim})
		}
		seen[claim.Pattern] = true
	}
	return list
}

func byAddress(list []Resource) map[Address]Resource {
	found := map[Address]Resource{}
	for _, r := range list {
		found[r.Address()] = r
	}
	return found
}

// add compares a declaration with what it was; nil: it is new.
func (p *planning) add(r, was Resource) {
	change := &Change{Action: NoOp, Resource: r}
	switch {
	case was == nil:
		change.Action, change.Attributes = Create, append(written(r), unwritten(nil, r)...)
	default:
		switch r := r.(type) {
		case *Instance:
			current := was.(*Instance).asCurrent()
			change.Current, change.Attributes = &current, instanceDifferences(r, &current)
		case *Software:
			if state := was.(*Software).State; state != r.State {
				change.Attributes = []Attribute{difference("", "state", &state, Literal(r.State))}
			}
		}
		if change.Attributes = append(change.Attributes, unwritten(was, r)...); len(change.Attributes) > 0 {
			change.Action = Update
		}
	}
	p.Changes = append(p.Changes, change)
}

// undeclared is the change of what was declared at a revision and is no longer.
func undeclared(was Resource, revision string) *Change {
	change := &Change{Action: Delete, Cause: NoLongerDeclared, Revision: revision, Resource: was}
	if i, ok := was.(*Instance); ok {
		current := i.asCurrent()
		change.Current = &current
	}
	return change
}

// asCurrent is a declared instance as a Master would have it. All its values are known: it
// is settled.
func (i *Instance) asCurrent() slap.Instance {
	values := func(texts map[string]Text) slap.Parameters {
		p := slap.Parameters{}
		for key, t := range texts {
			p[key], _ = t.Known()
		}
		return p
	}
	return slap.Instance{
		InstanceRequest: slap.InstanceRequest{Name: i.Name, SoftwareRelease: i.SoftwareRelease, SoftwareType: i.SoftwareType,
			State: i.State, Shared: i.Shared, Parameters: values(i.Parameters), SLA: values(i.sla())},
		SLAKnown: true,
	}
}

// written are the values of a declaration that a Master gets.
func written(r Resource) []Attribute {
	switch r := r.(type) {
	case *Instance:
		return slices.DeleteFunc(instanceValues(r), func(a Attribute) bool { return a.Name == "shared" || a.Name == "project" })
	case *Software:
		return []Attribute{{Name: "state", After: Literal(r.State)}}
	}
	return nil
}

// unwritten compares what no write of an instance changes by itself, or what slapstar keeps
// to itself; before may be nil.
func unwritten(before, after Resource) []Attribute {
	var list []Attribute
	old := aside(before)
	for n, fact := range aside(after) {
		was := ""
		if before != nil {
			was = old[n][1]
		}
		if was == fact[1] {
			continue
		}
		a := Attribute{Name: fact[0]}
		if was != "" {
			a.Before = &was
		}
		if fact[1] != "" {
			a.After = Literal(fact[1])
		}
		list = append(list, a)
	}
	return list
}

// aside are names and values; an empty value is the default.
func aside(r Resource) [][2]string {
	flag := func(b bool) string {
		if b {
			return "true"
		}
		return ""
	}
	switch r := r.(type) {
	case *Instance:
		var awaited []string
		for _, w := range r.WaitFor {
			awaited = append(awaited, w.Name())
		}
		timeout := ""
		if r.Timeout > 0 {
			timeout = r.Timeout.String()
		}
		return [][2]string{{"shared", flag(r.Shared)}, {"project", r.Project}, {"depends_on", set(r.DependsOn)}, {"protect", flag(r.Protect)},
			{"ignore_changes", set(r.IgnoreChanges)}, {"wait_for", set(awaited)}, {"timeout", timeout}}
	case *Claimed:
		return [][2]string{{"but", set(r.Claim.But)}, {"protect", set(r.Claim.Protect)}}
	}
	return nil
}

// set is a list of which the order does not count.
func set(list []string) string {
	list = slices.Compact(slices.Sorted(slices.Values(list)))
	for n, name := range list {
		if strings.ContainsAny(name, `, "`) { // else two lists would look alike
			list[n] = strconv.Quote(name)
		}
	}
	return strings.Join(list, ", ")
}

// A Claimed is a [Claim] where claims are compared.
type Claimed struct{ Claim Claim }

// Address implements [Resource].
func (c *Claimed) Address() Address { return Address("claim " + c.Claim.Pattern) }

// Declared implements [Resource].
func (c *Claimed) Declared() Origin { return c.Claim.Origin }
