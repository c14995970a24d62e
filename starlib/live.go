package starlib

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
)

// A Live carries out at once what the calls of a session ask for.
type Live interface {
	Operations
	Looker

	// Declare makes the Master have a resource. It asks before it changes or
	// destroys what exists. What was read already may be nil.
	Declare(ctx context.Context, r engine.Resource, read *engine.State) error

	// Confirm asks before something else is changed. Its error says that it was
	// not allowed.
	Confirm(ctx context.Context, at engine.Position, change string) error

	// Wait returns when an instance has published the keys of WaitFor; with none
	// of them, when it has published anything or its node reports it as started.
	// A Timeout of 0 is for the Live to choose.
	Wait(ctx context.Context, i *engine.Instance) (slap.Instance, error)
}

// A Looker reads what the Master has under the name of an instance: present, not
// ready, or absent.
type Looker interface {
	Look(ctx context.Context, name string, shared bool) (*engine.State, error)
}

// Operations are what a session asks of a Master besides, as [slap.Client] has
// them.
type Operations interface {
	Instance(ctx context.Context, name string) (slap.Instance, error)
	Instances(ctx context.Context) (*slap.InstanceList, error)
	Computers(ctx context.Context) ([]slap.Computer, error)
	SoftwareInstallations(ctx context.Context, computer string) ([]slap.SoftwareInstallation, error)

	Node(ctx context.Context, computer string) (*slap.Node, error)
	NodeStatus(ctx context.Context, computer string) (slap.Status, error)
	BangNode(ctx context.Context, computer, message string) error
	ReportUsage(ctx context.Context, computer, tioxml string) error
	FormatNode(ctx context.Context, f slap.NodeFormat) error
	MakeNodeCertificate(ctx context.Context, computer string) (slap.Certificate, error)
	RevokeNodeCertificate(ctx context.Context, computer string) error
	CreateNode(ctx context.Context, title, project string) (string, error)
	ComputerToken(ctx context.Context) (string, error)

	ReportSoftware(ctx context.Context, computer, release, state string) error
	ReportSoftwareError(ctx context.Context, computer, release, message string) error

	Partition(ctx context.Context, computer, partition string) (*slap.Partition, error)
	PartitionStatus(ctx context.Context, computer, partition string) (slap.Status, error)
	PartitionCertificate(ctx context.Context, computer, partition string) (slap.Certificate, error)
	TreeAddresses(ctx context.Context, computer, partition string) ([]slap.Address, error)
	RelateInstances(ctx context.Context, computer, partition string, names []string) error
	RequestChild(ctx context.Context, computer, partition string, r slap.InstanceRequest) (slap.Instance, error)
	Publish(ctx context.Context, computer, partition, sharedReference string, p slap.Parameters) error
	ReportInstance(ctx context.Context, computer, partition, state string) error
	ReportInstanceError(ctx context.Context, computer, partition, sharedReference, message string) error
	Bang(ctx context.Context, computer, partition, message string) error
	Rename(ctx context.Context, computer, partition, name string) error
	RenameShared(ctx context.Context, guid, name string) error
}

// keep fills in what a request in a session leaves out, from what there is of
// that name: declared by an entry before, or on the Master. Scripts use request
// to look an instance up, and what they do not say must not reset anything. The
// result is the parameters that there are; nil when there is no such instance.
func (e *evaluation) keep(i *engine.Instance, sharedToo bool) (map[string]engine.Text, error) {
	if e.session == nil {
		return nil, nil
	}
	there, err := e.present(i)
	if err != nil || there == nil {
		return nil, err
	}
	if i.SoftwareType == "" {
		i.SoftwareType = there.SoftwareType
	}
	if i.State == "" {
		i.State = there.State
	}
	if i.SLA == nil {
		i.SLA = there.SLA
	}
	if sharedToo {
		i.Shared = there.Shared
	}
	return there.Parameters, nil
}

// present is what there is under the name of an instance, nil if there is nothing
// or it cannot be read.
func (e *evaluation) present(i *engine.Instance) (*engine.Instance, error) {
	if twin, ok := e.declared[i.Address()]; ok {
		return twin.resource.(*engine.Instance), nil
	}
	var found slap.Instance
	var ok bool
	if e.live == nil {
		if err := e.look(i.Name); err != nil {
			return nil, err
		}
		found, ok = e.inputs.instance(i.Name)
	} else {
		state, err := e.live.Look(e.ctx, i.Name, i.Shared)
		if err != nil {
			return nil, err
		}
		e.session.read = state
		found, ok = state.Instances[i.Name]
	}
	if !ok {
		return nil, nil
	}
	there := &engine.Instance{SoftwareType: found.SoftwareType, State: found.State, Shared: found.Shared, SLA: found.SLA, Parameters: map[string]engine.Text{}}
	for key, value := range found.Parameters {
		there.Parameters[key] = engine.Literal(value)
	}
	return there, nil
}

// requestNow asks the Master for an instance and returns its handle.
func (e *evaluation) requestNow(builtin string, i *engine.Instance) (starlark.Value, error) {
	if err := e.live.Declare(e.ctx, i, e.session.read); err != nil {
		return nil, fmt.Errorf("%s: %w", builtin, err)
	}
	return e.liveHandle(i.Name), nil
}

func (e *evaluation) liveHandle(name string) *handle {
	return &handle{e: e, existing: &slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name}}}
}

// refresh reads the instance of a live handle.
func (h *handle) refresh(builtin string) error {
	found, err := h.e.live.Instance(h.e.ctx, h.name())
	switch {
	case errors.Is(err, slap.ErrNotReady):
		return &causedError{fmt.Sprintf("%s: instance %q is not ready: the Master has not allocated it yet (wait() waits for it)", builtin, h.name()), err}
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
		return nil, fmt.Errorf("%s: instance %q is in no partition yet (wait() waits for it)", builtin, h.name())
	}
	return &partition{e: h.e, computer: h.existing.Computer, partition: h.existing.Partition, instance: h.existing}, nil
}

// wait returns the handle when the instance has published what is waited for.
//
//	handle.wait(*keys, timeout=None)
func (h *handle) wait(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	i := &engine.Instance{Name: h.name(), Origin: origin(thread)}
	var limit starlark.Value
	if err := starlark.UnpackArgs(b.Name(), nil, kwargs, "timeout??", &limit); err != nil {
		return nil, err
	}
	if err := setTimeout(i, limit); err != nil {
		return nil, fmt.Errorf("%s: for parameter timeout: %w", b.Name(), err)
	}
	for n, v := range args {
		var key name
		if err := key.Unpack(v); err != nil {
			return nil, fmt.Errorf("%s: argument %d: %w", b.Name(), n+1, err)
		}
		i.WaitFor = append(i.WaitFor, string(key))
	}
	found, err := h.e.live.Wait(h.e.ctx, i)
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
	var key name
	var limit starlark.Value
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "key", &key, "wait??", &limit); err != nil {
		return nil, err
	}
	i := &engine.Instance{Name: h.name(), WaitFor: []string{string(key)}, Origin: origin(thread)}
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
	found, err := h.e.live.Wait(h.e.ctx, i)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	h.existing = &found
	return starlark.String(found.ConnectionParameters[string(key)]), nil
}

func (h *handle) getAllPublished(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if err := starlark.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	if err := h.refresh(b.Name()); err != nil {
		return nil, err
	}
	return textDict(h.existing.ConnectionParameters), nil
}

func unpublishedError(i *slap.Instance, key string) error {
	keys := i.ConnectionParameters.Keys()
	hint := fmt.Sprintf("getConnectionParameter(%q, wait=\"5m\") waits for it", key)
	if guess := didYouMean(key, keys); guess != "" {
		hint = guess
	}
	if len(keys) == 0 {
		return fmt.Errorf("instance %q has published nothing yet (%s)", i.Name, hint)
	}
	return fmt.Errorf("instance %q has published no %q, only %s (%s)", i.Name, key, quoted(keys), hint)
}

func (e *evaluation) supplyNow(builtin string, s *engine.Software) error {
	if err := e.live.Declare(e.ctx, s, nil); err != nil {
		return fmt.Errorf("%s: %w", builtin, err)
	}
	return nil
}

// informationNow returns the handle of an instance that the Master has.
func (e *evaluation) informationNow(builtin, name string) (starlark.Value, error) {
	h := e.liveHandle(name)
	err := h.refresh(builtin)
	if errors.Is(err, slap.ErrNotFound) {
		var names []string
		if e.session.options.Suggest != nil {
			names = e.session.options.Suggest(Instances)
		}
		if hint := didYouMean(name, names); hint != "" {
			err = fmt.Errorf("%s: there is no instance %q on the Master (%s)", builtin, name, hint)
		}
	}
	if err != nil && !errors.Is(err, slap.ErrNotReady) {
		return nil, err
	}
	return h, nil
}

// instanceDict lists the instances of a Master, by name.
func (e *evaluation) instanceDict() (starlark.Value, error) {
	list, err := e.live.Instances(e.ctx)
	if err != nil {
		return nil, err
	}
	names := slices.AppendSeq(slices.Collect(maps.Keys(list.Instances)), maps.Keys(list.Partial))
	slices.Sort(names)
	d := starlark.NewDict(len(names))
	for _, name := range names {
		d.SetKey(starlark.String(name), e.liveHandle(name)) // a new dictionary takes any text
	}
	return d, nil
}
