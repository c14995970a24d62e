package engine

import "fmt"

// A StaleError says that carrying on would do what the approved plan did not
// show: the Master has changed since, or the files evaluate to something else.
type StaleError struct {
	Address   Address
	Origin    Origin
	Attribute string // may be empty
	Approved  string // what the approved plan shows
	Found     string // what would have to be done now
}

func (e *StaleError) Error() string {
	what := string(e.Address)
	if e.Attribute != "" {
		what += ": " + e.Attribute
	}
	return fmt.Sprintf("%v: %s: the approved plan shows %s, now it would be %s",
		e.Origin.Position(), what, e.Approved, e.Found)
}

// CheckRefines returns a [StaleError] unless next asks for nothing that
// approved does not show, apart from values that approved shows as unknown and
// that lookup knows. It may ask for less: what is done, or needs no doing any
// more. The changes in done are left out of the comparison.
func CheckRefines(approved, next *Plan, done map[Address]bool, lookup func(instance, key string) (string, bool)) error {
	shown := make(map[Address]*Change, len(approved.Changes))
	for _, c := range approved.Changes {
		shown[c.Address()] = c
	}
	for _, c := range next.Changes {
		if !c.Pending() || done[c.Address()] {
			continue
		}
		before := shown[c.Address()]
		stale := &StaleError{Address: c.Address(), Origin: c.Resource.Declared(), Approved: "nothing of it", Found: string(c.Action)}
		if before == nil {
			return stale
		}
		if before.Action != c.Action {
			stale.Approved = string(before.Action)
			return stale
		}
		if err := checkAttributes(before, c, lookup); err != nil {
			return err
		}
	}
	return nil
}

func checkAttributes(approved, next *Change, lookup func(instance, key string) (string, bool)) error {
	type path struct{ group, name string }
	shown := make(map[path]Attribute, len(approved.Attributes))
	for _, a := range approved.Attributes {
		shown[path{a.Group, a.Name}] = a
	}
	for _, a := range next.Attributes {
		before, ok := shown[path{a.Group, a.Name}]
		stale := &StaleError{Address: next.Address(), Origin: next.Resource.Declared(), Attribute: a.Name, Found: describe(a)}
		switch {
		case !ok:
			stale.Approved = "no change of it"
		case !samePointer(before.Before, a.Before) || !before.After.Resolve(lookup).Equal(a.After.Resolve(lookup)):
			stale.Approved = describe(before)
		default:
			continue
		}
		return stale
	}
	return nil
}

func samePointer(a, b *string) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}

// describe says an attribute in a few words, for an error.
func describe(a Attribute) string {
	before := "absent"
	if a.Before != nil {
		before = fmt.Sprintf("%q", *a.Before)
	}
	after := "absent"
	if value, known := a.After.Known(); known && a.After != nil {
		after = fmt.Sprintf("%q", value)
	} else if a.After != nil {
		after = "a value not known yet"
	}
	return before + " → " + after
}
