package credential

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// What is written as a value of a name, but for NAME=VALUE and JSON: a member as Python
// writes it, or of a document that is broken; a line of YAML with one word; an element of
// XML, also one that has its name as an attribute.
var descriptions = []*regexp.Regexp{
	regexp.MustCompile(`["']([A-Za-z][0-9A-Za-z_. -]*)["'][ \t]*[:=][ \t]*(?:"((?:[^"\\]|\\.)+)"|'((?:[^'\\]|\\.)+)')`),
	regexp.MustCompile(`(?m)^[ \t]*(?:-[ \t]+)?([A-Za-z][0-9A-Za-z_.-]*)[ \t]*:[ \t]+(?:"((?:[^"\\]|\\.)+)"|'([^']+)'|([^\s"'$({|>&*!#%][^\s]*))[ \t\r]*$`),
	regexp.MustCompile(`<([A-Za-z][0-9A-Za-z_.:-]*)(?:\s[^<>]*)?>([^<>\s$][^<>]*)</`),
	regexp.MustCompile(`<[A-Za-z][0-9A-Za-z_.:-]*\s(?:[^<>]*\s)?(?:id|name|key)\s*=\s*["']([A-Za-z][0-9A-Za-z_. -]*)["'][^<>]*>([^<>\s$][^<>]*)</`),
}

// described are the values in a text that is no JSON document whose names say that they are
// credentials, in the forms of [descriptions].
func described(value string) []string {
	if !strings.ContainsAny(value, `:<"'`) || !hasStem(value) || isDocument(value) {
		return nil
	}
	var list []string
	for _, form := range descriptions {
		for _, m := range form.FindAllStringSubmatch(value, -1) {
			// key: value is prose, and <key> is what names another element.
			if text := strings.Join(m[2:], ""); strings.ToLower(m[1]) != "key" && Key(m[1]) && !Open(text) {
				list = append(list, text)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// isDocument reports whether a text is a JSON object or list, whose parts are judged one by
// one.
func isDocument(value string) bool {
	trimmed := strings.TrimSpace(value)
	return trimmed != "" && (trimmed[0] == '{' || trimmed[0] == '[') && json.Valid([]byte(trimmed))
}
