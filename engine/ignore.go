package engine

import (
	"maps"
	"slices"

	"slapstar/slap"
)

// ignoring returns what is wanted of an instance that exists, with the Master's
// values in the place of those that ignore_changes names: a request replaces all
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
	want.Parameters = maps.Clone(i.Parameters)
	for key := range keysOf(i.Parameters, current.Parameters) {
		if ignored("parameters") || ignored("parameters."+key) {
			delete(want.Parameters, key)
			if value, ok := current.Parameters[key]; ok {
				if want.Parameters == nil {
					want.Parameters = map[string]Text{}
				}
				want.Parameters[key] = Literal(value)
			}
		}
	}
	if !current.SLAKnown {
		return &want
	}
	want.SLA = maps.Clone(i.SLA)
	for key := range keysOf(i.SLA, current.SLA) {
		if ignored("sla") || ignored("sla."+key) {
			delete(want.SLA, key)
			if value, ok := current.SLA[key]; ok {
				if want.SLA == nil {
					want.SLA = map[string]string{}
				}
				want.SLA[key] = value
			}
		}
	}
	return &want
}

func keysOf[V any](a map[string]V, b slap.Parameters) map[string]bool {
	keys := make(map[string]bool, len(a)+len(b))
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	return keys
}
