package starlib

import (
	"fmt"
	"strconv"
	"strings"

	"slapstar/engine"
)

// referenceSource writes a call of a handle whose value is what a reference stands for: as
// text, or as the text of its JSON.
func referenceSource(handle string, r engine.Reference) string {
	if r.JSON && r.Path != "" {
		return "json.encode(" + outputSource(handle, r) + ")"
	}
	return outputSource(handle, r)
}

// outputSource writes the value itself.
func outputSource(handle string, r engine.Reference) string {
	switch steps := r.Path.Steps(); {
	case r.Kind == engine.GUID:
		return handle + ".getInstanceGuid()"
	case r.Kind == engine.ID:
		return handle + ".getId()"
	case r.Path == "":
		return fmt.Sprintf("%s.getConnectionParameter(%s)", handle, literal(r.Key))
	case r.Key == "":
		return fmt.Sprintf("%s.output(%s)", handle, strings.Join(stepSources(steps), ", "))
	default:
		source := fmt.Sprintf("json.decode(%s.getConnectionParameter(%s))", handle, literal(r.Key))
		for _, step := range stepSources(steps) {
			source += "[" + step + "]"
		}
		return source
	}
}

func stepSources(steps []any) []string {
	list := make([]string, len(steps))
	for i, step := range steps {
		switch step := step.(type) {
		case int:
			list[i] = strconv.Itoa(step)
		case string:
			list[i] = literal(step)
		}
	}
	return list
}

// awaitedSource writes what wait_for holds.
func awaitedSource(list []engine.Reference) []string {
	sources := make([]string, len(list))
	for i, r := range list {
		steps := r.Path.Steps()
		switch {
		case r.Path == "":
			sources[i] = literal(r.Key)
			continue
		case r.Key != "":
			steps = append([]any{r.Key}, steps...)
		}
		sources[i] = "(" + strings.Join(stepSources(steps), ", ") + ",)"
	}
	return sources
}
