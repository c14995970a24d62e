package engine

import (
	"slices"

	"slapstar/slap"
)

// A Cause says where the difference comes from that a change takes away.
type Cause string

// The causes. Nobody keeps what the files said before, so without the files of
// an earlier revision ([Options.Since]) the cause is what the difference itself
// tells.
const (
	EditedHere       Cause = "edited here"
	ChangedOnMaster  Cause = "changed on the Master"
	BothChanged      Cause = "edited here and changed on the Master"
	ProductMoved     Cause = "product moved"
	Republished      Cause = "another value was published"
	FirstDeclared    Cause = "declared for the first time"
	Differs          Cause = "differs (edited here or changed on the Master)"
	NoLongerDeclared Cause = "no longer declared"
)

// findCause names the cause of an update.
func (p *planning) findCause(c *Change, want *Instance) Cause {
	before := p.earlier[want.Name]
	switch {
	case c.Action != Update:
		return ""
	case before == nil && p.Options.Since != nil: // somebody made it by hand, or from other files
		return FirstDeclared
	case before == nil:
		return p.inferCause(c, want)
	}
	earlier := byPath(instanceValues(before))
	var here, there bool
	for _, a := range c.Attributes {
		if a.Product != "" {
			continue // what a product stands for now is not what it stood for then
		}
		old := earlier[a.path()].After
		value, known := old.Known()
		here = here || !old.Equal(a.After)
		if old.Withheld() != "" { // nobody sees whether it is that
			continue
		}
		there = there || known != (a.Before != nil) || known && value != *a.Before
	}
	switch {
	case here && there:
		return BothChanged
	case here:
		return EditedHere
	case there:
		return ChangedOnMaster
	}
	return ProductMoved
}

// inferCause tells what can be told from the difference. Another release of a product comes
// from the product, and a value that an instance has published from the instance. A state
// that the files leave to its default is none that somebody would have taken out of them: a
// Master stops services by itself. Whose everything else is nobody knows.
func (p *planning) inferCause(c *Change, want *Instance) Cause {
	ofAnother := func(r Reference) bool { return r.Instance != want.Name }
	found := map[Cause]bool{}
	for _, a := range c.Attributes {
		switch {
		case a.Group == "" && a.Name == "software_release" && a.Product != "":
			found[ProductMoved] = true
		case a.Group == "" && a.Name == "state" && !want.StateGiven && want.State == slap.Started:
			found[ChangedOnMaster] = true
		case a.Group == "parameters" && a.Before != nil && slices.ContainsFunc(want.Parameters[a.Name].Sources(), ofAnother):
			found[Republished] = true
		default:
			return Differs
		}
	}
	for _, cause := range []Cause{ProductMoved, Republished, ChangedOnMaster} {
		if found[cause] {
			return cause
		}
	}
	return Differs
}
