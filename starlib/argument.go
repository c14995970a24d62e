package starlib

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/marshal"
	"slapstar/starlib/lang"
)

// The types in this file check arguments where they are unpacked.

// An InstanceState is the wanted state of an instance; None is started.
type InstanceState string

// Unpack implements [starlark.Unpacker].
func (s *InstanceState) Unpack(v starlark.Value) error {
	if v == starlark.None {
		return nil
	}
	state, err := oneOf(v, slap.Started, slap.Stopped, slap.Destroyed)
	*s = InstanceState(state)
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
	if t, ok := v.(*lang.Text); ok {
		return "", t.Refuse("this argument")
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
	return "", lang.Suggest(fmt.Errorf("got %q, want %s", string(s), want), guess, wanted)
}

// otherWords are what people call a state elsewhere.
var otherWords = map[string]string{
	"running": slap.Started, "runing": slap.Started, "start": slap.Started, "up": slap.Started,
	"stop": slap.Stopped, "down": slap.Stopped,
	"destroy": slap.Destroyed, "absent": slap.Destroyed, "deleted": slap.Destroyed, "removed": slap.Destroyed,
	"present": slap.Available, "installed": slap.Available,
}

// A nestedError says that parameter XML cannot carry a value.
type nestedError struct {
	key  string
	kind string
}

func (e *nestedError) Error() string {
	return fmt.Sprintf("key %q: got %s, want text or a number: parameter XML carries no nested values", e.key, e.kind)
}

// PlainParameters reads instance parameters that travel each as its own text: text
// under text, in which values may be unknown. Numbers, booleans and None become the
// text that a Master stores. Nothing and None are nil. The texts do not say where known
// values come from.
func PlainParameters(v starlark.Value) (map[string]engine.Text, error) {
	return plainParameters(v, func(s starlark.String) engine.Text { return engine.Literal(string(s)) })
}

func plainParameters(v starlark.Value, textOf func(starlark.String) engine.Text) (map[string]engine.Text, error) {
	if v == nil || v == starlark.None {
		return nil, nil
	}
	items, err := mappingItems(v)
	if err != nil {
		return nil, err
	}
	p := map[string]engine.Text{}
	for _, item := range items {
		key, err := parameterKey(item[0])
		if err != nil {
			return nil, err
		}
		if p[key], err = parameterText(key, item[1], textOf); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// typedValues returns those of plain parameters that are no text, as they would be in
// JSON: a schema knows more types than a Master.
func typedValues(v starlark.Value) map[string]any {
	m, ok := v.(starlark.IterableMapping)
	if !ok {
		return nil
	}
	typed := map[string]any{}
	for _, item := range m.Items() {
		key, _ := starlark.AsString(item[0])
		switch value := item[1].(type) {
		case starlark.NoneType:
			typed[key] = nil
		case starlark.Bool:
			typed[key] = bool(value)
		case starlark.Int:
			typed[key] = json.Number(value.String())
		case starlark.Float:
			if text := slap.Text(float64(value)); !math.IsInf(float64(value), 0) && !math.IsNaN(float64(value)) {
				typed[key] = json.Number(text)
			}
		}
	}
	return typed
}

// mappingItems returns the items of a dictionary, or of what is like one.
func mappingItems(v starlark.Value) ([]starlark.Tuple, error) {
	switch v := v.(type) {
	case *lang.Mistake:
		return nil, lang.ErrMistake
	case *lang.Text:
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
	err := marshal.CheckText(string(key))
	if err == nil {
		err = lang.CheckShown(string(key))
	}
	return string(key), atKey(string(key), err)
}

// atKey is an error of what stands under a key; nil stays nil.
func atKey(key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("key %q: %w", key, err)
}

func parameterText(key string, v starlark.Value, textOf func(starlark.String) engine.Text) (engine.Text, error) {
	switch v := v.(type) {
	case starlark.String:
		t := textOf(v)
		return t, atKey(key, checkText(t))
	case *lang.Text:
		t, err := v.Parameter()
		if err == nil {
			err = checkText(t)
		}
		return t, atKey(key, err)
	case *lang.Mistake:
		return nil, lang.ErrMistake
	case starlark.NoneType:
		return engine.Literal(slap.Text(nil)), nil
	case starlark.Bool:
		return engine.Literal(slap.Text(bool(v))), nil
	case starlark.Int:
		return engine.Literal(v.String()), nil
	case starlark.Float:
		return engine.Literal(slap.Text(float64(v))), nil
	case *starlark.List, starlark.Tuple, *starlark.Dict, *starlark.Set, *starlarkstruct.Struct, *lang.Document:
		return nil, &nestedError{key, v.Type()}
	}
	return nil, fmt.Errorf("key %q: got %s, want text or a number", key, v.Type())
}

// An SLA is the filter of a request: text under text. Its node and its project have to be
// known, as other declarations name them.
type SLA struct {
	Known   map[string]string
	Later   map[string]engine.Text // what is not known yet
	Sources map[string]engine.Text // of what is known what says where it comes from

	textOf func(starlark.String) engine.Text // nil: nothing says that
}

// Unpack implements [starlark.Unpacker].
func (s *SLA) Unpack(v starlark.Value) error {
	if s.textOf == nil {
		s.textOf = func(s starlark.String) engine.Text { return engine.Literal(string(s)) }
	}
	p, err := plainParameters(v, s.textOf)
	if err != nil || p == nil {
		return err
	}
	*s = SLA{Known: map[string]string{}, textOf: s.textOf}
	for _, item := range v.(starlark.IterableMapping).Items() {
		if item[1] == starlark.None {
			return fmt.Errorf("key %s: got None, want text", item[0])
		}
	}
	for key, t := range p {
		if !slap.IsSLAKey(key) {
			if hint := lang.DidYouMean(key, slap.SLAKeys()); hint != "" {
				return lang.Hint(fmt.Errorf("key %q is none that a Master knows", key), hint)
			}
		}
		_, known := t.Known()
		fixed := slices.Contains([]string{slap.SLAComputer, slap.SLAProject, slap.SLAMaster}, key)
		switch isLater := !known && len(t.References()) > 0; {
		case !known && (fixed || !isLater) || t.Hidden():
			return fmt.Errorf("key %q: %w", key, lang.Refuse(t, "this argument"))
		default:
			s.put(key, t)
		}
	}
	return nil
}

func (s *SLA) put(key string, t engine.Text) {
	if value, known := t.Known(); known {
		if s.Known == nil {
			s.Known = map[string]string{}
		}
		s.Known[key] = value
		if t.HasSources() {
			if s.Sources == nil {
				s.Sources = map[string]engine.Text{}
			}
			s.Sources[key] = t
		}
		return
	}
	if s.Later == nil {
		s.Later = map[string]engine.Text{}
	}
	s.Later[key] = t
}

// has reports whether there is a key.
func (s *SLA) has(key string) bool {
	_, known := s.Known[key]
	return known || s.Later[key] != nil
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
		if h, ok := list.Index(i).(interface{ InstanceName() string }); ok {
			*names = append(*names, h.InstanceName())
			continue
		}
		var n lang.Name
		if err := n.Unpack(list.Index(i)); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
		*names = append(*names, string(n))
	}
	return nil
}

// SetTimeout reads a number of seconds, or text such as "10m".
func SetTimeout(i *engine.Instance, v starlark.Value) (err error) {
	switch v := lang.Number(v).(type) {
	case nil, starlark.NoneType:
	case starlark.Int, starlark.Float:
		seconds, _ := starlark.AsFloat(v)
		if !(seconds > 0) {
			return fmt.Errorf("got %s, want a number of seconds above 0", v)
		}
		i.Timeout = engine.Timeout(seconds)
	case starlark.String:
		i.Timeout, err = engine.ParseTimeout(string(v))
	default:
		return fmt.Errorf("got %s, want a number of seconds or text such as \"10m\"", v.Type())
	}
	return err
}

// isGiven reports whether an argument was passed, by its position, which counts
// from 1, or by its name.
func isGiven(name string, position int, args starlark.Tuple, kwargs []starlark.Tuple) bool {
	return len(args) >= position || slices.ContainsFunc(kwargs, func(pair starlark.Tuple) bool { return pair[0] == starlark.String(name) })
}
