package engine

import (
	"maps"
	"slices"

	"slapstar/slap"
)

func difference(group, name string, before *string, after Text) Attribute {
	return Attribute{Group: group, Name: name, Before: before, After: after.Plain(), Sources: after.published()}
}

// instanceValues lists all that a creation sets.
func instanceValues(want *Instance) []Attribute {
	list := []Attribute{
		{Name: "software_release", After: Literal(want.SoftwareRelease), Product: want.Product},
		{Name: "software_type", After: Literal(want.SoftwareType)},
		{Name: "state", After: Literal(want.State)},
	}
	if want.Project != "" {
		list = append(list, Attribute{Name: "project", After: Literal(want.Project)})
	}
	if want.Shared {
		list = append(list, Attribute{Name: "shared", After: Literal("true")})
	}
	for _, key := range slices.Sorted(maps.Keys(want.SLA)) {
		list = append(list, difference("sla", key, nil, Literal(want.SLA[key])))
	}
	for _, key := range slices.Sorted(maps.Keys(want.SLALater)) {
		list = append(list, difference("sla", key, nil, want.SLALater[key]))
	}
	for _, key := range slices.Sorted(maps.Keys(want.Parameters)) {
		list = append(list, difference("parameters", key, nil, want.Parameters[key]))
	}
	return list
}

func instanceDifferences(want *Instance, current *slap.Instance) []Attribute {
	var list []Attribute
	compare := func(name, before, after, product string) {
		if before != after {
			list = append(list, Attribute{Name: name, Before: &before, After: Literal(after), Product: product})
		}
	}
	compare("software_release", current.SoftwareRelease, want.SoftwareRelease, want.Product)
	compare("software_type", current.SoftwareType, want.SoftwareType, "")
	compare("state", current.State, want.State, "")
	list = append(list, slaDifferences(want, current)...)
	return append(list, parameterDifferences(want, current)...)
}

// slaDifferences compares where the Master stores the SLA. Elsewhere the SLA
// of an existing instance is unreadable, which is neither equal nor different.
func slaDifferences(want *Instance, current *slap.Instance) []Attribute {
	if !current.SLAKnown {
		return nil
	}
	after := map[string]Text{}
	maps.Copy(after, want.SLALater)
	for key, value := range want.SLA {
		after[key] = Literal(value)
	}
	return dictDifferences("sla", current.SLA, after)
}

func parameterDifferences(want *Instance, current *slap.Instance) []Attribute {
	return dictDifferences("parameters", current.Parameters, want.Parameters)
}

// dictDifferences compares key by key. What differs because the key is absent
// on one side has a nil there.
func dictDifferences(group string, before slap.Parameters, after map[string]Text) []Attribute {
	keys := map[string]bool{}
	for key := range before {
		keys[key] = true
	}
	for key := range after {
		keys[key] = true
	}
	var list []Attribute
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		var old *string
		if value, ok := before[key]; ok {
			old = &value
		}
		want := after[key].Plain()
		if old != nil && want.Withheld() != "" && NotCompared(key, want, *old) {
			list = append(list, Attribute{Group: group, Name: key, Before: old, After: want, NotCompared: true})
		} else if !sameParameter(key, old, want) {
			list = append(list, difference(group, key, old, after[key]))
		}
	}
	return list
}

// sameParameter compares as the Master stores. The JSON of the parameter "_"
// is compared as JSON: a Master compares it as text, so that formatting alone
// would look like a change.
func sameParameter(key string, before *string, after Text) bool {
	if before == nil || after == nil {
		return before == nil && after == nil
	}
	value, known := after.Known()
	if !known {
		return false
	}
	return value == *before || key == "_" && sameJSON(value, *before)
}

func sameJSON(a, b string) bool {
	va, errA := decodeJSON(a)
	vb, errB := decodeJSON(b)
	return errA == nil && errB == nil && same(va, vb)
}
