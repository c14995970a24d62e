package starlib

import (
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// supply declares one software installation on one compute node.
//
//	supply(software_release, computer_guid, state="available")
//
// It returns None, as in the SLAP library (slapos.core slapos/slap/slap.py,
// Supply.supply).
func supply(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	var release, computer lang.Name
	state := softwareState(slap.Available)
	err := lang.UnpackArgs(b.Name(), args, kwargs,
		"software_release", &release, "computer_guid", &computer, "state?", &state)
	if err != nil {
		_, err = e.noted(thread, err)
		return starlark.None, err
	}
	s := &engine.Software{
		SoftwareRelease: string(release),
		Product:         e.products[string(release)],
		Computer:        string(computer),
		State:           string(state),
		Origin:          lang.OriginOf(thread),
	}
	if err := e.doubt(s); err != nil {
		return nil, err
	}
	if e.hooks != nil {
		if v, err := e.hooks.Declare(s); v != nil || err != nil {
			return v, named(b, err)
		}
	}
	value, err := e.declare(s, starlark.None)
	if err != nil {
		_, err = e.noted(thread, fmt.Errorf("%s: %w", b.Name(), err))
		return starlark.None, err
	}
	return value, nil
}

// supplyFor declares the release of an instance on the node that the instance asks for,
// as request(…, supply=True) says. One that is to be destroyed needs none.
func (e *Evaluation) supplyFor(i *engine.Instance, builtin string) error {
	node := i.SLA[slap.SLAComputer]
	switch {
	case node == "":
		err := fmt.Errorf("%s: for parameter supply: got True, and filter_kw names no node", builtin)
		return lang.Hint(err, fmt.Sprintf(`write: filter_kw = {%q: "COMP-1234"}`, slap.SLAComputer))
	case i.State == slap.Destroyed:
		return nil
	}
	s := &engine.Software{SoftwareRelease: i.SoftwareRelease, Product: i.Product, Computer: node, State: slap.Available, Origin: i.Origin}
	if e.hooks != nil {
		if v, err := e.hooks.Declare(s); v != nil || err != nil {
			return err
		}
	}
	if _, err := e.declare(s, starlark.None); err != nil {
		return fmt.Errorf("%s: for parameter supply: %w", builtin, err)
	}
	return nil
}
