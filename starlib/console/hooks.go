package console

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/credential"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// hooks are what a session does when a builtin of the files is called.
type hooks struct{ *Session }

var _ starlib.Hooks = hooks{}

// Keep implements [starlib.Hooks]. An instance is declared by an entry before, or on
// the Master. Scripts use request to look an instance up, and what they do not say must
// not reset anything.
func (h hooks) Keep(i *engine.Instance, sharedToo bool) (map[string]engine.Text, error) {
	there, err := h.present(i)
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

// present is what there is under the name of an instance, nil if there is nothing, only
// what a full Master is about to let go of, or it cannot be read.
func (h hooks) present(i *engine.Instance) (*engine.Instance, error) {
	if twin, ok := h.e.Declared(i.Address()).(*engine.Instance); ok {
		return twin, nil
	}
	var state *engine.State
	var err error
	if h.live == nil {
		err = h.Look(i.Name)
		state = h.looked[i.Name]
	} else {
		state, err = h.live.Look(h.ctx(), i.Name, i.Shared)
		h.read = state
	}
	if err != nil {
		return nil, err
	}
	found, ok := state.Instances[i.Name]
	if !ok || state.Leaving(i.Name) {
		return nil, nil
	}
	if found.State == slap.Destroyed { // whoever requests it wants it to be there
		found.State = slap.Started
	}
	there := &engine.Instance{SoftwareType: found.SoftwareType, State: found.State, Shared: found.Shared, SLA: found.SLA, Parameters: map[string]engine.Text{}}
	for key, value := range found.Parameters {
		there.Parameters[key] = engine.Literal(value)
	}
	return there, nil
}

// Declare implements [starlib.Hooks].
func (h hooks) Declare(r engine.Resource) (starlark.Value, error) {
	if h.live == nil {
		return nil, nil
	}
	i, ok := r.(*engine.Instance)
	if !ok {
		return starlark.None, h.live.Declare(h.ctx(), r, nil)
	}
	if err := h.live.Declare(h.ctx(), i, h.read); err != nil {
		return nil, err
	}
	return h.handle(i.Name), nil
}

// Information implements [starlib.Hooks].
func (h hooks) Information(name string) (starlark.Value, error) {
	if h.live == nil {
		return nil, nil
	}
	handle := h.handle(name)
	err := handle.refresh()
	if errors.Is(err, slap.ErrNotFound) {
		var names []string
		if h.options.Suggest != nil {
			names = h.options.Suggest(InstanceName)
		}
		err = lang.Suggest(err, name, names)
	}
	if err != nil && !errors.Is(err, slap.ErrNotReady) {
		return nil, err
	}
	return handle, nil
}

// Look implements [starlib.Hooks]: once an entry, for a staged session.
func (h hooks) Look(name string) error {
	if h.live != nil || h.looked[name] != nil {
		return nil
	}
	state, err := h.staging.Look(h.ctx(), name, false)
	if err != nil {
		return err
	}
	h.looked[name] = state
	return nil
}

func (s *Session) lookedInstance(name string) (slap.Instance, bool) {
	if s.looked[name] == nil {
		return slap.Instance{}, false
	}
	i, ok := s.looked[name].Instances[name]
	return i, ok
}

// lookedUp is an [engine.Lookup].
func (s *Session) lookedUp(r engine.Reference) (string, bool) {
	state := s.looked[r.Instance]
	if state == nil {
		return "", false
	}
	return state.Find(r)
}

// shortestCredential is how long a credential has to be, in bytes, to be recognised where
// its name does not say what it is.
const shortestCredential = 4

// Published implements [starlib.Hooks].
func (h hooks) Published(p slap.Parameters) {
	for key, value := range p {
		if len(value) >= shortestCredential && credential.Parameter(key, value) {
			h.credentials[value] = true
		}
	}
}

// Plain implements [starlib.Hooks].
func (h hooks) Plain() bool { return !h.options.Untrusted }

// AtOnce implements [starlib.Hooks].
func (h hooks) AtOnce(what string) error {
	if h.live != nil {
		return nil // it has all
	}
	return lang.Hint(fmt.Errorf("%s reads or writes the Master at once: that does not go with --staged", what), "slapstar console without --staged has it")
}

// Waiting implements [starlib.Hooks].
func (h hooks) Waiting() error {
	return lang.Hint(errors.New("waiting does not go with --staged"), "apply() carries out what is staged and waits")
}
