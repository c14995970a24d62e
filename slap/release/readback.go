package release

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"slapstar/slap/jsonschema"
)

// Parameters that travel as text have lost their types when they arrive. The recipe of a
// release reads them back where its schema wants another type than text: a text that is a
// number is a number then, and True and False are truth values (slapos.cookbook
// slapos/recipe/slapconfiguration.py, DefaultValidator). So a text may be either, and
// passes if one of the two does; a number is a number, and none where text is wanted.

// numberText is what reads back as a number, without what JSON does not have.
var numberText = regexp.MustCompile(`^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eE][+-]?[0-9]+)?$`)

// readBack returns what else a text may be.
func readBack(text string) (value any, ok bool) {
	switch text {
	case "True", "False":
		return text == "True", true
	}
	m := numberText.FindStringSubmatch(text)
	if m == nil || !strings.ContainsAny(strings.TrimRight(text[:len(text)-len(m[4])], "."), "0123456789") {
		return nil, false
	}
	number := strings.TrimPrefix(m[1], "+") + "0"
	if m[2] != "" {
		number = strings.TrimPrefix(m[1], "+") + m[2]
	}
	if m[3] != "" {
		number += "." + m[3]
	}
	number += m[4]
	if _, err := jsonschema.Parse([]byte(number)); err != nil { // too many digits
		return nil, false
	}
	return json.Number(number), true
}

// validateText compares parameters that travel as text with their schema: as they are
// given, then with what is wrong read back, then with all that can be.
func validateText(s *jsonschema.Schema, given map[string]any, unknown func(string) bool) ([]jsonschema.Violation, error) {
	toCome := func(value any) bool {
		text, ok := value.(string)
		return ok && unknown != nil && unknown(text)
	}
	check := func(parameters map[string]any) ([]jsonschema.Violation, error) {
		list, err := s.Validate(parameters, unknown)
		return slices.DeleteFunc(list, func(v jsonschema.Violation) bool { // what is to come may be a number
			return v.Keyword == "type" && len(v.Location) == 1 && toCome(parameters[v.Location[0]])
		}), err
	}
	best, err := check(given)
	if err != nil || len(best) == 0 {
		return best, err
	}
	wrong, all := maps.Clone(given), maps.Clone(given)
	var read []string // names of what is wrong, and may be something else
	for name, value := range given {
		text, _ := value.(string)
		other, ok := readBack(text)
		if !ok || toCome(text) {
			continue
		}
		all[name] = other
		if slices.ContainsFunc(best, func(v jsonschema.Violation) bool { return isAt(v, name) }) {
			wrong[name] = other
			read = append(read, name)
		}
	}
	if len(read) > 0 {
		list, err := check(wrong)
		if err != nil {
			return nil, err
		}
		if len(list) < len(best) || len(list) == len(best) && aboutTypes(best, read) && !aboutTypes(list, read) {
			best = list
		}
	}
	if len(best) > 0 {
		list, err := check(all)
		if err != nil {
			return nil, err
		}
		if len(list) < len(best) {
			best = list
		}
	}
	return best, nil
}

// isAt reports whether a violation is about a parameter as such.
func isAt(v jsonschema.Violation, name string) bool {
	return len(v.Location) == 1 && v.Location[0] == name
}

// aboutTypes reports whether a violation says that a parameter is of another type.
func aboutTypes(list []jsonschema.Violation, names []string) bool {
	return slices.ContainsFunc(list, func(v jsonschema.Violation) bool {
		return v.Keyword == "type" && slices.ContainsFunc(names, func(name string) bool { return isAt(v, name) })
	})
}
