package engine

import (
	"slices"

	"slapstar/slap"
)

// ignoring returns what is wanted of an instance that exists, with the Master's
// values instead of those that ignore_changes names: a request replaces all
// of them.
func (i *Instance) ignoring(current *slap.Instance) *Instance {
	if len(i.IgnoreChanges) == 0 {
		return i
	}
	ignored := func(path string) bool { return slices.Contains(i.IgnoreChanges, path) }
	want := *i
	if ignored("software_release") {
		want.SoftwareRelease, want.Product = current.SoftwareRelease, ""
	}
	if ignored("software_type") {
		want.SoftwareType = current.SoftwareType
	}
	if ignored("state") && i.State != slap.Destroyed { // whose end is asked for is not kept
		want.State = current.State
	}
	want.Parameters = kept(i.Parameters, current.Parameters, Literal,
		func(key string) bool { return ignored("parameters") || ignored("parameters."+key) })
	if current.SLAKnown {
		want.SLALater = kept(i.SLALater, nil, Literal, func(key string) bool { return ignored("sla") || ignored("sla."+key) })
		want.SLA = kept(i.SLA, current.SLA, func(value string) string { return value },
			func(key string) bool { return ignored("sla") || ignored("sla."+key) })
	}
	return &want
}

// kept returns what is wanted; what is ignored has the current value, or none.
func kept[V any](want map[string]V, current slap.Parameters, value func(string) V, ignored func(key string) bool) map[string]V {
	all := map[string]V{}
	for key, v := range want {
		if !ignored(key) {
			all[key] = v
		}
	}
	for key, v := range current {
		if ignored(key) {
			all[key] = value(v)
		}
	}
	return all
}
