package starlib

import (
	"fmt"

	"github.com/agext/levenshtein"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/marshal"
)

// The types in this file check arguments where they are unpacked.

// A name is text that identifies something: it must be known and not empty.
type name string

// Unpack implements [starlark.Unpacker].
func (n *name) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case *text:
		return v.refuse("this argument")
	case *broken:
		return errBroken
	case starlark.String:
		if v == "" {
			return fmt.Errorf("got an empty string")
		}
		*n = name(v)
		return marshal.CheckText(string(v))
	}
	return fmt.Errorf("got %s, want string", v.Type())
}

// An instanceState is the wanted state of an instance; None is started.
type instanceState string

// Unpack implements [starlark.Unpacker].
func (s *instanceState) Unpack(v starlark.Value) error {
	if v == starlark.None {
		return nil
	}
	state, err := oneOf(v, slap.Started, slap.Stopped, slap.Destroyed)
	*s = instanceState(state)
	return err
}

// A softwareState is the wanted state of a software installation.
type softwareState string

// Unpack implements [starlark.Unpacker].
func (s *softwareState) Unpack(v starlark.Value) error {
	state, err := oneOf(v, slap.Available, slap.Destroyed)
	*s = softwareState(state)
	return err
}

func oneOf(v starlark.Value, wanted ...string) (string, error) {
	if t, ok := v.(*text); ok {
		return "", t.refuse("this argument")
	}
	want := fmt.Sprintf("%q or %q", wanted[0], wanted[1])
	if len(wanted) == 3 {
		want = fmt.Sprintf("%q, %q or %q", wanted[0], wanted[1], wanted[2])
	}
	s, ok := v.(starlark.String)
	if !ok {
		return "", fmt.Errorf("got %s, want %s", v.Type(), want)
	}
	for _, w := range wanted {
		if string(s) == w {
			return w, nil
		}
	}
	guess := string(s)
	if word, ok := otherWords[guess]; ok {
		guess = word
	}
	hint := didYouMean(guess, wanted)
	if hint != "" {
		hint = " (" + hint + ")" // the form in which starlark-go gives suggestions
	}
	return "", fmt.Errorf("got %q, want %s%s", string(s), want, hint)
}

// otherWords are what people call a state elsewhere.
var otherWords = map[string]string{
	"running": slap.Started, "runing": slap.Started, "start": slap.Started, "up": slap.Started,
	"stop": slap.Stopped, "down": slap.Stopped,
	"destroy": slap.Destroyed, "absent": slap.Destroyed, "deleted": slap.Destroyed, "removed": slap.Destroyed,
	"present": slap.Available, "installed": slap.Available,
}

// DidYouMean returns a question for a likely slip in a name, such as did you mean
// "started"?; else nothing.
func DidYouMean(got string, wanted []string) string { return didYouMean(got, wanted) }

// didYouMean returns a question for a likely slip, else nothing.
func didYouMean(got string, wanted []string) string {
	best, most := "", 0.6
	for _, w := range wanted {
		if likeness := levenshtein.Similarity(got, w, nil); likeness > most {
			best, most = w, likeness
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// parameters are instance parameters: text under text, in which values may be
// unknown. Numbers, booleans and None become the text that a Master stores.
type parameters map[string]engine.Text

// A nestedError says that parameter XML cannot carry a value.
type nestedError struct {
	key  string
	kind string
}

func (e *nestedError) Error() string {
	return fmt.Sprintf("key %q: got %s, want text or a number: parameter XML carries no nested values", e.key, e.kind)
}

// plainParameters reads parameters that travel each as its own text.
func plainParameters(v starlark.Value) (parameters, error) {
	if v == nil || v == starlark.None {
		return nil, nil
	}
	items, err := mappingItems(v)
	if err != nil {
		return nil, err
	}
	p := parameters{}
	for _, item := range items {
		key, err := parameterKey(item[0])
		if err != nil {
			return nil, err
		}
		if p[key], err = parameterText(key, item[1]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// mappingItems returns the items of a dictionary, or of what is like one.
func mappingItems(v starlark.Value) ([]starlark.Tuple, error) {
	switch v := v.(type) {
	case *broken:
		return nil, errBroken
	case *text:
		return nil, fmt.Errorf("got %s, want dict", v.Type())
	case starlark.IterableMapping:
		return v.Items(), nil
	}
	return nil, fmt.Errorf("got %s, want dict", v.Type())
}

func parameterKey(v starlark.Value) (string, error) {
	key, ok := v.(starlark.String)
	if !ok {
		return "", fmt.Errorf("got key %s of type %s, want string", v, v.Type())
	}
	if key == "" {
		return "", fmt.Errorf("got an empty key")
	}
	if err := marshal.CheckText(string(key)); err != nil {
		return "", fmt.Errorf("key %q: %w", string(key), err)
	}
	return string(key), nil
}

func parameterText(key string, v starlark.Value) (engine.Text, error) {
	switch v := v.(type) {
	case *text:
		return v.text, nil
	case *broken:
		return nil, errBroken
	case starlark.String:
		if err := marshal.CheckText(string(v)); err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
		return engine.Literal(string(v)), nil
	case starlark.NoneType:
		return engine.Literal(slap.Text(nil)), nil
	case starlark.Bool:
		return engine.Literal(slap.Text(bool(v))), nil
	case starlark.Int:
		return engine.Literal(v.String()), nil
	case starlark.Float:
		return engine.Literal(slap.Text(float64(v))), nil
	case *starlark.List, starlark.Tuple, *starlark.Dict, *starlark.Set, *starlarkstruct.Struct:
		return nil, &nestedError{key, v.Type()}
	}
	return nil, fmt.Errorf("key %q: got %s, want text or a number", key, v.Type())
}

// An sla is the filter of a request: known text under text.
type sla map[string]string

// Unpack implements [starlark.Unpacker].
func (s *sla) Unpack(v starlark.Value) error {
	p, err := plainParameters(v)
	if err != nil || p == nil {
		return err
	}
	*s = sla{}
	for _, item := range v.(starlark.IterableMapping).Items() {
		if item[1] == starlark.None {
			return fmt.Errorf("key %s: got None, want text", item[0])
		}
	}
	for key, t := range p {
		if !slap.IsSLAKey(key) {
			if hint := didYouMean(key, slap.SLAKeys()); hint != "" {
				return fmt.Errorf("key %q is none that a Master knows (%s)", key, hint)
			}
		}
		value, known := t.Known()
		if !known || t.HasSecret() {
			return fmt.Errorf("key %q: %w", key, (&text{text: t}).refuse("this argument"))
		}
		(*s)[key] = value
	}
	return nil
}

// texts are names in a list or tuple.
type texts []string

// Unpack implements [starlark.Unpacker].
func (t *texts) Unpack(v starlark.Value) error {
	list, ok := v.(starlark.Indexable)
	if _, isString := v.(starlark.String); !ok || isString {
		return fmt.Errorf("got %s, want a list", v.Type())
	}
	for i := range list.Len() {
		var n name
		if err := n.Unpack(list.Index(i)); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
		*t = append(*t, string(n))
	}
	return nil
}

// instanceNames are handles of instances, and names, in a list or tuple.
type instanceNames []string

// Unpack implements [starlark.Unpacker].
func (names *instanceNames) Unpack(v starlark.Value) error {
	list, ok := v.(starlark.Indexable)
	if _, isString := v.(starlark.String); !ok || isString {
		return fmt.Errorf("got %s, want a list of instances and names", v.Type())
	}
	for i := range list.Len() {
		if h, ok := list.Index(i).(*handle); ok {
			*names = append(*names, h.name())
			continue
		}
		var n name
		if err := n.Unpack(list.Index(i)); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
		*names = append(*names, string(n))
	}
	return nil
}
