package console

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/slap"
	"slapstar/starlib/lang"
)

// A softwareRelease is one, on a compute node where that is known.
type softwareRelease struct {
	s *Session
	slap.SoftwareInstallation
}

var _ starlark.HasAttrs = (*softwareRelease)(nil)

func (i *softwareRelease) String() string {
	return fmt.Sprintf("<software release %q>", i.SoftwareRelease)
}
func (i *softwareRelease) Type() string          { return "software release" }
func (i *softwareRelease) Freeze()               {}
func (i *softwareRelease) Truth() starlark.Bool  { return true }
func (i *softwareRelease) Hash() (uint32, error) { return starlark.String(i.SoftwareRelease).Hash() }

// softwareReleaseMethods have the names of the SLAP library; those that report are for
// a release on a node.
var softwareReleaseMethods = []string{"available", "building", "destroyed", "error", "getComputerId", "getState", "getURI"}

// AttrNames implements [starlark.HasAttrs].
func (i *softwareRelease) AttrNames() []string { return softwareReleaseMethods }

// Attr implements [starlark.HasAttrs].
func (i *softwareRelease) Attr(name string) (starlark.Value, error) {
	var get func(thread *starlark.Thread, message string) (starlark.Value, error)
	switch name {
	case "getURI":
		get = func(*starlark.Thread, string) (starlark.Value, error) { return starlark.String(i.SoftwareRelease), nil }
	case "getComputerId":
		get = func(*starlark.Thread, string) (starlark.Value, error) {
			return starlark.String(i.Computer), i.located()
		}
	case "getState":
		get = func(*starlark.Thread, string) (starlark.Value, error) { return starlark.String(i.State), i.located() }
	case "available", "building", "destroyed", "error":
		get = func(thread *starlark.Thread, message string) (starlark.Value, error) {
			return starlark.None, i.report(thread, name, message)
		}
	default:
		return nil, nil
	}
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var message string
		var logger starlark.Value
		var pairs []any
		if name == "error" {
			pairs = []any{"error_log", &message, "logger?", &logger}
		}
		if err := lang.UnpackArgs(b.Name(), args, kwargs, pairs...); err != nil {
			return nil, err
		}
		v, err := get(thread, message)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		return v, nil
	}), nil
}

func (i *softwareRelease) located() error {
	if i.Computer == "" {
		return errors.New("this release is that of no compute node: registerComputer(GUID).getSoftwareReleaseList() has those")
	}
	return nil
}

func (i *softwareRelease) report(thread *starlark.Thread, what, message string) error {
	if err := i.located(); err != nil {
		return err
	}
	switch what {
	case "error":
		return i.s.live.ReportSoftwareError(i.s.ctx(), i.Computer, i.SoftwareRelease, message)
	case "destroyed": // a slapproxy forgets it, whatever is asked for
		change := fmt.Sprintf("- software %s on %s: reported as destroyed", i.SoftwareRelease, i.Computer)
		if err := i.s.live.Confirm(i.s.ctx(), lang.OriginOf(thread).Position(), change); err != nil {
			return err
		}
	}
	return i.s.live.ReportSoftware(i.s.ctx(), i.Computer, i.SoftwareRelease, what)
}
