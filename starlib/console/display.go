package console

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/credential"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// masked stands for what is not to be shown.
const masked = engine.Masked

// maxWidth is how long a value may be in one line.
const maxWidth = 100

// hides reports whether text is, or holds, what secret() gave in this session: the
// Master has it where an entry put it, and it is as secret there.
func (s *Session) hides(text string) bool { return s.inputs.Mask.Holds(text) }

// display writes the value of an expression for people: an instance as a table,
// what is long over several lines, and what looks like a credential not at all. A
// single string is shown: it was asked for by its name.
func (s *Session) display(v starlark.Value) (string, error) {
	if h, ok := v.(*handle); ok {
		return s.table(h.read())
	}
	if declared, existing := starlib.HandleOf(v); declared != nil || existing != nil {
		return s.table(newInstance(declared, existing), nil)
	}
	if err := lang.CheckSize("the result", v); err != nil {
		return "", err
	}
	w := writer{s}
	return w.value(v, "", ""), nil
}

// table writes an instance: what is asked for, and what it has published.
func (s *Session) table(i instance, err error) (string, error) {
	if err != nil {
		return "", err
	}
	var b strings.Builder
	rows := func(indent string, pairs [][2]string) {
		width := 0
		for _, p := range pairs {
			width = max(width, utf8.RuneCountInString(p[0]))
		}
		for _, p := range pairs {
			if s.hides(p[1]) {
				p[1] = masked
			}
			fmt.Fprintf(&b, "%s%s%s  %s\n", indent, p[0], strings.Repeat(" ", width-utf8.RuneCountInString(p[0])), p[1])
		}
	}
	fmt.Fprintf(&b, "instance %s\n", i.Name)
	attributes := [][2]string{{"software_release", i.SoftwareRelease}, {"software_type", i.SoftwareType}, {"state", i.State}}
	if i.Shared {
		attributes = append(attributes, [2]string{"shared", "True"})
	}
	for _, key := range i.SLA.Keys() {
		attributes = append(attributes, [2]string{"sla." + key, i.SLA[key]})
	}
	for _, p := range [][2]string{{"computer", i.Computer}, {"partition", i.Partition}, {"status", i.Status.Text}} {
		if p[1] != "" {
			attributes = append(attributes, p)
		}
	}
	rows("  ", attributes)
	for _, group := range []struct {
		name   string
		values map[string]string
	}{{"parameters", i.parameters}, {"connection parameters", i.ConnectionParameters}} {
		if len(group.values) == 0 {
			continue
		}
		fmt.Fprintf(&b, "  %s\n", group.name)
		var pairs [][2]string
		for _, key := range slices.Sorted(maps.Keys(group.values)) {
			pairs = append(pairs, [2]string{key, s.mask(key, group.values[key])})
		}
		rows("    ", pairs)
	}
	return strings.TrimRight(b.String(), "\n"), nil
}

// An instance is what there is to show of one. Of one that is not ready that is its
// name only.
type instance struct {
	slap.Instance
	parameters map[string]string
}

// newInstance returns an instance that is declared, or that exists.
func newInstance(declared *engine.Instance, existing *slap.Instance) instance {
	if declared == nil {
		return instance{*existing, existing.Parameters}
	}
	i := instance{parameters: map[string]string{}}
	i.InstanceRequest = slap.InstanceRequest{
		Name: declared.Name, SoftwareRelease: declared.SoftwareRelease, SoftwareType: declared.SoftwareType,
		State: declared.State, Shared: declared.Shared, SLA: declared.SLA,
	}
	for key, t := range declared.Parameters {
		i.parameters[key] = t.Display()
	}
	return i
}

// A writer writes values in the form of Starlark.
type writer struct{ s *Session }

// masks reports whether what stands under a key is not to be shown. Without a key
// it was asked for by its name.
func (s *Session) masks(key, value string) bool {
	return s.hides(value) || key != "" && !s.options.ShowSecrets && (credential.Parameter(key, value) || s.credentials[value])
}

// mask is a value without what is not to be shown: of a JSON document only the leaves
// that look like credentials are left out.
func (s *Session) mask(key, value string) string {
	switch {
	case value == masked, !s.masks(key, value):
		return value
	case s.hides(value), s.credentials[value]:
		return masked
	}
	return credential.Mask(key, value, masked)
}

// value writes v, which has a key if it is in a dictionary. What is too long for a
// line goes on below, each item with more indentation.
func (w writer) value(v starlark.Value, key, indent string) string {
	line := w.line(v, key)
	if len(indent)+utf8.RuneCountInString(line) <= maxWidth || line == masked {
		return line
	}
	inner := indent + "    "
	var b strings.Builder
	switch v := v.(type) {
	case *starlark.Dict:
		b.WriteString("{\n")
		for _, item := range v.Items() {
			fmt.Fprintf(&b, "%s%s: %s,\n", inner, w.line(item[0], ""), w.value(item[1], keyText(item[0]), inner))
		}
		return b.String() + indent + "}"
	case *starlark.List:
		b.WriteString("[\n")
		for i := range v.Len() {
			fmt.Fprintf(&b, "%s%s,\n", inner, w.value(v.Index(i), keyOr(key), inner))
		}
		return b.String() + indent + "]"
	}
	return line
}

func keyText(v starlark.Value) string {
	s, _ := starlark.AsString(v)
	return s
}

// line writes v in one line. Strings inside of others are masked by what they look
// like, too.
func (w writer) line(v starlark.Value, key string) string {
	join := func(open, end string, items []string) string { return open + strings.Join(items, ", ") + end }
	var items []string
	switch v := v.(type) {
	case starlark.String:
		if w.s.masks(key, string(v)) {
			return masked
		}
		return v.String()
	case *lang.Text:
		return v.Value().Display()
	case *starlark.Dict:
		for _, item := range v.Items() {
			items = append(items, w.line(item[0], "")+": "+w.line(item[1], keyText(item[0])))
		}
		return join("{", "}", items)
	case *starlark.List:
		for i := range v.Len() {
			items = append(items, w.line(v.Index(i), keyOr(key)))
		}
		return join("[", "]", items)
	case *starlark.Set:
		for item := range v.Elements() {
			items = append(items, w.line(item, keyOr(key)))
		}
		return join("set([", "])", items)
	case starlark.Tuple:
		for i, item := range v {
			of := keyOr(key)
			if name, ok := starlark.AsString(v[0]); ok && i == 1 && len(v) == 2 { // as of items()
				of = name
			}
			items = append(items, w.line(item, of))
		}
		if len(items) == 1 {
			return "(" + items[0] + ",)"
		}
		return join("(", ")", items)
	case *starlarkstruct.Struct:
		for _, name := range v.AttrNames() {
			field, _ := v.Attr(name)
			items = append(items, name+" = "+w.line(field, name))
		}
		return join("struct(", ")", items)
	}
	return v.String()
}

// keyOr is the key of an item of a list, which has none of its own.
func keyOr(key string) string {
	if key == "" {
		return "item"
	}
	return key
}

// quoted lists keys in a message.
func quoted(keys []string) string {
	if len(keys) == 0 {
		return "none"
	}
	return engine.Quoted(keys)
}
