package engine

import (
	"slices"
	"strconv"
	"strings"
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

func (p *trail) with(s Step) *trail { return &trail{p, s} }

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

// sortKeys are the keys of two objects, each once, in order.
func sortKeys(a, b map[string]any) []string {
	keys := make([]string, 0, len(a)+len(b))
	for key := range a {
		keys = append(keys, key)
	}
	for key := range b {
		if _, ok := a[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}
