package console

import (
	"errors"
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// A handle stands for an instance in a session that acts at once: it asks the Master
// anew at each call.
type handle struct {
	s        *Session
	existing *slap.Instance // as it was read last; at first it has only its name
}

var _ starlark.HasAttrs = (*handle)(nil)

// handle returns the handle of an instance, which need not exist.
func (s *Session) handle(name string) *handle {
	return &handle{s, &slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name}}}
}

// InstanceName returns the name of the instance.
func (h *handle) InstanceName() string { return h.existing.Name }

func (h *handle) String() string        { return fmt.Sprintf("<instance %q>", h.InstanceName()) }
func (h *handle) Type() string          { return "instance" }
func (h *handle) Freeze()               {}
func (h *handle) Truth() starlark.Bool  { return true }
func (h *handle) Hash() (uint32, error) { return starlark.String(h.InstanceName()).Hash() }

// refresh reads the instance.
func (h *handle) refresh() error {
	found, err := h.s.live.Instance(h.s.ctx(), h.InstanceName())
	switch {
	case errors.Is(err, slap.ErrNotReady):
		return lang.Hint(&causedError{fmt.Sprintf("instance %q is not ready: the Master has not allocated it yet", h.InstanceName()), err}, "wait() waits for it")
	case errors.Is(err, slap.ErrNotFound):
		return &causedError{fmt.Sprintf("there is no instance %q on the Master", h.InstanceName()), err}
	case err != nil:
		return err
	}
	h.existing = &found
	return nil
}

// read reads the instance to show it: one that is not there has a state that says so.
func (h *handle) read() (instance, error) {
	name := h.InstanceName()
	state, err := h.s.live.Look(h.s.ctx(), name, false)
	if err != nil {
		return instance{}, err
	}
	found, ok := state.Instances[name]
	if !ok {
		var i instance
		i.Name, i.State = name, "not there"
		if state.NotReady[name] {
			i.State = "not ready yet"
		}
		return i, nil
	}
	h.existing = &found
	return newInstance(nil, h.existing), nil
}

type handleMethod = func(*handle, *starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error)

// handleMethods are those that a file does not have, or has otherwise.
var handleMethods = map[string]handleMethod{
	"wait":                       (*handle).wait,
	"getConnectionParameter":     (*handle).getPublished,
	"getConnectionParameterDict": (*handle).getAllPublished, // empty before there is anything, as in the SLAP library
}

// Attr implements [starlark.HasAttrs]. The methods that the session does not have are
// those of a file, and then those of the partition.
func (h *handle) Attr(name string) (starlark.Value, error) {
	method, ok := handleMethods[name]
	if !ok {
		if method = h.fileMethod(name); method == nil {
			method = placeMethod(name)
		}
	}
	if method == nil {
		return nil, nil
	}
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return method(h, thread, b, args, kwargs)
	}), nil
}

// AttrNames implements [starlark.HasAttrs].
func (h *handle) AttrNames() []string {
	names := append(h.s.e.Handle(*h.existing).AttrNames(), sortedKeys(handleMethods)...)
	names = append(names, sortedKeys(partitionMethods)...)
	slices.Sort(names)
	return slices.Compact(names)
}

// fileMethod is a method that a handle of a file has; nil: it has none of this name.
func (h *handle) fileMethod(name string) handleMethod {
	if !slices.Contains(h.s.e.Handle(*h.existing).AttrNames(), name) {
		return nil
	}
	return func(h *handle, thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if err := h.refresh(); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		method, err := h.s.e.Handle(*h.existing).Attr(name)
		if err != nil {
			return nil, err
		}
		return method.(*starlark.Builtin).CallInternal(thread, args, kwargs)
	}
}

// placeMethod is a method of the partition that the instance is in; nil: there is none
// of this name.
func placeMethod(name string) handleMethod {
	method := partitionMethods[name]
	if method == nil {
		return nil
	}
	return func(h *handle, thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		p, err := h.partition()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		return method(p, thread, b, args, kwargs)
	}
}

// partition is where the instance is.
func (h *handle) partition() (*partition, error) {
	if err := h.refresh(); err != nil {
		return nil, err
	}
	if h.existing.Partition == "" {
		return nil, lang.Hint(fmt.Errorf("instance %q is in no partition yet", h.InstanceName()), "wait() waits for it")
	}
	return &partition{s: h.s, computer: h.existing.Computer, partition: h.existing.Partition, instance: h.existing}, nil
}

// wait returns the handle when the instance has published what is waited for.
//
//	handle.wait(*keys, timeout=None)
func (h *handle) wait(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	i := &engine.Instance{Name: h.InstanceName(), Origin: lang.OriginOf(thread)}
	var limit starlark.Value
	if err := lang.UnpackArgs(b.Name(), nil, kwargs, "timeout??", &limit); err != nil {
		return nil, err
	}
	if err := starlib.SetTimeout(i, limit); err != nil {
		return nil, fmt.Errorf("%s: for parameter timeout: %w", b.Name(), err)
	}
	for n, v := range args {
		r, err := starlib.Awaited(v)
		if err != nil {
			return nil, fmt.Errorf("%s: argument %d: %w", b.Name(), n+1, err)
		}
		i.WaitFor = append(i.WaitFor, r)
	}
	found, err := h.s.live.Wait(h.s.ctx(), i)
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
	i := &engine.Instance{Name: h.InstanceName(), WaitFor: []engine.Reference{{Key: string(key)}}, Origin: lang.OriginOf(thread)}
	switch limit {
	case nil, starlark.False:
		if err := h.refresh(); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		if value, ok := h.existing.ConnectionParameters[string(key)]; ok {
			return starlark.String(value), nil
		}
		return nil, fmt.Errorf("%s: %w", b.Name(), unpublishedError(h.existing, string(key)))
	case starlark.True: // as long as the session chooses
	default:
		if err := starlib.SetTimeout(i, limit); err != nil {
			return nil, fmt.Errorf("%s: for parameter wait: %w", b.Name(), err)
		}
	}
	found, err := h.s.live.Wait(h.s.ctx(), i)
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
	if err := h.refresh(); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return h.s.textDict(h.existing.ConnectionParameters), nil
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
