package engine

import (
	"maps"
	"slices"
)

// A valueIndex finds values inside of texts: names by value, by the length of the
// value, so that many values in many texts take one look-up for each length and
// place, and not one for each value. It hides credentials, and says who probably uses
// something: where a value came from is carried by the value, and not looked for.
type valueIndex map[int]map[string][]string

func (x valueIndex) add(value, name string) {
	n := len(value)
	if x[n] == nil {
		x[n] = map[string][]string{}
	}
	if !slices.Contains(x[n][value], name) {
		x[n][value] = append(x[n][value], name)
	}
}

// in returns the names of the values in a text, each once, in order of length and
// place.
func (x valueIndex) in(s string) []string {
	if len(x) == 0 {
		return nil
	}
	var found []string
	for _, n := range slices.Sorted(maps.Keys(x)) {
		for i := 0; i+n <= len(s); i++ {
			for _, name := range x[n][s[i:i+n]] {
				if !slices.Contains(found, name) {
					found = append(found, name)
				}
			}
		}
	}
	return found
}

// inText returns the names of the values in what is known of a text.
func (x valueIndex) inText(t Text) []string {
	if len(x) == 0 {
		return nil
	}
	var found []string
	for _, part := range t {
		found = append(found, x.in(part.Literal)...)
		found = append(found, x.inText(part.Inner())...)
	}
	return found
}
