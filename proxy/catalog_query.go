package proxy

import (
	"slices"
	"strings"
)

// A catalogQuery is what a search of the full Master asks for. Of its query
// language only what clients send is understood here (the reference, section
// (e)):
//
//	portal_type:"TYPE" AND validation_state:validated [AND KEY:="VALUE"]
//
// where several types stand in parentheses, separated by commas.
type catalogQuery struct {
	types []string
	key   string // empty: all
	value string
}

// parseCatalogQuery reports whether a query has that form.
func parseCatalogQuery(text string) (q catalogQuery, ok bool) {
	rest, ok := strings.CutPrefix(text, "portal_type:")
	if !ok {
		return q, false
	}
	if list, several := strings.CutPrefix(rest, "("); several {
		for {
			var kind string
			if kind, rest, ok = cutQuoted(list); !ok {
				return q, false
			}
			q.types = append(q.types, kind)
			if rest, ok = strings.CutPrefix(rest, ")"); ok {
				break
			}
			if list, ok = strings.CutPrefix(rest, ", "); !ok {
				return q, false
			}
		}
	} else {
		var kind string
		if kind, rest, ok = cutQuoted(rest); !ok {
			return q, false
		}
		q.types = []string{kind}
	}
	for n, kind := range q.types {
		if newName, old := oldTypes[kind]; old {
			q.types[n] = newName
		}
	}
	if rest, ok = strings.CutPrefix(rest, " AND validation_state:validated"); !ok || rest == "" {
		return q, ok
	}
	if rest, ok = strings.CutPrefix(rest, " AND "); !ok {
		return q, false
	}
	if q.key, rest, ok = strings.Cut(rest, ":="); !ok {
		return q, false
	}
	q.value, rest, ok = cutQuoted(rest)
	return q, ok && rest == ""
}

// oldTypes are the names that portal types had before.
var oldTypes = map[string]string{"Hosting Subscription": "Instance Tree", "Computer": "Compute Node"}

// cutQuoted cuts a text in double quotes off, which has none inside.
func cutQuoted(s string) (value, rest string, ok bool) {
	if s, ok = strings.CutPrefix(s, `"`); !ok {
		return "", "", false
	}
	return strings.Cut(s, `"`)
}

// of reports whether exactly these types are asked for, in any order.
func (q catalogQuery) of(types ...string) bool {
	return len(q.types) == len(types) && !slices.ContainsFunc(types, func(t string) bool { return !slices.Contains(q.types, t) })
}
