package starlib

import (
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
)

// A handle stands for a declared instance.
type handle struct {
	e        *evaluation
	instance *engine.Instance
}

var _ starlark.HasAttrs = (*handle)(nil)

func (h *handle) String() string        { return fmt.Sprintf("<instance %q>", h.instance.Name) }
func (h *handle) Type() string          { return "instance" }
func (h *handle) Freeze()               {}
func (h *handle) Truth() starlark.Bool  { return true }
func (h *handle) Hash() (uint32, error) { return starlark.String(h.instance.Name).Hash() }

// handleMethods are the methods of a handle, with the names of the SLAP library.
var handleMethods = map[string]func(*handle, *starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error){
	"getConnectionParameter": (*handle).getConnectionParameter,
}

// Attr implements [starlark.HasAttrs].
func (h *handle) Attr(name string) (starlark.Value, error) {
	method, ok := handleMethods[name]
	if !ok {
		return nil, nil
	}
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return method(h, thread, b, args, kwargs)
	}), nil
}

// AttrNames implements [starlark.HasAttrs].
func (h *handle) AttrNames() []string { return []string{"getConnectionParameter"} }

// getConnectionParameter returns what the instance has published under a key,
// or a value that is not known yet.
//
//	handle.getConnectionParameter(key)
func (h *handle) getConnectionParameter(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var key name
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "key", &key); err != nil {
		return nil, err
	}
	// What an instance published that is to be destroyed will not be there: it is
	// as little known as what was never published, and the plan refuses the use.
	if value, ok := h.e.inputs.Connection(h.instance.Name, string(key)); ok && h.instance.State != slap.Destroyed {
		return starlark.String(value), nil
	}
	return &unknown{h.e, engine.Refer(engine.Reference{
		Instance: h.instance.Name,
		Key:      string(key),
		Position: origin(thread).Position(),
	})}, nil
}
