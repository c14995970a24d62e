package starlib

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// liveHandle is the handle of an instance that asks the Master anew at each call.
func (e *evaluation) liveHandle(name string) *handle {
	return &handle{e: e, existing: &slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name}}}
}

// refresh reads the instance of a live handle.
func (h *handle) refresh(builtin string) error {
	found, err := h.e.live.Instance(h.e.Context(), h.name())
	switch {
	case errors.Is(err, slap.ErrNotReady):
		return lang.Hint(&causedError{fmt.Sprintf("%s: instance %q is not ready: the Master has not allocated it yet", builtin, h.name()), err}, "wait() waits for it")
	case errors.Is(err, slap.ErrNotFound):
		return &causedError{fmt.Sprintf("%s: there is no instance %q on the Master", builtin, h.name()), err}
	case err != nil:
		return fmt.Errorf("%s: %w", builtin, err)
	}
	h.existing = &found
	return nil
}

// liveAttr is a method of a handle that asks the Master anew at each call. What
// the instance itself does not answer, its partition does.
func (h *handle) liveAttr(name string) starlark.Value {
	var method handleMethod
	switch {
	case name == "wait":
		method = (*handle).wait
	case name == "getConnectionParameter":
		method = (*handle).getPublished
	case name == "getConnectionParameterDict": // empty before there is anything, as in the SLAP library
		method = (*handle).getAllPublished
	case handleMethods[name] != nil:
		method = func(h *handle, thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			if err := h.refresh(b.Name()); err != nil {
				return nil, err
			}
			return handleMethods[name](h, thread, b, args, kwargs)
		}
	case partitionMethods[name] != nil:
		method = func(h *handle, thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			p, err := h.partition(b.Name())
			if err != nil {
				return nil, err
			}
			return partitionMethods[name](p, thread, b, args, kwargs)
		}
	default:
		return nil
	}
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return method(h, thread, b, args, kwargs)
	})
}

// partition is where the instance is.
func (h *handle) partition(builtin string) (*partition, error) {
	if err := h.refresh(builtin); err != nil {
		return nil, err
	}
	if h.existing.Partition == "" {
		return nil, lang.Hint(fmt.Errorf("%s: instance %q is in no partition yet", builtin, h.name()), "wait() waits for it")
	}
	return &partition{e: h.e, computer: h.existing.Computer, partition: h.existing.Partition, instance: h.existing}, nil
}

// wait returns the handle when the instance has published what is waited for.
//
//	handle.wait(*keys, timeout=None)
func (h *handle) wait(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	i := &engine.Instance{Name: h.name(), Origin: lang.OriginOf(thread)}
	var limit starlark.Value
	if err := lang.UnpackArgs(b.Name(), nil, kwargs, "timeout??", &limit); err != nil {
		return nil, err
	}
	if err := setTimeout(i, limit); err != nil {
		return nil, fmt.Errorf("%s: for parameter timeout: %w", b.Name(), err)
	}
	for n, v := range args {
		var key lang.Name
		if err := key.Unpack(v); err != nil {
			return nil, fmt.Errorf("%s: argument %d: %w", b.Name(), n+1, err)
		}
		i.WaitFor = append(i.WaitFor, string(key))
	}
	found, err := h.e.live.Wait(h.e.Context(), i)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	h.existing = &found
	return h, nil
}

// getPublished returns what the instance has published under a key, and waits for
// it if it is told to.
//
//	handle.getConnectionParameter(key, wait=None)
func (h *handle) getPublished(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var key lang.Name
	var limit starlark.Value
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "key", &key, "wait??", &limit); err != nil {
		return nil, err
	}
	i := &engine.Instance{Name: h.name(), WaitFor: []string{string(key)}, Origin: lang.OriginOf(thread)}
	switch limit {
	case nil, starlark.False:
		if err := h.refresh(b.Name()); err != nil {
			return nil, err
		}
		if value, ok := h.existing.ConnectionParameters[string(key)]; ok {
			return starlark.String(value), nil
		}
		return nil, fmt.Errorf("%s: %w", b.Name(), unpublishedError(h.existing, string(key)))
	case starlark.True: // as long as the session chooses
	default:
		if err := setTimeout(i, limit); err != nil {
			return nil, fmt.Errorf("%s: for parameter wait: %w", b.Name(), err)
		}
	}
	found, err := h.e.live.Wait(h.e.Context(), i)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	h.existing = &found
	return starlark.String(found.ConnectionParameters[string(key)]), nil
}

func (h *handle) getAllPublished(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	if err := h.refresh(b.Name()); err != nil {
		return nil, err
	}
	return h.e.textDict(h.existing.ConnectionParameters), nil
}

func unpublishedError(i *slap.Instance, key string) error {
	keys := i.ConnectionParameters.Keys()
	hint := fmt.Sprintf("getConnectionParameter(%q, wait=\"5m\") waits for it", key)
	if guess := lang.DidYouMean(key, keys); guess != "" {
		hint = guess
	}
	if len(keys) == 0 {
		return lang.Hint(fmt.Errorf("instance %q has published nothing yet", i.Name), hint)
	}
	return lang.Hint(fmt.Errorf("instance %q has published no %q, only %s", i.Name, key, quoted(keys)), hint)
}

// A causedError says in its own words what its cause means.
type causedError struct {
	text  string
	cause error
}

func (e *causedError) Error() string { return e.text }
func (e *causedError) Unwrap() error { return e.cause }
