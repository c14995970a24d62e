package engine

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"slapstar/internal/function"
	"slapstar/slap"
)

// DocumentKey is the connection parameter under which an instance publishes JSON
// (slapos recipe slapconfiguration, SERIALISED_MAGIC_KEY).
const DocumentKey = "_"

// ErrNotTold says that a Master has an instance and does not tell its guid, or its
// partition: a full Master shows the partition of nobody's instance but to its node.
var ErrNotTold = errors.New("the Master does not tell it")

// A Lookup tells what a Master has of an instance, and whether it is there. It is asked
// for references without a path. One with neither Kind nor Key asks for all connection
// parameters, as a JSON object of texts. What a Master never tells is known, and empty.
type Lookup func(Reference) (value string, known bool)

// Find returns what a reference stands for.
//
// A path with a Key leads into the JSON document under that key. A path without one leads
// into the document that the instance publishes under _; what it does not find there is
// looked for under the first key of the path, as an instance publishes that has no such
// document.
//
// A key that is not there, an index beyond the end, and anything in a null are not known:
// they may come. An error says that the path leads into what is no object or list, or that
// a document is no JSON.
func (l Lookup) Find(r Reference) (Output, bool, error) {
	if r.Path == "" {
		value, known := l(r)
		if known && value == "" && r.Kind != "" {
			return Output{}, false, fmt.Errorf("%v: %w", r, ErrNotTold)
		}
		return Output{value: value, isText: true, from: CredentialDocument{Credential{Instance: r.Instance, Key: r.Key}}}, known, nil
	}
	steps := r.Path.Steps()
	found, known, err := l.findIn(r, cmp.Or(r.Key, DocumentKey), steps)
	if known || r.Key != "" {
		return found, known, err
	}
	if len(steps) == 0 {
		if all, published := l(Reference{Instance: r.Instance}); published && err == nil {
			v, _ := decodeJSON(all) // it is made of texts
			object, _ := v.(map[string]any)
			return Output{value: v, from: found.from}, len(object) > 0 && object[DocumentKey] == nil, nil
		}
		return found, false, err
	}
	key, ok := steps[0].(string)
	if !ok || key == DocumentKey {
		return found, false, err
	}
	value, published := l(Reference{Instance: r.Instance, Key: key})
	switch {
	case !published:
		return found, false, err
	case len(steps) == 1:
		return Output{value: value, from: CredentialDocument{Credential{Instance: r.Instance, Key: key}}}, true, nil
	}
	return l.findIn(r, key, steps[1:])
}

// findIn looks for a value in the document of one connection parameter.
func (l Lookup) findIn(r Reference, key string, steps []any) (Output, bool, error) {
	o := Output{from: CredentialDocument{Credential{Instance: r.Instance, Key: key}}}.below("")
	document, published := l(Reference{Instance: r.Instance, Key: key})
	if !published {
		return o, false, nil
	}
	v, err := decodeJSON(document)
	if err != nil {
		return o, false, fmt.Errorf("connection parameter %q of instance %q is no JSON document", key, r.Instance)
	}
	for i, step := range steps {
		next, there, ok := member(v, step)
		switch {
		case !ok:
			at := cmp.Or(NewPath(steps[:i]...).String(), "the document")
			return o, false, fmt.Errorf("connection parameter %q of instance %q: %s is %s, and has no %s", key, r.Instance, at, kindOf(v), NewPath(step))
		case !there:
			return o, false, nil
		}
		if name, ok := step.(string); ok {
			o = o.below(name)
		}
		v = next
	}
	o.value = v
	return o, true, nil
}

// member is one step into a value. It reports whether there is such a member, and false
// for ok where there can be none.
func member(v any, step any) (next any, there, ok bool) {
	switch v := v.(type) {
	case nil:
		return nil, false, true
	case map[string]any:
		key, isKey := step.(string)
		next, there = v[key]
		return next, there, isKey
	case []any:
		n, isIndex := step.(int)
		if n < 0 {
			n += len(v)
		}
		if isIndex && n >= 0 && n < len(v) {
			return v[n], true, true
		}
		return nil, false, isIndex
	}
	return nil, false, false
}

// kindOf names the type of a JSON value.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "text"
	case []any:
		return "a list"
	}
	return "an object"
}

// text returns what a reference stands for, if that is known. Where it is there and cannot
// be what is wanted, it is a text with a [Text.Fault].
func (l Lookup) text(r Reference) (Text, bool) {
	o, known, err := l.Find(r)
	var t Text
	if known && err == nil {
		t, err = o.text(r)
	}
	if err != nil {
		return Text{{Derived: &Derivation{Function: function.Function{Name: "output"}, Of: Literal(""), Fault: err.Error()}}}, true
	}
	return t, known
}

// published returns what a reference stands for as something that files were given.
func (l Lookup) published(r Reference) (Published, bool) {
	o, known, err := l.Find(r)
	if !known || err != nil {
		return Published{}, false
	}
	return o.Published(r), true
}

// Find returns what the Master has of an instance: it is a [Lookup]. What was published
// under a name that is on its way out is nothing of the instance that gets the name next.
func (s *State) Find(r Reference) (string, bool) {
	i, there := s.Instances[r.Instance]
	if !there || s.Leaving(r.Instance) {
		return "", false
	}
	switch {
	case r.Kind == GUID:
		guid := s.guid(i)
		return guid, guid != "" || s.ready(i)
	case r.Kind == ID:
		return i.Partition, i.Partition != "" || s.ready(i)
	case r.Key == "":
		return ParametersJSON(i.ConnectionParameters), len(i.ConnectionParameters) > 0
	}
	value, published := i.ConnectionParameters[r.Key]
	return value, published
}

// guid is the identifier of an instance, in the form in which it names the host of a shared
// one. A slapproxy has another form on its JSON-RPC interface, which it does not
// understand there, and none in its listing (slapos.core slapos/proxy/views.py,
// requestSlave).
func (s *State) guid(i slap.Instance) string {
	of := strings.HasSuffix(i.GUID, "___0") || strings.HasSuffix(i.GUID, "___1")
	if !s.Full && (i.GUID == "" || of) && i.Computer != "" && i.Partition != "" {
		return i.Computer + "-" + i.Partition
	}
	return i.GUID
}

// publishedNames are the names of what an instance has published, in order: of a JSON
// document those of its members.
func (s *State) publishedNames(instance string) []string {
	if s.Leaving(instance) {
		return nil
	}
	var names []string
	for key, value := range s.Instances[instance].ConnectionParameters {
		object, isObject := decodeContainer(value).(map[string]any)
		if key != DocumentKey || !isObject {
			names = append(names, key)
			continue
		}
		for member := range object {
			names = append(names, member)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ParametersJSON writes connection parameters as a [Lookup] tells all of them.
func ParametersJSON(p map[string]string) string {
	object := make(map[string]any, len(p))
	for key, value := range p {
		object[key] = value
	}
	value, _ := Output{}.json(object, CredentialDocument{}).Known()
	return value
}
