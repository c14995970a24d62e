package console

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.starlark.net/syntax"

	"slapstar/slap"
	"slapstar/slap/release"
	"slapstar/starlib/lang"
)

// A Manual says what software releases take, as far as that is at hand: it does not use
// the network.
type Manual interface {
	// Release reads the schema file of a release, which is a URL or a path.
	Release(ctx context.Context, release string) (*release.Schema, error)

	// Properties lists the parameters of a type, or the members of one: see
	// [release.Schemas.Properties].
	Properties(ctx context.Context, t release.Type, path ...string) ([]release.Property, error)

	// Best returns the release of a product; empty: that is not known, or takes long.
	Best(product string) string
}

var errNoManual = errors.New("nothing is known of software releases here")

// isRelease reports whether a topic is a software release, and not a name.
func isRelease(topic string) bool {
	return strings.Contains(topic, "/") || strings.HasSuffix(topic, ".cfg")
}

// helpOnRelease says what a release is, its software types, and the parameters of one:
// of the default one, or the only one, if none is asked for.
func (s *Session) helpOnRelease(location, softwareType string) (string, error) {
	if s.options.Manual == nil {
		return "", errNoManual
	}
	schema, err := s.options.Manual.Release(s.ctx(), location)
	if err != nil {
		return "", err
	}
	m := manualPage{ctx: s.ctx(), manual: s.options.Manual}
	var asked []release.Type
	if softwareType == "" {
		m.head(location, schema)
		asked = slices.Clone(schema.Types[:min(1, len(schema.Types))])
		if t, ok := schema.Type("", false); ok {
			asked = []release.Type{t}
		}
	} else {
		for _, shared := range []bool{false, true} {
			if t, ok := schema.Type(softwareType, shared); ok && !slices.Contains(asked, t) {
				asked = append(asked, t)
			}
		}
	}
	if len(asked) == 0 {
		unknown := &release.UnknownTypeError{Release: location, SoftwareType: softwareType, Known: schema.Types}
		return "", lang.Suggest(unknown, softwareType, unknown.Names())
	}
	for _, t := range asked {
		if err := m.parameters(t); err != nil && len(asked) == 1 && softwareType != "" {
			return "", err
		} else if err != nil {
			fmt.Fprintf(&m.b, "    %v\n", err)
		}
	}
	return strings.TrimSpace(m.b.String()), nil
}

// A manualPage is what is written of one release.
type manualPage struct {
	ctx    context.Context
	manual Manual
	b      strings.Builder
	lines  int // properties that were written
}

// Limits of a page: a schema may refer to itself.
const (
	manualDepth = 6
	manualLines = 1000
)

func (m *manualPage) head(location string, schema *release.Schema) {
	fmt.Fprintf(&m.b, "%s\n", location)
	m.prose("    ", titled(schema.Name, schema.Description))
	m.b.WriteString("\nSoftware types; help(release, \"TYPE\") lists the parameters of one:\n")
	for _, t := range schema.Types {
		fmt.Fprintf(&m.b, "    %s\n", typeHead(t))
		m.prose("        ", titled(t.Title, t.Description))
	}
	m.b.WriteString("\n")
}

// typeHead is a software type with how it is asked for.
func typeHead(t release.Type) string {
	head := cmp.Or(t.SoftwareType, slap.DefaultType)
	var marks []string
	if t.Shared {
		marks = append(marks, "shared")
	}
	if t.Serialisation != "" {
		marks = append(marks, string(t.Serialisation))
	}
	if len(marks) > 0 {
		head += " (" + strings.Join(marks, ", ") + ")"
	}
	return head
}

func (m *manualPage) parameters(t release.Type) error {
	fmt.Fprintf(&m.b, "Parameters of software type %s:\n", typeHead(t))
	list, err := m.manual.Properties(m.ctx, t)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		m.b.WriteString("    the schema names none\n")
	}
	m.list(t, list, nil)
	m.b.WriteString("\n")
	return nil
}

func (m *manualPage) list(t release.Type, list []release.Property, path []string) {
	indent := strings.Repeat("    ", len(path)+1)
	for _, p := range list {
		if m.lines++; m.lines > manualLines {
			if m.lines == manualLines+1 {
				fmt.Fprintf(&m.b, "%s… and more than %d others\n", indent, manualLines)
			}
			return
		}
		name := p.Name
		switch {
		case p.Pattern && name == "":
			name = "any other name"
		case p.Pattern:
			name = "names like " + name
		}
		note, values := propertyNote(p), ""
		if len(note) > manualWidth && len(p.Values) > 0 {
			values, p.Values = "one of "+valuesOf(p), nil
			note = propertyNote(p)
		}
		fmt.Fprintf(&m.b, "%s%s  %s\n", indent, name, note)
		m.prose(indent+"    ", values)
		m.prose(indent+"    ", titled(p.Title, p.Description))
		if !p.Nested || len(path) >= manualDepth {
			continue
		}
		at := append(slices.Clone(path), p.Name)
		if p.Pattern && p.Name != "" {
			at[len(path)] = release.Matching(p.Name)
		}
		if below, err := m.manual.Properties(m.ctx, t, at...); err == nil {
			m.list(t, below, at)
		}
		at = append(at, release.Items)
		if below, err := m.manual.Properties(m.ctx, t, at...); err == nil && len(below) > 0 {
			fmt.Fprintf(&m.b, "%s    each item:\n", indent)
			m.list(t, below, at)
		}
	}
}

// manualWidth is how wide text is, without its indentation, in characters.
const manualWidth = 76

// prose writes text in lines.
func (m *manualPage) prose(indent, text string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > manualWidth {
			fmt.Fprintf(&m.b, "%s%s\n", indent, line)
			line = ""
		}
		line = joinNonEmpty(" ", line, word)
	}
	if line != "" {
		fmt.Fprintf(&m.b, "%s%s\n", indent, line)
	}
}

// titled is a title with a description, which often says the same.
func titled(title, description string) string {
	title, description = strings.TrimSpace(title), strings.TrimSpace(description)
	if short := strings.TrimRight(title, "."); strings.HasPrefix(description, short) {
		return description
	} else if description != "" {
		title = short
	}
	return joinNonEmpty(": ", title, description)
}

func joinNonEmpty(separator string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return strings.TrimSpace(s) == "" }), separator)
}

// typeWords are the types of JSON Schema in the words of error messages.
var typeWords = map[string]string{
	"string": "text", "integer": "whole number", "number": "number", "boolean": "True or False", "array": "list", "object": "dictionary", "null": "None",
}

// manualValues is how many of the values that a parameter may have are listed.
const manualValues = 30

// propertyNote is what a property may be, in one line.
func propertyNote(p release.Property) string {
	var words []string
	for _, name := range p.Types {
		words = append(words, cmp.Or(typeWords[name], name))
	}
	notes := []string{cmp.Or(strings.Join(words, " or "), "anything")}
	if len(p.Values) > 0 {
		notes = append(notes, "one of "+valuesOf(p))
	}
	if p.Required {
		notes = append(notes, "required")
	}
	if p.Default != nil {
		notes = append(notes, "default "+literal(*p.Default))
	}
	return strings.Join(notes, "; ")
}

// valuesOf lists the values that a property may have.
func valuesOf(p release.Property) string {
	var values []string
	for _, v := range p.Values[:min(len(p.Values), manualValues)] {
		values = append(values, literal(v))
	}
	if len(p.Values) > manualValues {
		values = append(values, "…")
	}
	return strings.Join(values, ", ")
}

// literal writes a JSON value as a file does.
func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case string:
		return syntax.Quote(v, false)
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, literal(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		var items []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			items = append(items, syntax.Quote(key, false)+": "+literal(v[key]))
		}
		return "{" + strings.Join(items, ", ") + "}"
	case json.Number:
		return v.String()
	}
	return fmt.Sprint(v)
}
