package lang

import (
	"fmt"
	"strings"

	"go.starlark.net/lib/json"
	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/internal/function"
)

// Later returns a value to come of which the type is not known either: a value in the JSON
// document that an instance publishes. A subscript leads on into it, and what needs text
// takes it for text.
func (e *Evaluation) Later(r engine.Reference) *Text {
	r.JSON = true
	return &Text{e: e, text: engine.Refer(r), form: anOutput}
}

// asString is what a text of unknown type is where text alone will do.
func (t *Text) asString() *Text {
	r, ok := t.output()
	if !ok {
		return t
	}
	r.JSON = false
	return &Text{e: t.e, text: engine.Refer(r)}
}

// output is what a text of unknown type stands for.
func (t *Text) output() (engine.Reference, bool) {
	if t.form != anOutput || t.number != nil {
		return engine.Reference{}, false
	}
	return *t.text[0].Reference, true
}

// ofOutput is a function of a value of unknown type, which it gets as JSON.
func (t *Text) ofOutput(use, name string, as form) (*Text, error) {
	v, err := t.carry(use, function.Function{Name: name, Args: []string{function.OfJSON}}, as)
	if err != nil {
		return nil, err
	}
	return t.e.asText(v), nil
}

// subscript leads on into a document that is not known yet.
func (t *Text) subscript(r engine.Reference, index starlark.Value) (*Text, error) {
	var step any
	switch index := index.(type) {
	case starlark.String:
		step = string(index)
	case *Text:
		return nil, index.Refuse("indexing")
	default:
		n, err := starlark.AsInt32(index)
		if err != nil {
			return nil, fmt.Errorf("indexing: %w", err)
		}
		step = n
	}
	if len(r.Path) > maxPath {
		return nil, fmt.Errorf("indexing: the path is longer than %d bytes", maxPath)
	}
	r.Path = r.Path.Join(step)
	return t.e.Later(r), nil
}

// maxPath is how long a path into a document may be, as JSON.
const maxPath = 10_000

// get is .get of a document that is not known yet. What is not there may come: a default
// would be a guess.
//
//	value.get(key)
func (t *Text) get(r engine.Reference, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var key, otherwise starlark.Value
	if err := starlark.UnpackPositionalArgs("get", args, kwargs, 1, &key, &otherwise); err != nil {
		return nil, err
	}
	if otherwise != nil {
		return nil, t.Refuse(".get with a default")
	}
	return t.subscript(r, key)
}

// decodeLater is json.decode of one connection parameter that is not known yet.
func decodeLater(t *Text) (*Text, bool) {
	if len(t.text) != 1 || t.text[0].Reference == nil || t.form != aString {
		return nil, false
	}
	r := *t.text[0].Reference
	if r.Kind != "" || r.Path != "" {
		return nil, false
	}
	r.Path = engine.Whole
	return t.e.Later(r), true
}

// DecodeOutput returns a value that an instance has published in JSON, and that was asked
// for with a reference. What looks like a credential in it is hidden, unless plain is set.
func (e *Evaluation) DecodeOutput(o engine.Output, at engine.Reference, plain bool) (starlark.Value, error) {
	document := o.JSON()
	if err := measureJSON(document).check("output", 0); err != nil {
		return nil, err
	}
	v, err := starlark.Call(&starlark.Thread{}, json.Module.Members["decode"], starlark.Tuple{starlark.String(document)}, nil)
	if err != nil {
		return nil, err
	}
	return leaves{e: e, at: &at, plain: plain}.of(v, o.Document(), nil), nil
}

// A Document is a JSON object that an instance has published. What is not in it may come.
// It cannot be changed; dict() makes a dictionary of it.
type Document struct {
	held   *starlark.Dict
	member func(key string) (starlark.Value, error)
}

// NewDocument returns the document of a dictionary, which nobody changes any more. member
// returns what stands under a key.
func NewDocument(held *starlark.Dict, member func(key string) (starlark.Value, error)) *Document {
	held.Freeze()
	return &Document{held, member}
}

var (
	_ starlark.IterableMapping = (*Document)(nil)
	_ starlark.Sequence        = (*Document)(nil)
	_ starlark.HasAttrs        = (*Document)(nil)
)

func (d *Document) String() string             { return d.held.String() }
func (d *Document) Type() string               { return "output" }
func (d *Document) Freeze()                    {}
func (d *Document) Truth() starlark.Bool       { return d.held.Truth() }
func (d *Document) Hash() (uint32, error)      { return d.held.Hash() }
func (d *Document) Len() int                   { return d.held.Len() }
func (d *Document) Items() []starlark.Tuple    { return d.held.Items() }
func (d *Document) Iterate() starlark.Iterator { return d.held.Iterate() }

// Get implements the index expression.
func (d *Document) Get(key starlark.Value) (starlark.Value, bool, error) {
	name, ok := key.(starlark.String)
	if !ok {
		if t, isText := key.(*Text); isText {
			return nil, false, t.Refuse("indexing")
		}
		return nil, false, fmt.Errorf("output: got %s for a key, want string", key.Type())
	}
	v, err := d.member(string(name))
	return v, err == nil, err
}

// documentMethods are those of a dictionary that change nothing.
var documentMethods = []string{"get", "items", "keys", "values"}

// AttrNames implements [starlark.HasAttrs].
func (d *Document) AttrNames() []string { return documentMethods }

// Attr implements [starlark.HasAttrs]. get without a default gives what may come.
func (d *Document) Attr(name string) (starlark.Value, error) {
	switch name {
	case "items", "keys", "values":
		return d.held.Attr(name)
	case "get":
		return starlark.NewBuiltin(name, d.get), nil
	}
	return nil, nil
}

func (d *Document) get(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var key, otherwise starlark.Value
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 1, &key, &otherwise); err != nil {
		return nil, err
	}
	if _, found, err := d.held.Get(key); err == nil && !found && otherwise != nil {
		return otherwise, nil
	}
	v, _, err := d.Get(key)
	return v, err
}

// undocumented is the dictionary of a document; any other value is itself.
func undocumented(v starlark.Value) starlark.Value {
	if d, ok := v.(*Document); ok {
		return d.held
	}
	return v
}

// A PathStep is a step into a document: a key, or an index.
type PathStep struct{ Step any }

// Unpack implements [starlark.Unpacker].
func (s *PathStep) Unpack(v starlark.Value) error {
	switch v := Number(v).(type) {
	case starlark.String:
		if strings.ToValidUTF8(string(v), "") != string(v) {
			return fmt.Errorf("got %s, want text", v)
		}
		s.Step = string(v)
		return nil
	case starlark.Int:
		n, err := starlark.AsInt32(v)
		s.Step = n
		return err
	case *Text:
		return v.Refuse("this argument")
	}
	return fmt.Errorf("got %s, want a key or an index", v.Type())
}
