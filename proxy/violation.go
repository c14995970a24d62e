package proxy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"slapstar/slap/jsonschema"
)

// firstViolation says what the first violation of a schema is, in the words of
// Python's jsonschema, as slapproxy does. The one nearest to the root of the
// document is the first.
func firstViolation(violations []jsonschema.Violation, doc any) string {
	return violation(slices.MinFunc(violations, func(a, b jsonschema.Violation) int {
		return cmp.Or(
			cmp.Compare(len(a.Location), len(b.Location)),
			slices.Compare(a.Location, b.Location),
			cmp.Compare(b.Keyword, a.Keyword), // required before additionalProperties
		)
	}), doc)
}

func violation(v jsonschema.Violation, doc any) string {
	value := func() string { return repr(fromJSON(lookUp(doc, v.Location))) } // may be megabytes
	switch v.Keyword {
	case "required":
		return repr(v.Names[0]) + " is a required property"
	case "additionalProperties":
		names := slices.Clone(v.Names)
		for i, name := range names {
			names[i] = repr(name)
		}
		verb := "was"
		if len(names) > 1 {
			verb = "were"
		}
		return fmt.Sprintf("Additional properties are not allowed (%s %s unexpected)", strings.Join(names, ", "), verb)
	case "type":
		return fmt.Sprintf("%s is not of type %s", value(), repr(v.Want[0]))
	case "enum":
		return fmt.Sprintf("%s is not one of %s", value(), repr(v.Want))
	case "maxLength":
		return value() + " is too long"
	case "minLength":
		return value() + " is too short"
	}
	return v.Message
}

// lookUp returns the part of a document at a location.
func lookUp(doc any, location []string) any {
	for _, step := range location {
		switch container := doc.(type) {
		case map[string]any:
			doc = container[step]
		case []any:
			n, _ := strconv.Atoi(step)
			doc = container[n]
		}
	}
	return doc
}
