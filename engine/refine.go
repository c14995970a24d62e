package engine

import (
	"fmt"
	"slices"
	"strconv"
)

// A NotApprovedError says that carrying on would do what the approved plan did not
// show: the Master has changed since, or the files evaluate to something else.
type NotApprovedError struct {
	Address   Address
	Origin    Origin
	Attribute string // may be empty
	Approved  string // what the approved plan shows
	Found     string // what would have to be done now
}

func (e *NotApprovedError) Error() string {
	what := string(e.Address)
	if e.Attribute != "" {
		what += ": " + e.Attribute
	}
	where := ""
	if at := e.Origin.Position(); at != (Position{}) {
		where = at.String() + ": "
	}
	return fmt.Sprintf("%s%s: the approved plan shows %s, now it would be %s", where, what, e.Approved, e.Found)
}

// checkRefines returns a [NotApprovedError] unless next asks for nothing that
// approved does not show, apart from values that approved shows as unknown and
// that lookup knows. What is declared has to be the same otherwise; what is to
// be done may be less: it is done already, or needs no doing any more. The
// changes in done are left out of the comparison. A value that approved shows as one
// that may change may be another.
//
// What the files declare differently is err. What is to be done to the Master otherwise is
// in moved, by change.
func checkRefines(approved, next *Plan, done map[Address]bool, lookup Lookup) (moved map[Address]error, err error) {
	now := make(map[Address]*Change, len(next.Changes))
	for _, c := range next.Changes {
		now[c.Address()] = c
	}
	shown := make(map[Address]*Change, len(approved.Changes))
	for _, c := range approved.Changes {
		shown[c.Address()] = c
		if c.Pending() && now[c.Address()] == nil && c.Cause != NoLongerDeclared && !done[c.Address()] { // what is not declared may be gone
			return nil, &NotApprovedError{Address: c.Address(), Origin: c.Resource.Declared(), Approved: string(c.Action), Found: "no longer declared"}
		}
	}
	if next.Declared != approved.Declared { // the same evaluation is the same
		may := func(a Address, path attributePath) bool { return shown[a] != nil && shown[a].mayChange(path) }
		if err := next.Declared.extends(approved.Declared, lookup, may); err != nil {
			return nil, err
		}
	}
	moved = map[Address]error{}
	for _, c := range next.Changes {
		if !c.Pending() || done[c.Address()] {
			continue
		}
		before := shown[c.Address()]
		stale := &NotApprovedError{Address: c.Address(), Origin: c.Resource.Declared(), Approved: "nothing of it", Found: string(c.Action)}
		if before == nil && approved.Declared.More != nil {
			continue // what comes after the stage has an approval of its own
		}
		switch {
		case before == nil:
			moved[c.Address()] = stale
		case before.Action != c.Action && sameSupply(before, c):
		case before.Action != c.Action:
			stale.Approved = string(before.Action)
			moved[c.Address()] = stale
		default:
			if err := checkAttributes(before, c, lookup); err != nil {
				moved[c.Address()] = err
			}
		}
	}
	return moved, nil
}

// sameSupply reports whether two changes bring the same software to a node: whether there
// was some, which is on its way out, or none any more, is the same wish.
func sameSupply(a, b *Change) bool {
	before, ok := a.Resource.(*Software)
	after, also := b.Resource.(*Software)
	return ok && also && a.Action != Delete && b.Action != Delete && before.State == after.State
}

// An attributePath identifies an attribute of a resource.
type attributePath struct{ group, name string }

func (a Attribute) path() attributePath { return attributePath{a.Group, a.Name} }

func byPath(list []Attribute) map[attributePath]Attribute {
	m := make(map[attributePath]Attribute, len(list))
	for _, a := range list {
		m[a.path()] = a
	}
	return m
}

func checkAttributes(approved, next *Change, lookup Lookup) error {
	if slices.EqualFunc(approved.Attributes, next.Attributes, sameAttribute) {
		return nil // as most often
	}
	shown := byPath(approved.Attributes)
	for _, a := range next.Attributes {
		before, ok := shown[a.path()]
		stale := &NotApprovedError{Address: next.Address(), Origin: next.Resource.Declared(), Attribute: a.Name, Found: describe(a)}
		switch {
		case !ok:
			stale.Approved = "no change of it"
		case !samePointer(before.Before, a.Before) || before.MayChange == "" && !before.After.Resolve(lookup).Equal(a.After.Resolve(lookup)):
			stale.Approved = describe(before)
		default:
			continue
		}
		return stale
	}
	return nil
}

func sameAttribute(a, b Attribute) bool {
	return a.path() == b.path() && samePointer(a.Before, b.Before) && a.After.Equal(b.After)
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
	if a.After != nil {
		after = strconv.Quote(a.After.Display())
	}
	if a.Before != nil && a.Sensitive() {
		before = Masked
	}
	if a.After != nil && a.Sensitive() {
		after = strconv.Quote(Masked)
	}
	return before + " → " + after
}
