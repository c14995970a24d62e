package engine

// Matches reports whether a pattern, as a [Selection] takes it, stands for a resource: it
// matches one of its names, or its address.
func Matches(pattern string, r Resource) bool { return matchesAny(pattern, namesOf(r)) }
