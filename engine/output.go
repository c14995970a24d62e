package engine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"slapstar/internal/function"
)

// An Output is a value that an instance has published, or that the Master has of it.
type Output struct {
	value  any  // as encoding/json has it, with [encoding/json.Number]
	isText bool // it is the text of a connection parameter, and no JSON
	from   CredentialDocument
}

func (o Output) below(key string) Output {
	o.from = o.from.Member(cmp.Or(key, o.from.origin.Key))
	return o
}

// Holding returns the output with what tells which texts hold secrets of the run: they are
// credentials as well.
func (o Output) Holding(holds func(string) bool) Output {
	o.from.origin.Holds = holds
	return o
}

// CredentialValues are what is not to be seen in the value, see [Text.CredentialValues].
func (o Output) CredentialValues() []string {
	return o.json(o.value, o.from).CredentialValues()
}

// Member returns what stands under a key of the value, if it is an object that has it.
func (o Output) Member(key string) (Output, bool) {
	next, there, _ := member(o.value, key)
	o.value = next
	return o.below(key), there
}

// JSON is the value as json.encode writes it in a file, with what looks like a credential
// in it.
func (o Output) JSON() string {
	value, _ := o.json(o.value, CredentialDocument{}).Known() // nothing is hidden there
	return value
}

// Plain is the value if it is text.
func (o Output) Plain() (string, bool) {
	s, ok := o.value.(string)
	return s, ok
}

// Document tells which values in it look like credentials.
func (o Output) Document() CredentialDocument { return o.from }

// text returns the value in the form in which a reference wants it.
func (o Output) text(r Reference) (Text, error) {
	switch s, isText := o.Plain(); {
	case r.Kind != "":
		return Literal(s).WithSource(r), nil
	case r.Path == "":
		return PublishedText(Published{Instance: r.Instance, Key: r.Key, Value: s}), nil
	case r.JSON:
		return o.json(o.value, o.from).WithSource(r), nil
	case isText:
		return o.from.Text(s).WithSource(r), nil
	}
	return nil, fmt.Errorf("%s is %s, want text", r, kindOf(o.value))
}

// json writes a value. The documents of a Master may have their members in any order, and
// blanks; what is written has not.
func (o Output) json(v any, d CredentialDocument) Text {
	switch v := v.(type) {
	case map[string]any:
		list := []Text{Literal("{")}
		for i, key := range slices.Sorted(maps.Keys(v)) {
			comma := ","
			if i == 0 {
				comma = ""
			}
			below := d
			if d.origin.Instance != "" {
				below = d.Member(key)
			}
			list = append(list, Literal(comma+quoteJSON(key)+":"), o.json(v[key], below))
		}
		return Join(append(list, Literal("}"))...)
	case []any:
		list := []Text{Literal("[")}
		for i, item := range v {
			if i > 0 {
				list = append(list, Literal(","))
			}
			list = append(list, o.json(item, d))
		}
		return Join(append(list, Literal("]"))...)
	case string:
		if d.origin.Instance == "" {
			return Literal(quoteJSON(v))
		}
		return Quote(d.Text(v))
	case json.Number:
		if digits := function.Number(v.String()); d.origin.Instance != "" {
			return d.Text(digits)
		} else {
			return Literal(digits)
		}
	}
	return Literal(*valueJSON(v))
}

// Published returns the value as something that files were given.
func (o Output) Published(r Reference) Published {
	p := Published{Instance: r.Instance, Kind: r.Kind, Key: r.Key, Path: r.Path}
	if p.Value, p.JSON = o.JSON(), r.Path != ""; !p.JSON {
		p.Value, _ = o.Plain()
	} else if s, isText := o.Plain(); isText {
		p.Value, p.JSON = s, false
	}
	return p
}
