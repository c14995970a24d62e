package view

import "slapstar/slap"

// health says in a word how an instance is, as far as its Master tells: well, starting,
// waiting, failing, stopped or unknown.
func health(i slap.Instance) string {
	switch {
	case i.State == slap.Stopped:
		return "stopped"
	case i.Status.Kind == slap.Failing:
		return "failing"
	case i.Status.Kind == slap.Running:
		return "well"
	case i.Allocation == slap.NotAllocated, i.Members != nil && len(i.Members) == 0:
		return "waiting" // for a place
	case i.Status.Kind == slap.Building, i.Status.Kind == slap.Processing, i.Status.Kind == slap.NotReported && i.Allocation == slap.Allocated:
		return "starting"
	}
	return unknownHealth
}

// unknownHealth is said where the Master does not tell.
const unknownHealth = "unknown"
