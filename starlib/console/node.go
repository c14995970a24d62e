package console

import (
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/starlib/lang"
)

// A node is a compute node in a session that acts at once.
type node struct {
	s    *Session
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
			if err := n.s.live.Confirm(n.s.ctx(), lang.OriginOf(thread).Position(), fmt.Sprintf("~ computer %s: %s", n.guid, method.change)); err != nil {
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
		return starlark.None, n.s.live.BangNode(n.s.ctx(), n.guid, text)
	}},
	"generateCertificate": {change: "a new certificate", call: func(n *node, _ string) (starlark.Value, error) {
		c, err := n.s.live.MakeNodeCertificate(n.s.ctx(), n.guid)
		return n.s.certificateDict(c), err
	}},
	"getComputerPartitionList": {call: (*node).partitions},
	"getId":                    {call: func(n *node, _ string) (starlark.Value, error) { return starlark.String(n.guid), nil }},
	"getSoftwareReleaseList":   {call: (*node).releases},
	"getStatus": {call: func(n *node, _ string) (starlark.Value, error) {
		status, err := n.s.live.NodeStatus(n.s.ctx(), n.guid)
		return n.s.textDict(status), err
	}},
	"reportUsage": {parameter: "computer_usage", call: func(n *node, text string) (starlark.Value, error) {
		return starlark.None, n.s.live.ReportUsage(n.s.ctx(), n.guid, text)
	}},
	"revokeCertificate": {change: "its certificate is revoked", call: func(n *node, _ string) (starlark.Value, error) {
		return starlark.None, n.s.live.RevokeNodeCertificate(n.s.ctx(), n.guid)
	}},
	"updateConfiguration": {parameter: "xml", change: "its partitions become those of the document; what runs in others is lost", call: func(n *node, text string) (starlark.Value, error) {
		f, err := nodeFormat(n.guid, text)
		if err != nil {
			return nil, err
		}
		return starlark.None, n.s.live.FormatNode(n.s.ctx(), f)
	}},
}

func (n *node) partitions(string) (starlark.Value, error) {
	orders, err := n.s.live.Orders(n.s.ctx(), n.guid)
	if err != nil {
		return nil, err
	}
	var list []starlark.Value
	for _, p := range orders.Partitions {
		list = append(list, &partition{s: n.s, computer: n.guid, partition: p.Reference})
	}
	return starlark.NewList(list), nil
}

func (n *node) releases(string) (starlark.Value, error) {
	software, err := n.s.live.SoftwareInstallations(n.s.ctx(), n.guid)
	if err != nil {
		return nil, err
	}
	var list []starlark.Value
	for _, s := range software {
		list = append(list, &softwareRelease{n.s, s})
	}
	return starlark.NewList(list), nil
}
