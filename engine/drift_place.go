package engine

import "strings"

// leafPlaces are where the leaves of a change stand, in the document of the Master and in that
// of the files. With each goes what it is in.
type leafPlaces struct{ at, above map[string]bool }

func placesOf(leaves []Leaf) leafPlaces {
	p := leafPlaces{at: map[string]bool{}, above: map[string]bool{}}
	for _, l := range leaves {
		for _, place := range l.places() {
			p.at[join(place)] = true
			for n := range place {
				p.above[join(place[:n])] = true
			}
		}
	}
	return p
}

// meet reports whether one of the leaves stands where another does, or in it, or around it.
func (p leafPlaces) meet(l Leaf) bool {
	for _, place := range l.places() {
		if p.above[join(place)] {
			return true
		}
		for n := range place {
			if p.at[join(place[:n+1])] {
				return true
			}
		}
	}
	return false
}

func join(place []string) string { return strings.Join(place, "\n") }

// places are where a leaf stands, and where it was if that is another place. An item of a
// list without names has the place of the list: its index says what it is in one pair of
// documents only.
func (l Leaf) places() [][]string {
	place := func(name string, steps []Step) []string {
		list := []string{l.Group, quoteJSON(name)}
		for _, step := range steps {
			switch {
			case step.Item && step.By == "":
				return list
			case step.Item:
				list = append(list, quoteJSON(step.By)+"="+quoteJSON(step.ID))
			default:
				list = append(list, step.String())
			}
		}
		return list
	}
	list := [][]string{place(l.Name, l.At)}
	switch {
	case len(l.From) == 0:
	case l.At == nil:
		list = append(list, place(l.From[0].Key, nil))
	default:
		list = append(list, place(l.Name, l.From))
	}
	return list
}
