package proxy

import (
	"slices"
	"strings"
)

// A catalogQuery is what a search of the full Master asks for. Of its query
// language only what clients send is understood here (the reference, section
// (e)): conditions that all have to hold,
//
//	KEY:VALUE AND KEY:=VALUE AND KEY:(VALUE, VALUE)
//
// one of them of the portal type. A value is a word, or a text in double quotes, in
// which \" stands for a quote.
type catalogQuery struct {
	types      []string
	conditions []condition // others than of the type and the validation state
	nothing    bool        // it asks for another validation state than any row has
}

// A condition holds where a key has one of the values.
type condition struct {
	key    string
	values []string
}

// parseCatalogQuery reports whether a query has that form.
func parseCatalogQuery(text string) (q catalogQuery, ok bool) {
	for rest := text; ; {
		var c condition
		if c, rest, ok = cutCondition(rest); !ok {
			return q, false
		}
		switch c.key {
		case "portal_type":
			if q.types != nil {
				return q, false
			}
			q.types = c.values
		case "validation_state":
			q.nothing = q.nothing || !slices.Contains(c.values, "validated")
		default:
			q.conditions = append(q.conditions, c)
		}
		if rest == "" {
			break
		}
		if rest, ok = strings.CutPrefix(rest, " AND "); !ok {
			return q, false
		}
	}
	for n, kind := range q.types {
		if newName, old := oldTypes[kind]; old {
			q.types[n] = newName
		}
	}
	return q, len(q.types) > 0
}

// oldTypes are the names that portal types had before.
var oldTypes = map[string]string{"Hosting Subscription": "Instance Tree", "Computer": "Compute Node"}

// cutCondition cuts a condition off.
func cutCondition(text string) (c condition, rest string, ok bool) {
	if c.key, rest, ok = strings.Cut(text, ":"); !ok || c.key == "" || strings.ContainsAny(c.key, " \"()") {
		return c, "", false
	}
	rest = strings.TrimPrefix(rest, "=")
	list, several := strings.CutPrefix(rest, "(")
	if !several {
		var value string
		value, rest, ok = cutValue(rest)
		c.values = []string{value}
		return c, rest, ok
	}
	for {
		var value string
		if value, rest, ok = cutValue(strings.TrimLeft(list, " ")); !ok {
			return c, "", false
		}
		c.values = append(c.values, value)
		rest = strings.TrimLeft(rest, " ")
		if after, last := strings.CutPrefix(rest, ")"); last {
			return c, after, true
		}
		if list, ok = strings.CutPrefix(rest, ","); ok {
			continue
		}
		if list, ok = strings.CutPrefix(rest, "OR "); !ok {
			return c, "", false
		}
	}
}

// cutValue cuts a word, or a text in double quotes, off.
func cutValue(s string) (value, rest string, ok bool) {
	quoted, ok := strings.CutPrefix(s, `"`)
	if !ok {
		n := strings.IndexAny(s, ` ,)"(`)
		if n < 0 {
			n = len(s)
		}
		return s[:n], s[n:], n > 0
	}
	var b strings.Builder
	for n := 0; n < len(quoted); n++ {
		switch {
		case quoted[n] == '"':
			return b.String(), quoted[n+1:], true
		case strings.HasPrefix(quoted[n:], `\"`):
			n++
		}
		b.WriteByte(quoted[n])
	}
	return "", "", false
}

// of reports whether only such types are asked for.
func (q catalogQuery) of(types ...string) bool {
	return !slices.ContainsFunc(q.types, func(t string) bool { return !slices.Contains(types, t) })
}
