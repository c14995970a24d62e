package starlib

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// output returns a value that the instance has published in its JSON document, or a value
// that is not known yet. Without a path it is the whole document. An instance that
// publishes each value as its own text has no document: there the first key is that of a
// connection parameter.
//
//	handle.output(*path)
func (h *handle) output(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if len(kwargs) > 0 {
		return nil, fmt.Errorf("%s: got the keyword argument %s, want keys and indexes", b.Name(), kwargs[0][0])
	}
	var steps []any
	for n, v := range args {
		var step lang.PathStep
		if err := step.Unpack(v); err != nil {
			return nil, fmt.Errorf("%s: argument %d: %w", b.Name(), n+1, err)
		}
		steps = append(steps, step.Step)
	}
	if err := h.e.look(h.name()); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	at := engine.Reference{Instance: h.name(), Path: engine.NewPath(steps...), JSON: true, Position: lang.OriginOf(thread).Position()}
	v, err := h.find(at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return v, nil
}

// find returns what the instance has published at a path, or a value to come.
func (h *handle) find(at engine.Reference) (starlark.Value, error) {
	o, known, err := h.lookup().Find(at)
	switch {
	case err != nil:
		return nil, err
	case known:
		return h.published(o, at)
	case h.atOnce():
		return nil, unpublished(at, h.existing)
	}
	return h.e.Later(at), nil
}

// published is a value of a document as the files get it.
func (h *handle) published(o engine.Output, at engine.Reference) (starlark.Value, error) {
	if known := o.Published(at); known.LooksCredential() {
		h.e.give(known)
	}
	plain := h.e.hooks != nil && h.e.hooks.Plain()
	if h.e.hooks != nil {
		for _, value := range o.CredentialValues() { // a key on the path may say that it is one
			h.e.hooks.Published(slap.Parameters{"password": value})
		}
	}
	if !plain {
		o = o.Holding(h.e.inputs.Mask.Holds)
		for _, value := range o.CredentialValues() {
			h.e.inputs.Mask.AddCredential(value)
		}
	}
	v, err := h.e.DecodeOutput(o, at, plain)
	held, isObject := v.(*starlark.Dict)
	if !isObject || err != nil {
		return v, err
	}
	return lang.NewDocument(held, func(key string) (starlark.Value, error) {
		below := at
		below.Path = at.Path.Join(key)
		if next, there := o.Member(key); there {
			return h.published(next, below)
		}
		return h.find(below)
	}), nil
}

// atOnce reports whether the session acts at once: then nothing is to come.
func (h *handle) atOnce() bool { return h.e.hooks != nil && h.e.inputs.Lookup == nil }

// lookup tells what the Master has of the instance. What an instance published that is to
// be destroyed will not be there: it is as little known as what was never published, and
// the plan refuses the use.
func (h *handle) lookup() engine.Lookup {
	switch {
	case h.declared().State == slap.Destroyed:
		return func(engine.Reference) (string, bool) { return "", false }
	case h.atOnce() && h.existing != nil:
		s := engine.NewState()
		s.Instances[h.name()] = *h.existing
		return s.Find
	}
	return h.e.inputs.lookup
}

// unpublished is the error of a value that is not there, where nothing is waited for.
func unpublished(at engine.Reference, i *slap.Instance) error {
	if len(i.ConnectionParameters) == 0 {
		return fmt.Errorf("instance %q has published nothing yet", i.Name)
	}
	return fmt.Errorf("%v is not published yet", at)
}

// identity is a method without arguments that returns what a Master gives an instance once
// it has it: before, it is a value to come.
func identity(kind engine.Kind) handleMethod {
	return func(h *handle, thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
			return nil, err
		}
		if err := h.e.look(h.name()); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		t, err := h.identity(engine.Reference{Instance: h.name(), Kind: kind, Position: lang.OriginOf(thread).Position()})
		if err != nil {
			return nil, fmt.Errorf("%s of instance %q %w", b.Name(), h.name(), err)
		}
		return h.e.Value(t), nil
	}
}

// identity is what a Master gives the instance; the error goes on after its name.
func (h *handle) identity(r engine.Reference) (engine.Text, error) {
	o, known, err := h.lookup().Find(r)
	switch {
	case errors.Is(err, engine.ErrNotTold):
		return nil, errors.New("is not known: the Master does not tell it")
	case known:
		value, _ := o.Plain()
		return engine.Literal(value).WithSource(r), nil
	case h.atOnce():
		return nil, errors.New("is not known before the instance is there")
	}
	return engine.Refer(r), nil
}

// awaited is what wait_for takes: names of connection parameters, and paths into the
// document of an instance, as tuples or lists. A path that begins with "_" leads into the
// document alone.
type awaited []engine.Reference

// Unpack implements [starlark.Unpacker].
func (a *awaited) Unpack(v starlark.Value) error {
	list, ok := v.(starlark.Indexable)
	if _, isString := v.(starlark.String); !ok || isString {
		return fmt.Errorf("got %s, want a list", v.Type())
	}
	for i := range list.Len() {
		r, err := Awaited(list.Index(i))
		if err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
		*a = append(*a, r)
	}
	return nil
}

// Awaited reads what is waited for: the name of a connection parameter, or a path.
func Awaited(v starlark.Value) (engine.Reference, error) {
	switch v := v.(type) {
	case *starlark.List:
		return awaitedPath(v)
	case starlark.Tuple:
		return awaitedPath(v)
	}
	var key lang.Name
	err := key.Unpack(v)
	return engine.Reference{Key: string(key)}, err
}

func awaitedPath(v starlark.Indexable) (engine.Reference, error) {
	var steps []any
	for i := range v.Len() {
		var step lang.PathStep
		if err := step.Unpack(v.Index(i)); err != nil {
			return engine.Reference{}, fmt.Errorf("step %d: %w", i, err)
		}
		steps = append(steps, step.Step)
	}
	switch {
	case len(steps) == 0:
		return engine.Reference{}, errors.New("got an empty path")
	case steps[0] == engine.DocumentKey && len(steps) == 1:
		return engine.Reference{Key: engine.DocumentKey}, nil
	case steps[0] == engine.DocumentKey:
		return engine.Reference{Key: engine.DocumentKey, Path: engine.NewPath(steps[1:]...)}, nil
	}
	return engine.Reference{Path: engine.NewPath(steps...)}, nil
}
