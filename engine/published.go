package engine

import (
	"maps"
	"slices"
)

// A Published is a connection parameter that the Master had.
type Published struct{ Instance, Key, Value string }

// shortestPublished is how long a published value has to be, in bytes, for its
// appearance in a parameter to say that it came from there.
const shortestPublished = 4

// published finds values inside of texts: instances by value, by the length of the
// value, so that many values in many texts take one look-up for each length and
// place, and not one for each value.
type published map[int]map[string]string

// publishedBy takes the values of the instances that are wanted.
func publishedBy(list []Published, wanted func(instance string) bool) published {
	p := published{}
	for _, known := range list {
		n := len(known.Value)
		if n < shortestPublished || !wanted(known.Instance) {
			continue
		}
		if p[n] == nil {
			p[n] = map[string]string{}
		}
		p[n][known.Value] = known.Instance
	}
	return p
}

// in returns the instances, other than that of the address, of the values in a
// text, in order of length and place.
func (p published) in(t Text, own Address) []string {
	if len(p) == 0 {
		return nil
	}
	var found []string
	for _, n := range slices.Sorted(maps.Keys(p)) {
		for _, part := range t {
			for i := 0; i+n <= len(part.Literal); i++ {
				name, ok := p[n][part.Literal[i:i+n]]
				if ok && InstanceAddress(name) != own && !slices.Contains(found, name) {
					found = append(found, name)
				}
			}
		}
	}
	for _, part := range t {
		found = append(found, p.in(part.Quoted, own)...)
	}
	return found
}
