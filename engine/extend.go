package engine

import (
	"fmt"
	"strconv"
)

// A DivergedError says that two evaluations of the same files differ, although
// the second one only knew more: their inputs are not the same.
type DivergedError struct {
	Address         Address
	Attribute       string // may be empty
	Before, After   string // what it is in each; "absent" where it is not
	Origin, OriginB Origin // where in each; the zero value where it is not
}

func (e *DivergedError) Error() string {
	what := string(e.Address)
	if e.Attribute != "" {
		what += ": " + e.Attribute
	}
	where := e.Origin.Position()
	second := ""
	if at := e.OriginB.Position(); at != where && at != (Position{}) {
		second = fmt.Sprintf(" (%v)", at)
	}
	return fmt.Sprintf("%v: %s: it was %s, and evaluated again it is %s%s", where, what, e.Before, e.After, second)
}

// Extends returns a [*DivergedError] for the first declaration of before that is
// not the same in c, apart from values that before did not know and that lookup
// knows. Where before ended at a boundary, c may declare more after it: what before declares
// further down may then come later, and in another order.
func (c *Config) Extends(before *Config, lookup Lookup) error {
	return c.extends(before, lookup, func(Address, attributePath) bool { return false })
}

// extends is Extends, but for the attributes that may be others.
func (c *Config) extends(before *Config, lookup Lookup, may func(Address, attributePath) bool) error {
	first := len(before.Resources)
	var later map[Address]Resource
	if before.More != nil && before.More.Beyond > 0 {
		first -= before.More.Beyond
		later = make(map[Address]Resource, len(c.Resources))
		for _, r := range c.Resources[min(first, len(c.Resources)):] {
			later[r.Address()] = r
		}
	}
	for n, b := range before.Resources {
		var a Resource
		switch {
		case n >= first:
			a = later[b.Address()]
		case n < len(c.Resources):
			a = c.Resources[n]
		}
		if a == nil {
			return &DivergedError{Address: b.Address(), Before: "declared", After: "absent", Origin: b.Declared()}
		}
		if a.Address() != b.Address() {
			return &DivergedError{Address: b.Address(), Before: "declared here", After: "another, " + string(a.Address()), Origin: b.Declared(), OriginB: a.Declared()}
		}
		if err := diverged(b, a, lookup, may); err != nil {
			return err
		}
	}
	if before.More == nil && len(c.Resources) > len(before.Resources) {
		extra := c.Resources[len(before.Resources)]
		return &DivergedError{Address: extra.Address(), Before: "absent", After: "declared", Origin: extra.Declared(), OriginB: extra.Declared()}
	}
	return nil
}

func diverged(before, after Resource, lookup Lookup, may func(Address, attributePath) bool) error {
	found := func(attribute, b, a string) error {
		return &DivergedError{Address: before.Address(), Attribute: attribute, Before: b, After: a, Origin: before.Declared(), OriginB: after.Declared()}
	}
	b, ok := before.(*Instance)
	if !ok {
		if b, a := before.(*Software), after.(*Software); b.State != a.State {
			return found("state", b.State, a.State)
		}
		return nil
	}
	a := after.(*Instance)
	show := func(x Attribute) string {
		switch {
		case x.After == nil:
			return "absent"
		case x.Sensitive():
			return Masked
		}
		return strconv.Quote(x.After.Display())
	}
	shown, now := instanceValues(b), byPath(instanceValues(a))
	for _, x := range shown {
		y := now[x.path()]
		if !x.After.Resolve(lookup).Equal(y.After.Resolve(lookup)) && !may(b.Address(), x.path()) {
			return found(x.Name, show(x), show(y))
		}
	}
	there := byPath(shown)
	for _, y := range instanceValues(a) {
		if _, ok := there[y.path()]; !ok {
			return found(y.Name, "absent", show(y))
		}
	}
	return nil
}
