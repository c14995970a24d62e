package engine

// A Published is a connection parameter that the Master had.
type Published struct{ Instance, Key, Value string }

// shortestPublished is how long a published value has to be, in bytes, for its
// appearance in a parameter to say that it came from there.
const shortestPublished = 4

// publishedBy indexes the values that are wanted, with the instance as the name of
// each.
func publishedBy(list []Published, wanted func(Published) bool) valueIndex {
	x := valueIndex{}
	for _, known := range list {
		if len(known.Value) >= shortestPublished && wanted(known) {
			x.add(known.Value, known.Instance)
		}
	}
	return x
}
