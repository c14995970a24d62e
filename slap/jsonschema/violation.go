package jsonschema

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// A Violation is one thing that is wrong with a value. Neither its path nor its
// message holds what the value is, which may be a secret.
type Violation struct {
	Location []string // property names and indexes, from the root
	Path     string   // the same as people write it: site-list[0].port; empty at the root
	Keyword  string   // of the schema, such as "required"
	Names    []string // required, additionalProperties: the properties, the latter sorted
	Want     []any    // type, enum: what is allowed
	Message  string   // in words
}

func compareViolations(a, b Violation) int {
	return cmp.Or(
		slices.CompareFunc(a.Location, b.Location, func(a, b string) int {
			x, errX := strconv.Atoi(a)
			y, errY := strconv.Atoi(b)
			if errX == nil && errY == nil {
				return cmp.Compare(x, y)
			}
			return cmp.Compare(a, b)
		}),
		cmp.Compare(a.Keyword, b.Keyword),
		cmp.Compare(a.Message, b.Message),
	)
}

// A report turns the errors of the library into violations.
type report struct {
	doc     any
	schemas map[string]*jsonschema.Schema // by location
	known   map[*jsonschema.Schema]*naming
	wanted  map[*jsonschema.Schema]map[string][]any
	unknown [][]string // the locations of texts that are not known yet
	cycle   string     // an error of the schema that only shows with a value
}

// AnyValue is a text that stands for a value of any type that is not known yet.
const AnyValue = "\x00a value of any type"

// unknownLocations returns where in a document unknown texts are.
func unknownLocations(doc any, unknown func(string) bool) (list [][]string) {
	var walk func(doc any, location []string)
	walk = func(doc any, location []string) {
		switch doc := doc.(type) {
		case string:
			if doc == AnyValue || unknown != nil && unknown(doc) {
				list = append(list, slices.Clone(location))
			}
		case []any:
			for i, item := range doc {
				walk(item, append(location, strconv.Itoa(i)))
			}
		case map[string]any:
			for key, value := range doc {
				walk(value, append(location, key))
			}
		}
	}
	walk(doc, nil)
	return list
}

// open reports whether the value at a location is, or holds, what is not known
// yet.
func (r *report) open(location []string) bool {
	return slices.ContainsFunc(r.unknown, func(u []string) bool {
		return len(u) >= len(location) && slices.Equal(u[:len(location)], location)
	})
}

func (r *report) violations(e *jsonschema.ValidationError) []Violation {
	switch k := e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.AllOf, *kind.Reference:
		var list []Violation
		for _, unit := range r.prune(flatten(e)) {
			list = append(list, r.violations(unit)...)
		}
		return list
	case *kind.AnyOf, *kind.OneOf:
		if len(e.Causes) > 0 {
			if list, ok := r.discriminated(e); ok {
				return list
			}
		}
		switch {
		case r.open(e.InstanceLocation):
			return nil
		case len(e.Causes) > 0:
			return r.alternatives(e)
		}
	case *kind.RefCycle:
		r.cycle = fmt.Sprintf("the schema refers to itself without end, at %s", k.URL)
	case *kind.InvalidJsonValue:
		r.cycle = fmt.Sprintf("got a %T, want what JSON has", k.Value)
	case *kind.Type:
		if valueAt(r.doc, e.InstanceLocation) == AnyValue {
			return nil
		}
	case *kind.Required, *kind.AdditionalProperties, *kind.MinProperties, *kind.MaxProperties,
		*kind.MinItems, *kind.MaxItems, *kind.AdditionalItems, *kind.PropertyNames, *kind.Dependency, *kind.DependentRequired:
		// not a matter of what a text within is
	default:
		if r.open(e.InstanceLocation) {
			return nil
		}
	}
	return []Violation{r.violation(e)}
}

// alternatives says why none of the forms that a schema allows fits: what is
// wrong with the one that was meant, if that can be told, or something about
// each.
func (r *report) alternatives(e *jsonschema.ValidationError) []Violation {
	var all [][]Violation
	for _, cause := range e.Causes {
		list := r.violations(cause)
		if len(list) == 0 {
			return nil
		}
		slices.SortFunc(list, compareViolations)
		all = append(all, list)
	}
	here := func(v Violation) bool { return len(v.Location) == len(e.InstanceLocation) }
	if !slices.ContainsFunc(all, func(list []Violation) bool { return len(list) != 1 || list[0].Keyword != "type" || !here(list[0]) }) {
		return []Violation{r.anyType(e, all)}
	}
	// Not meant is what is of another type, or says that it is something else.
	for _, excluded := range []func(Violation) bool{
		func(v Violation) bool { return v.Keyword == "type" && here(v) },
		func(v Violation) bool { return v.Keyword == "const" || v.Keyword == "enum" },
	} {
		var meant [][]Violation
		for _, list := range all {
			if !slices.ContainsFunc(list, excluded) {
				meant = append(meant, list)
			}
		}
		switch len(meant) {
		case 0:
		case 1:
			return meant[0]
		default:
			all = meant
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	const most = 3
	var parts []string
	for _, list := range all[:min(len(all), most)] {
		part := list[0].Message
		if !here(list[0]) {
			part = list[0].Path + ": " + part
		}
		parts = append(parts, part)
	}
	text := strings.Join(slices.Compact(parts), "; or ")
	if len(all) > most {
		text += "; …"
	}
	v := r.violation(e)
	v.Message = fmt.Sprintf("fits none of the forms that are allowed: %s", text)
	return []Violation{v}
}

// anyType is the violation of forms that differ in type alone.
func (r *report) anyType(e *jsonschema.ValidationError, all [][]Violation) Violation {
	v := all[0][0]
	v.Want = nil
	for _, list := range all {
		v.Want = append(v.Want, list[0].Want...)
	}
	got := ""
	for _, cause := range e.Causes {
		for len(cause.Causes) > 0 {
			cause = cause.Causes[0]
		}
		if k, ok := cause.ErrorKind.(*kind.Type); ok {
			got = k.Got
		}
	}
	v.Message = typeMessage(got, v.Want)
	return v
}

// plain gives the names of JSON's types in the words of the files.
var plain = map[string]string{
	"null": "None", "boolean": "True or False", "integer": "a whole number", "number": "a number",
	"string": "text", "array": "a list", "object": "a dictionary",
}

func typeMessage(got string, want []any) string {
	gotText := plain[got]
	if got == "boolean" {
		gotText = "a truth value"
	}
	var names []string
	for _, w := range want {
		if name := plain[fmt.Sprint(w)]; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return fmt.Sprintf("got %s, want %s", gotText, strings.Join(names, " or "))
}

func (r *report) violation(e *jsonschema.ValidationError) Violation {
	v := Violation{
		Location: e.InstanceLocation,
		Path:     pathText(r.doc, e.InstanceLocation),
		Keyword:  strings.Join(e.ErrorKind.KeywordPath(), "/"),
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		for _, want := range k.Want {
			v.Want = append(v.Want, want)
		}
		v.Message = typeMessage(k.Got, v.Want)
	case *kind.Enum:
		v.Want = k.Want
		v.Message = "want " + jsonList(k.Want)
	case *kind.Required:
		v.Names = k.Missing
		v.Message = quoted(k.Missing) + " " + isAre(k.Missing) + " missing"
	case *kind.AdditionalProperties:
		v.Names = slices.Sorted(slices.Values(k.Properties))
		v.Message = quoted(v.Names) + " " + isAre(v.Names) + " not known here"
	case *kind.PropertyNames:
		v.Message = fmt.Sprintf("the name %q is not allowed here", k.Property)
		if list := r.violations(&jsonschema.ValidationError{ErrorKind: &kind.Group{}, Causes: e.Causes}); len(list) > 0 {
			v.Message += ": " + list[0].Message
		}
	default:
		v.Message = message(e.ErrorKind)
	}
	return v
}

// bare are property names that need no quotes in a path.
var bare = regexp.MustCompile(`^[\pL\pN_-]+$`)

// pathText writes a location in a document as people do.
func pathText(doc any, location []string) string {
	var b strings.Builder
	for _, step := range location {
		switch container := doc.(type) {
		case []any:
			fmt.Fprintf(&b, "[%s]", step)
			doc = nil
			if i, err := strconv.Atoi(step); err == nil && i < len(container) {
				doc = container[i]
			}
		default:
			switch {
			case !bare.MatchString(step):
				fmt.Fprintf(&b, "[%q]", step)
			case b.Len() > 0:
				b.WriteString("." + step)
			default:
				b.WriteString(step)
			}
			object, _ := container.(map[string]any)
			doc = object[step]
		}
	}
	return b.String()
}
