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
	"slapstar/starlib/lang"
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
	Full(ctx context.Context) (bool, error)

	Instance(ctx context.Context, name string) (slap.Instance, error)
	Instances(ctx context.Context) (*slap.InstanceList, error)
	Nodes(ctx context.Context) ([]slap.Node, error)
	SoftwareInstallations(ctx context.Context, computer string) ([]slap.SoftwareInstallation, error)

	Orders(ctx context.Context, computer string) (*slap.Orders, error)
	NodeStatus(ctx context.Context, computer string) (slap.Status, error)
	BangNode(ctx context.Context, computer, message string) error
	ReportUsage(ctx context.Context, computer, tioxml string) error
	FormatNode(ctx context.Context, f slap.NodeFormat) error
	MakeNodeCertificate(ctx context.Context, computer string) (slap.Certificate, error)
	RevokeNodeCertificate(ctx context.Context, computer string) error
	CreateNode(ctx context.Context, title, project string) (string, error)
	NodeToken(ctx context.Context) (string, error)

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
		state, err := e.live.Look(e.Context(), i.Name, i.Shared)
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
	if err := e.live.Declare(e.Context(), i, e.session.read); err != nil {
		return nil, fmt.Errorf("%s: %w", builtin, err)
	}
	return e.liveHandle(i.Name), nil
}

func (e *evaluation) supplyNow(builtin string, s *engine.Software) error {
	if err := e.live.Declare(e.Context(), s, nil); err != nil {
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
		err = lang.Suggest(fmt.Errorf("%s: there is no instance %q on the Master", builtin, name), name, names)
	}
	if err != nil && !errors.Is(err, slap.ErrNotReady) {
		return nil, err
	}
	return h, nil
}

// instanceDict lists the instances of a Master, by name.
func (e *evaluation) instanceDict() (starlark.Value, error) {
	list, err := e.live.Instances(e.Context())
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
