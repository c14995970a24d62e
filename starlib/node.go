package starlib

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/slap"
	"slapstar/starlib/lang"
)

// A node is a compute node in a session that acts at once.
type node struct {
	e    *evaluation
	guid string
}

var _ starlark.HasAttrs = (*node)(nil)

func (n *node) String() string        { return fmt.Sprintf("<computer %q>", n.guid) }
func (n *node) Type() string          { return "computer" }
func (n *node) Freeze()               {}
func (n *node) Truth() starlark.Bool  { return true }
func (n *node) Hash() (uint32, error) { return starlark.String(n.guid).Hash() }

// Attr implements [starlark.HasAttrs].
func (n *node) Attr(name string) (starlark.Value, error) {
	method, ok := nodeMethods[name]
	if !ok {
		return nil, nil
	}
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var text string
		var pairs []any
		if method.parameter != "" {
			pairs = []any{method.parameter, &text}
		}
		if err := lang.UnpackArgs(b.Name(), args, kwargs, pairs...); err != nil {
			return nil, err
		}
		if method.change != "" {
			if err := n.e.live.Confirm(n.e.Context(), lang.OriginOf(thread).Position(), fmt.Sprintf("~ computer %s: %s", n.guid, method.change)); err != nil {
				return nil, fmt.Errorf("%s: %w", b.Name(), err)
			}
		}
		v, err := method.call(n, text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		return v, nil
	}), nil
}

// AttrNames implements [starlark.HasAttrs].
func (n *node) AttrNames() []string { return sortedKeys(nodeMethods) }

// A nodeMethod is a method of a compute node.
type nodeMethod struct {
	parameter string // of the one text that it takes, if it takes one
	change    string // what it changes, for which it asks first; may be empty
	call      func(n *node, text string) (starlark.Value, error)
}

// nodeMethods have the names of the SLAP library.
var nodeMethods = map[string]nodeMethod{
	"bang": {parameter: "message", call: func(n *node, text string) (starlark.Value, error) {
		return starlark.None, n.e.live.BangNode(n.e.Context(), n.guid, text)
	}},
	"generateCertificate": {change: "a new certificate", call: func(n *node, _ string) (starlark.Value, error) {
		c, err := n.e.live.MakeNodeCertificate(n.e.Context(), n.guid)
		return n.e.certificateDict(c), err
	}},
	"getComputerPartitionList": {call: (*node).partitions},
	"getId":                    {call: func(n *node, _ string) (starlark.Value, error) { return starlark.String(n.guid), nil }},
	"getSoftwareReleaseList":   {call: (*node).releases},
	"getStatus": {call: func(n *node, _ string) (starlark.Value, error) {
		status, err := n.e.live.NodeStatus(n.e.Context(), n.guid)
		return n.e.textDict(status), err
	}},
	"reportUsage": {parameter: "computer_usage", call: func(n *node, text string) (starlark.Value, error) {
		return starlark.None, n.e.live.ReportUsage(n.e.Context(), n.guid, text)
	}},
	"revokeCertificate": {change: "its certificate is revoked", call: func(n *node, _ string) (starlark.Value, error) {
		return starlark.None, n.e.live.RevokeNodeCertificate(n.e.Context(), n.guid)
	}},
	"updateConfiguration": {parameter: "xml", change: "its partitions become those of the document; what runs in others is lost", call: func(n *node, text string) (starlark.Value, error) {
		f, err := nodeFormat(n.guid, text)
		if err != nil {
			return nil, err
		}
		return starlark.None, n.e.live.FormatNode(n.e.Context(), f)
	}},
}

func (n *node) partitions(string) (starlark.Value, error) {
	orders, err := n.e.live.Orders(n.e.Context(), n.guid)
	if err != nil {
		return nil, err
	}
	var list []starlark.Value
	for _, p := range orders.Partitions {
		list = append(list, &partition{e: n.e, computer: n.guid, partition: p.Reference})
	}
	return starlark.NewList(list), nil
}

func (n *node) releases(string) (starlark.Value, error) {
	software, err := n.e.live.SoftwareInstallations(n.e.Context(), n.guid)
	if err != nil {
		return nil, err
	}
	var list []starlark.Value
	for _, s := range software {
		list = append(list, &installed{n.e, s})
	}
	return starlark.NewList(list), nil
}

// An installed is a software release, on a compute node where that is known.
type installed struct {
	e *evaluation
	slap.SoftwareInstallation
}

var _ starlark.HasAttrs = (*installed)(nil)

func (i *installed) String() string        { return fmt.Sprintf("<software release %q>", i.SoftwareRelease) }
func (i *installed) Type() string          { return "software release" }
func (i *installed) Freeze()               {}
func (i *installed) Truth() starlark.Bool  { return true }
func (i *installed) Hash() (uint32, error) { return starlark.String(i.SoftwareRelease).Hash() }

// installedMethods have the names of the SLAP library; those that report are for
// a release on a node.
var installedMethods = []string{"available", "building", "destroyed", "error", "getComputerId", "getState", "getURI"}

// AttrNames implements [starlark.HasAttrs].
func (i *installed) AttrNames() []string { return installedMethods }

// Attr implements [starlark.HasAttrs].
func (i *installed) Attr(name string) (starlark.Value, error) {
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

func (i *installed) located() error {
	if i.Computer == "" {
		return errors.New("this release is that of no compute node: registerComputer(GUID).getSoftwareReleaseList() has those")
	}
	return nil
}

func (i *installed) report(thread *starlark.Thread, what, message string) error {
	if err := i.located(); err != nil {
		return err
	}
	switch what {
	case "error":
		return i.e.live.ReportSoftwareError(i.e.Context(), i.Computer, i.SoftwareRelease, message)
	case "destroyed": // a slapproxy forgets it, whatever is asked for
		change := fmt.Sprintf("- software %s on %s: reported as destroyed", i.SoftwareRelease, i.Computer)
		if err := i.e.live.Confirm(i.e.Context(), lang.OriginOf(thread).Position(), change); err != nil {
			return err
		}
	}
	return i.e.live.ReportSoftware(i.e.Context(), i.Computer, i.SoftwareRelease, what)
}
