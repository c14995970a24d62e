package engine

import "slapstar/slap"

// A Cause says where the difference comes from that a change takes away.
type Cause string

// The causes. Nobody keeps what the files said before, so without the files of
// an earlier revision ([Options.Since]) the cause is what the difference itself
// tells: see [inferCause].
const (
	EditedHere       Cause = "edited here"
	ChangedOnMaster  Cause = "changed on the Master"
	BothChanged      Cause = "edited here and changed on the Master"
	ProductMoved     Cause = "product moved"
	NoLongerDeclared Cause = "no longer declared"
)

// findCause names the cause of an update; before is the declaration at an earlier
// revision, nil where there is none.
func findCause(c *Change, want, before *Instance) Cause {
	if c.Action != Update {
		return ""
	}
	if before == nil {
		return inferCause(c, want)
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

// inferCause tells what can be told from the difference. Another release of a
// product comes from the product. A state that the files leave to its default is
// none that somebody would have taken out of them: a Master stops services by
// itself. Everything else is taken for an edit.
func inferCause(c *Change, want *Instance) Cause {
	for _, a := range c.Attributes {
		switch {
		case a.Group == "" && a.Name == "software_release" && a.Product != "":
		case a.Group == "" && a.Name == "state" && !want.StateGiven && want.State == slap.Started:
		default:
			return EditedHere
		}
	}
	if c.Attributes[0].Name == "software_release" {
		return ProductMoved
	}
	return ChangedOnMaster
}
