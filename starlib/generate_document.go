package starlib

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
)

// deepestDocument is how many levels a JSON document may have that is written as nested
// values; a deeper one is written as its text.
const deepestDocument = 40

// document writes the parameters of an instance that are one JSON object as nested
// values. It reports false where they are not, or where the values would become another
// document than the one that they came from: then they are written as text.
func (w *sourceWriter) document(i *engine.Instance) (string, bool) {
	text, ok := i.Parameters["_"]
	if !ok || len(i.Parameters) != 1 || i.Serialisation != slap.JSONInXML {
		return "", false
	}
	d := engine.ParseTree(text)
	if d == nil {
		return "", false
	}
	root, isObject := d.Root.(map[string]any)
	if !isObject || !w.Nested && !isCompact(text) {
		return "", false
	}
	n := nesting{w: w, d: d}
	source := n.object(root, 1, true)
	return source, !n.lost
}

// isCompact reports whether a document is laid out as json.encode does it: then nothing of
// its text is lost. What is not known yet stands for itself.
func isCompact(t engine.Text) bool {
	n := 0
	text := t.Marked(func(engine.Part) string { n++; return strconv.Itoa(n) })
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return false
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	return e.Encode(v) == nil && strings.TrimSuffix(b.String(), "\n") == text
}

// A nesting writes the values of a document.
type nesting struct {
	w    *sourceWriter
	d    *engine.Tree
	lost bool // something cannot be written so that it comes back the same
}

// inline is how long a list or an object is at most that is written in one line, in bytes.
const inline = 60

func (n *nesting) value(v any, level int) string {
	switch v := v.(type) {
	case map[string]any:
		return n.object(v, level, false)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = n.value(item, level+1)
		}
		return n.brackets("[", "]", items, level, false)
	case string:
		return n.text(v)
	case json.Number:
		number, ok := numberLiteral(v.String())
		n.lost = n.lost || !ok
		return number
	case bool:
		return starlark.Bool(v).String()
	}
	return starlark.None.String()
}

func (n *nesting) object(v map[string]any, level int, open bool) string {
	var items []string
	for _, key := range slices.Sorted(maps.Keys(v)) {
		n.lost = n.lost || n.d.Text(key) != nil || checkJSONText(key) != nil
		items = append(items, literal(key)+": "+n.value(v[key], level+1))
	}
	return n.brackets("{", "}", items, level, open)
}

// brackets writes items in one line if that is short, unless they are to be open.
func (n *nesting) brackets(begin, end string, items []string, level int, open bool) string {
	n.lost = n.lost || level > deepestDocument
	line := strings.Join(items, ", ")
	if len(items) == 0 || !open && len(line) <= inline && !strings.Contains(line, "\n") {
		return begin + line + end
	}
	margin := strings.Repeat("    ", min(level, deepestDocument))
	var b strings.Builder
	b.WriteString(begin + "\n")
	for _, item := range items {
		b.WriteString(margin + "    " + item + ",\n")
	}
	b.WriteString(margin + end)
	return b.String()
}

// text writes a text, or what stands for a number that is hidden or not known yet.
func (n *nesting) text(s string) string {
	t := n.d.Text(s)
	if t == nil {
		n.lost = n.lost || checkJSONText(s) != nil
		return literal(s)
	}
	number := len(t) == 1 && t[0].Derived != nil && (t[0].Derived.Name == "int" || t[0].Derived.Name == "float")
	source := n.w.text(t)
	switch bare := engine.IsBare(s); {
	case bare && !number: // whatever it is, as text it would be another value
		n.lost = true
	case !bare && number:
		source = "str(" + source + ")"
	}
	return source
}

// longestNumber is how many digits a number may have that is written as one.
const longestNumber = 300

var wholeNumber = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

// numberLiteral writes a number of JSON as Starlark does, and reports whether the same
// digits come back.
func numberLiteral(number string) (string, bool) {
	if len(number) > longestNumber {
		return "None", false
	}
	if wholeNumber.MatchString(number) {
		return number, true
	}
	f, err := strconv.ParseFloat(number, 64)
	text := starlark.Float(f).String()
	return text, err == nil && text == number
}
