package starlib

import (
	"fmt"

	"github.com/agext/levenshtein"
	"go.starlark.net/starlark"

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
	case *unknown:
		return v.refuse("this argument")
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
	if u, ok := v.(*unknown); ok {
		return "", u.refuse("this argument")
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

// Unpack implements [starlark.Unpacker].
func (p *parameters) Unpack(v starlark.Value) error {
	if v == starlark.None {
		return nil
	}
	dict, ok := v.(starlark.IterableMapping)
	if _, isUnknown := v.(*unknown); !ok || isUnknown {
		return fmt.Errorf("got %s, want dict", v.Type())
	}
	*p = parameters{}
	for _, item := range dict.Items() {
		key, ok := item[0].(starlark.String)
		if !ok {
			return fmt.Errorf("got key %s of type %s, want string", item[0], item[0].Type())
		}
		if key == "" {
			return fmt.Errorf("got an empty key")
		}
		text, err := parameterText(item[1])
		if err == nil {
			err = marshal.CheckText(string(key))
		}
		if err != nil {
			return fmt.Errorf("key %q: %w", string(key), err)
		}
		(*p)[string(key)] = text
	}
	return nil
}

func parameterText(v starlark.Value) (engine.Text, error) {
	switch v := v.(type) {
	case *unknown:
		return v.text, nil
	case starlark.String:
		return engine.Literal(string(v)), marshal.CheckText(string(v))
	case starlark.NoneType:
		return engine.Literal(slap.Text(nil)), nil
	case starlark.Bool:
		return engine.Literal(slap.Text(bool(v))), nil
	case starlark.Int:
		return engine.Literal(v.String()), nil
	case starlark.Float:
		return engine.Literal(slap.Text(float64(v))), nil
	case *starlark.List, starlark.Tuple, *starlark.Dict, *starlark.Set:
		return nil, fmt.Errorf("got %s, want text or a number: parameter XML carries no nested values. "+
			"For a release whose schema says json-in-xml, pass {\"_\": json.encode({…})}", v.Type())
	}
	return nil, fmt.Errorf("got %s, want text or a number", v.Type())
}

// An sla is the filter of a request: known text under text.
type sla map[string]string

// Unpack implements [starlark.Unpacker].
func (s *sla) Unpack(v starlark.Value) error {
	var p parameters
	if err := p.Unpack(v); err != nil || p == nil {
		return err
	}
	*s = sla{}
	for _, item := range v.(starlark.IterableMapping).Items() {
		if item[1] == starlark.None {
			return fmt.Errorf("key %s: got None, want text", item[0])
		}
	}
	for key, text := range p {
		value, known := text.Known()
		if !known {
			return fmt.Errorf("key %q: %w", key, (&unknown{text: text}).refuse("this argument"))
		}
		(*s)[key] = value
	}
	return nil
}
