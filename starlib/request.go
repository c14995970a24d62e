package starlib

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
)

// maxTitle is the longest instance name, in characters, that the JSON-RPC
// interface of a Master takes.
const maxTitle = 200

// request declares an instance tree and returns its handle.
//
//	request(software_release, partition_reference, partition_parameter_kw=None,
//	        software_type=None, filter_kw=None, state=None, shared=False)
//
// All arguments may be positional, as in the SLAP library
// (slapos.core slapos/slap/slap.py, OpenOrder.request). An identical second
// request returns the same handle; a different one is an error.
func request(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	var release, reference, kind name
	var given parameters
	var filter sla
	var state instanceState
	var shared bool
	err := starlark.UnpackArgs(b.Name(), args, kwargs,
		"software_release", &release, "partition_reference", &reference,
		"partition_parameter_kw?", &given, "software_type??", &kind,
		"filter_kw?", &filter, "state?", &state, "shared?", &shared)
	if err != nil {
		return nil, err
	}
	i := &engine.Instance{
		Name:            string(reference),
		SoftwareRelease: string(release),
		Product:         e.products[string(release)],
		SoftwareType:    string(kind),
		State:           string(state),
		Shared:          shared,
		Parameters:      given,
		SLA:             filter,
		Origin:          origin(thread),
	}
	if i.SoftwareType == "" {
		i.SoftwareType = slap.DefaultType
	}
	if i.State == "" {
		i.State = slap.Started
	}
	if err := checkInstance(i); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	handle, err := e.declare(i, &handle{e: e, instance: i})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return handle, nil
}

func checkInstance(i *engine.Instance) error {
	if n := utf8.RuneCountInString(i.Name); n > maxTitle {
		return fmt.Errorf("for parameter partition_reference: got %d characters, want at most %d", n, maxTitle)
	}
	return nil
}

// declare records a resource. Where one of its address is declared already it
// returns what that declaration returned if both are the same.
func (e *evaluation) declare(r engine.Resource, value starlark.Value) (starlark.Value, error) {
	if twin, ok := e.declared[r.Address()]; ok {
		if differing := differences(twin.resource, r); len(differing) > 0 {
			return nil, fmt.Errorf("%s is declared already, at %v, with another %s",
				r.Address(), twin.resource.Declared(), strings.Join(differing, ", "))
		}
		return twin.value, nil
	}
	e.config.Resources = append(e.config.Resources, r)
	e.declared[r.Address()] = declaration{r, value}
	return value, nil
}

// A declaration is a resource and what declaring it returned.
type declaration struct {
	resource engine.Resource
	value    starlark.Value
}

// differences names the arguments in which two declarations differ.
func differences(a, b engine.Resource) []string {
	var list []string
	differ := func(name string, different bool) {
		if different {
			list = append(list, name)
		}
	}
	switch a := a.(type) {
	case *engine.Instance:
		b := b.(*engine.Instance)
		differ("software_release", a.SoftwareRelease != b.SoftwareRelease)
		for _, key := range slices.Sorted(maps.Keys(a.Parameters)) {
			differ(fmt.Sprintf("partition_parameter_kw[%q]", key), !a.Parameters[key].Equal(b.Parameters[key]))
		}
		for _, key := range slices.Sorted(maps.Keys(b.Parameters)) {
			differ(fmt.Sprintf("partition_parameter_kw[%q]", key), a.Parameters[key] == nil)
		}
		differ("software_type", a.SoftwareType != b.SoftwareType)
		differ("filter_kw", !maps.Equal(a.SLA, b.SLA))
		differ("state", a.State != b.State)
		differ("shared", a.Shared != b.Shared)
	case *engine.Software:
		differ("state", a.State != b.(*engine.Software).State)
	}
	return list
}
