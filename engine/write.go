package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"slapstar/slap"
)

// A Master is a SlapOS Master that may be written to. All writes of slapstar's
// plans are in this file.
type Master interface {
	Reader
	RequestInstance(context.Context, slap.InstanceRequest) (slap.Instance, error)
	Supply(context.Context, slap.SoftwareInstallation) error
}

// An answer is how a Master took a change.
type answer int

const (
	certain    answer = iota
	notReady          // it took it, and allocates later
	inProgress        // it took this wish or another one for the same, and does not list that yet
)

// write makes the one request of a change. It is finished even when ctx ends
// meanwhile: half a write is worse than one more.
func write(ctx context.Context, m Master, c *Change) (how answer, err error) {
	ctx = slap.Finishing(ctx)
	switch want := c.Resource.(type) {
	case *Instance:
		if err := fault(want, c); err != nil {
			return certain, err
		}
		_, err = m.RequestInstance(ctx, instanceRequest(want, c))
	case *Software:
		err = m.Supply(ctx, slap.SoftwareInstallation{
			SoftwareRelease: want.SoftwareRelease,
			Computer:        want.Computer,
			State:           want.State,
		})
	}
	switch {
	case errors.Is(err, slap.ErrNotReady):
		return notReady, nil
	case errors.Is(err, slap.ErrTaken):
		return inProgress, nil
	}
	return certain, err
}

// instanceRequest sends every attribute, since what is left out becomes empty.
// A destroy repeats what the Master has: only the state is to change.
func instanceRequest(want *Instance, c *Change) slap.InstanceRequest {
	if c.Action == Delete && c.Current != nil {
		request := c.Current.InstanceRequest
		request.State, request.Project = slap.Destroyed, c.Current.Project
		return request
	}
	request := slap.InstanceRequest{
		Name:            want.Name,
		SoftwareRelease: want.SoftwareRelease,
		SoftwareType:    want.SoftwareType,
		State:           want.State,
		Shared:          want.Shared,
		Parameters:      make(slap.Parameters, len(want.Parameters)),
		SLA:             want.SLA,
		Project:         want.Project,
	}
	if c.Current != nil && request.Project == "" {
		request.Project = c.Current.Project
	}
	if len(want.SLALater) > 0 && c.Action != Delete {
		panic(fmt.Sprintf("engine: %q is written before its SLA is known", want.Name))
	}
	for key, text := range want.Parameters {
		value, known := text.Known()
		switch {
		case known:
			request.Parameters[key] = value
		case c.Action != Delete: // of what cannot be read, and is to go: no matter
			panic(fmt.Sprintf("engine: parameter %q of %q is written before it is known", key, want.Name))
		}
	}
	return request
}

// fault is why a parameter cannot be sent: what was published does not allow what the
// files make of it.
func fault(want *Instance, c *Change) error {
	if c.Action == Delete {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(want.SLALater)) {
		if err := want.SLALater[key].Fault(); err != nil {
			return fmt.Errorf("sla %q: %w", key, err)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(want.Parameters)) {
		if err := want.Parameters[key].Fault(); err != nil {
			return fmt.Errorf("parameter %q: %w", key, err)
		}
	}
	return nil
}
