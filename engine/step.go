package engine

import (
	"slices"
	"strconv"
)

// A Step is the key of a member, or the index of an item, or it opens a text that is a
// JSON document.
type Step struct {
	Key   string
	Index int
	Item  bool
	Open  bool

	By, ID string // of an item that is found by a member, such as name: the member and its value
}

// String returns the key as JSON, the index, or "json" for what opens a text.
func (s Step) String() string {
	switch {
	case s.Open:
		return "json"
	case s.Item:
		return strconv.Itoa(s.Index)
	}
	return quoteJSON(s.Key)
}

// A trail is a place in a document; nil is its root.
type trail struct {
	up   *trail
	step Step
}

// mostTrails is how many of them are made at once.
const mostTrails = 32

// with is the place that a step leads to from another one. They are made many at once.
func (c *comparison) with(up *trail, s Step) *trail {
	if len(c.trails) == 0 {
		c.trails = make([]trail, mostTrails)
	}
	next := &c.trails[0]
	*next, c.trails = trail{up, s}, c.trails[1:]
	return next
}

// levels reports whether a place has no more than that many steps.
func (p *trail) levels(most int) bool {
	for ; p != nil; p = p.up {
		if most--; most < 0 {
			return false
		}
	}
	return true
}

// steps are those of a path, from the root.
func (p *trail) steps() []Step {
	n := 0
	for up := p; up != nil; up = up.up {
		n++
	}
	list := make([]Step, n)
	for ; p != nil; p = p.up {
		n--
		list[n] = p.step
	}
	return list
}

// samePlace reports whether two paths are the same, whatever items are found by.
func samePlace(a, b []Step) bool {
	return slices.EqualFunc(a, b, func(x, y Step) bool {
		return x.Key == y.Key && x.Index == y.Index && x.Item == y.Item && x.Open == y.Open
	})
}
