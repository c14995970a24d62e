package proxy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// firstViolation says what the first violation of a schema is, in the words of
// Python's jsonschema, as slapproxy does. The one nearest to the root of the
// document is the first.
func firstViolation(err error, doc any) string {
	var all *jsonschema.ValidationError
	if !errors.As(err, &all) {
		return err.Error()
	}
	keyword := func(v *jsonschema.ValidationError) string { return strings.Join(v.ErrorKind.KeywordPath(), "/") }
	first := slices.MinFunc(leaves(all), func(a, b *jsonschema.ValidationError) int {
		return cmp.Or(
			cmp.Compare(len(a.InstanceLocation), len(b.InstanceLocation)),
			slices.Compare(a.InstanceLocation, b.InstanceLocation),
			cmp.Compare(keyword(b), keyword(a)), // required before additionalProperties
		)
	})
	return violation(first, doc)
}

func leaves(v *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(v.Causes) == 0 {
		return []*jsonschema.ValidationError{v}
	}
	var list []*jsonschema.ValidationError
	for _, cause := range v.Causes {
		list = append(list, leaves(cause)...)
	}
	return list
}

func violation(v *jsonschema.ValidationError, doc any) string {
	value := repr(fromJSON(lookUp(doc, v.InstanceLocation)))
	switch k := v.ErrorKind.(type) {
	case *kind.Required:
		return repr(k.Missing[0]) + " is a required property"
	case *kind.AdditionalProperties:
		names := slices.Sorted(slices.Values(k.Properties))
		for i, name := range names {
			names[i] = repr(name)
		}
		verb := "was"
		if len(names) > 1 {
			verb = "were"
		}
		return fmt.Sprintf("Additional properties are not allowed (%s %s unexpected)", strings.Join(names, ", "), verb)
	case *kind.Type:
		return fmt.Sprintf("%s is not of type %s", value, repr(k.Want[0]))
	case *kind.Enum:
		return fmt.Sprintf("%s is not one of %s", value, repr(k.Want))
	case *kind.MaxLength:
		return value + " is too long"
	case *kind.MinLength:
		return value + " is too short"
	}
	return v.ErrorKind.LocalizedString(message.NewPrinter(language.English))
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
