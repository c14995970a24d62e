package engine

import (
	"fmt"
	"maps"
	"slices"

	"slapstar/slap"
)

// The causes of drift, besides [ChangedOnMaster], [ProductMoved] and [Republished].
const (
	Missing     Cause = "missing on the Master"
	StillThere  Cause = "still on the Master"
	NotDeclared Cause = "owned but not declared"
)

// A Drift is what differs between the files and the Master though nobody has edited it: a
// leaf in which the Master has neither what the files said at a revision nor what they say
// now.
type Drift struct {
	Plan     *Plan               // what takes it back: its pending changes are what has drifted
	Causes   map[Address][]Cause // of each of them
	Compared int                 // resources
	Unknown  []Note              // what cannot be told, and of which resource
}

// A driftSearch finds drift.
type driftSearch struct {
	*Drift
	then, now *Plan // now may be nil: then nobody knows what was edited
}

// FindDrift compares a plan of the files as they were with one of the files as they are,
// both made against the same State. Without the first one, nil, all that differs has
// drifted. The plans stay as they are.
func FindDrift(then, now *Plan, s *State) *Drift {
	f := driftSearch{then: then, now: nil}
	if then == nil {
		f.then = now
	} else {
		f.now = now
	}
	shown := *f.then
	shown.Changes, shown.Refusals, shown.Notes, shown.Policies, shown.Digest = nil, nil, nil, nil, ""
	f.Drift = &Drift{Plan: &shown, Causes: map[Address][]Cause{}}
	changed := map[Address]*Change{}
	if f.now != nil {
		for _, c := range f.now.Changes {
			changed[c.Address()] = c
		}
	}
	refused := map[Address][]Refusal{}
	for _, r := range f.then.Refusals {
		refused[r.Address] = append(refused[r.Address], r)
	}
	for _, c := range f.then.Changes {
		other, ok := changed[c.Address()]
		if f.now == nil {
			other, ok = c, true
		}
		if !ok || other.Revision != "" { // it was taken out of the files
			continue
		}
		f.Compared++
		switch i, isInstance := c.Resource.(*Instance); {
		case isInstance && s.NotReady[i.Name] && !c.Pending():
			f.unknown(other, "it is on the Master and not ready: its attributes cannot be read yet")
		case c.Action == NoOp && c.Current == nil && len(refused[c.Address()]) > 0: // somebody else's
			f.unknown(other, refused[c.Address()][0].Message)
		default:
			f.compare(c, other)
		}
	}
	for _, n := range f.then.Notes { // what is said of creations and destroys is said of a plan
		at := slices.IndexFunc(f.then.Changes, func(c *Change) bool { return c.Address() == n.Address })
		if at >= 0 && (f.then.Changes[at].Action == NoOp || f.then.Changes[at].Action == Update) && !slices.ContainsFunc(f.Unknown, func(u Note) bool { return u.Address == n.Address }) {
			f.Plan.Notes = append(f.Plan.Notes, n)
		}
	}
	return f.Drift
}

func (f *driftSearch) unknown(c *Change, message string) {
	f.Unknown = append(f.Unknown, Note{Address: c.Address(), Origin: c.Resource.Declared(), Message: message})
}

func (f *driftSearch) add(c *Change, causes ...Cause) {
	c.Cause = causes[0]
	f.Plan.Changes = append(f.Plan.Changes, c)
	f.Causes[c.Address()] = causes
}

// compare looks at one resource: then is its change with the files as they were, now with
// those of today.
func (f *driftSearch) compare(then, now *Change) {
	if len(then.Unreadable) > 0 { // which is said, whether it has drifted or not
		defer func() {
			if len(f.Causes[then.Address()]) == 0 {
				f.Plan.Changes = append(f.Plan.Changes, &Change{Action: NoOp, Resource: declaredAt(then.Resource, now.Resource.Declared()), Unreadable: then.Unreadable})
			}
		}()
	}
	change := *then
	change.Resource = declaredAt(then.Resource, now.Resource.Declared())
	change.Attributes, change.Leaves, change.Claim, change.Revision, change.DependsOn = nil, nil, nil, "", nil
	switch {
	case then.Action == Create && now.Action == Create:
		f.add(&change, Missing)
	case then.Action == Delete && now.Action == Delete && then.Claim != nil:
		change.Claim = then.Claim
		f.add(&change, NotDeclared)
	case then.Action == Delete && now.Action == Delete:
		f.add(&change, StillThere)
	case then.Current != nil && now.Current != nil || then.Action == Update:
		f.compareLeaves(&change, then, now)
	}
}

// declaredAt is a resource as it is declared elsewhere: the files of today are those that
// people look at.
func declaredAt(r Resource, at Origin) Resource {
	switch r := r.(type) {
	case *Instance:
		moved := *r
		moved.Origin = at
		return &moved
	case *Software:
		moved := *r
		moved.Origin = at
		return &moved
	}
	return r
}

// compareLeaves keeps the leaves that differ from both files.
func (f *driftSearch) compareLeaves(to, then, now *Change) {
	differs := placesOf(now.Leaves)
	causes := map[Cause]bool{}
	waits := map[string]bool{}
	var withheld []string
	kept := map[attributePath]bool{}
	for _, l := range then.Leaves {
		switch {
		case !differs.meet(l) || l.Same() || l.NotCompared:
		case len(l.After.References()) > 0:
			for _, r := range l.After.References() {
				waits[fmt.Sprintf("%s is not compared: it waits for %q of instance %q", l.Name, r.Key, r.Instance)] = true
			}
		default:
			to.Leaves = append(to.Leaves, l)
			causes[f.cause(l, to.Resource)] = true
			kept[l.path()] = true
		}
	}
	for _, a := range then.Attributes {
		switch {
		case kept[a.path()]:
			to.Attributes = append(to.Attributes, a)
		case a.NotCompared:
			withheld = append(withheld, a.Name)
		}
	}
	if len(withheld) > 0 {
		f.unknown(now, "not compared, without its secrets: parameter "+Quoted(withheld))
	}
	if a, ok := sharedDifference(then, now); ok {
		to.Attributes, to.Leaves = append(to.Attributes, a), append(to.Leaves, Leaf{Attribute: a})
		causes[ChangedOnMaster] = true
	}
	for _, text := range slices.Sorted(maps.Keys(waits)) {
		f.unknown(now, text)
	}
	if len(to.Leaves) == 0 {
		return
	}
	to.Action = Update
	var list []Cause
	for _, cause := range []Cause{ChangedOnMaster, ProductMoved, Republished} {
		if causes[cause] {
			list = append(list, cause)
		}
	}
	f.add(to, list...)
}

// cause tells whose the difference is.
func (f *driftSearch) cause(l Leaf, of Resource) Cause {
	i, isInstance := of.(*Instance)
	switch {
	case l.Group == "" && l.Name == "software_release" && l.Product != "":
		return ProductMoved
	case isInstance && l.Group == "parameters" && l.Before != nil &&
		slices.ContainsFunc(l.Sources, func(r Reference) bool { return r.Instance != i.Name }):
		return Republished
	}
	return ChangedOnMaster
}

// sharedDifference is the one that no change can take back.
func sharedDifference(then, now *Change) (Attribute, bool) {
	i, ok := then.Resource.(*Instance)
	other, isInstance := now.Resource.(*Instance)
	if !ok || !isInstance || then.Current == nil || i.State == slap.Destroyed || then.Current.Shared == i.Shared || then.Current.Shared == other.Shared {
		return Attribute{}, false
	}
	before := fmt.Sprint(then.Current.Shared)
	return Attribute{Name: "shared", Before: &before, After: Literal(fmt.Sprint(i.Shared))}, true
}

// Drifted reports whether there is any.
func (d *Drift) Drifted() bool { return len(d.Causes) > 0 }

// Count returns how many resources have drifted, by cause.
func (d *Drift) Count() map[Cause]int {
	n := map[Cause]int{}
	for _, causes := range d.Causes {
		for _, c := range causes {
			n[c]++
		}
	}
	return n
}

// DriftCauses are all causes, in the order in which they are shown.
func DriftCauses() []Cause {
	return []Cause{Missing, StillThere, NotDeclared, ChangedOnMaster, ProductMoved, Republished}
}
