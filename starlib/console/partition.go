package console

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/slap"
	"slapstar/starlib/lang"
)

// A partition is a slot of a compute node and the instance in it, as the SLAP
// library has it; on a live handle its methods are those of the instance.
type partition struct {
	s                   *Session
	computer, partition string
	instance            *slap.Instance // of a live handle; nil otherwise
}

var _ starlark.HasAttrs = (*partition)(nil)

func (p *partition) String() string {
	return fmt.Sprintf("<partition %q of %q>", p.partition, p.computer)
}
func (p *partition) Type() string         { return "partition" }
func (p *partition) Freeze()              {}
func (p *partition) Truth() starlark.Bool { return true }
func (p *partition) Hash() (uint32, error) {
	return starlark.String(p.computer + "/" + p.partition).Hash()
}

// Attr implements [starlark.HasAttrs].
func (p *partition) Attr(name string) (starlark.Value, error) {
	method, ok := partitionMethods[name]
	if !ok {
		return nil, nil
	}
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return method(p, thread, b, args, kwargs)
	}), nil
}

// AttrNames implements [starlark.HasAttrs].
func (p *partition) AttrNames() []string { return sortedKeys(partitionMethods) }

type partitionMethod = func(*partition, *starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error)

// partitionMethods are the methods of a partition, with the names of the SLAP
// library.
var partitionMethods = map[string]partitionMethod{
	"bang": report("message", func(p *partition, text string) error {
		return p.s.live.Bang(p.s.ctx(), p.computer, p.partition, text)
	}),
	"destroyed":                  (*partition).destroyed,
	"error":                      (*partition).error,
	"getCertificate":             query((*partition).certificate),
	"getConnectionParameter":     keyOf((*partition).connection),
	"getConnectionParameterDict": query(dictOf((*partition).connection)),
	"getFullHostingIpAddressList": query(func(p *partition) (starlark.Value, error) {
		list, err := p.s.live.TreeAddresses(p.s.ctx(), p.computer, p.partition)
		var items []starlark.Value
		for _, a := range list {
			items = append(items, starlark.Tuple{starlark.String(a.Interface), starlark.String(a.Address)})
		}
		return starlark.NewList(items), err
	}),
	"getId":                    query(func(p *partition) (starlark.Value, error) { return starlark.String(p.partition), nil }),
	"getInstanceGuid":          query(textOfPartition(func(q *slap.Partition) string { return q.GUID })),
	"getInstanceParameter":     keyOf((*partition).parameters),
	"getInstanceParameterDict": query(dictOf((*partition).parameters)),
	"getSoftwareRelease":       query((*partition).release),
	"getState":                 query(textOfPartition(func(q *slap.Partition) string { return q.State })),
	"getStatus":                query((*partition).status),
	"getType":                  query(textOfPartition(func(q *slap.Partition) string { return q.SoftwareType })),
	"rename":                   (*partition).rename,
	"request":                  (*partition).request,
	"setComputerPartitionRelatedInstanceList": (*partition).relate,
	"setConnectionDict":                       (*partition).publish,
	"setUsage": report("usage_log", func(*partition, string) error {
		return errors.New("no Master takes the usage of one partition: registerComputer(GUID).reportUsage(TEXT) reports that of the node")
	}),
	"started": query(reported(slap.Started)),
	"stopped": query(reported(slap.Stopped)),
}

// query is a method without arguments.
func query(get func(*partition) (starlark.Value, error)) partitionMethod {
	return func(p *partition, _ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
			return nil, err
		}
		v, err := get(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		return v, nil
	}
}

// report is a method that sends a text and returns None.
func report(parameter string, tell func(*partition, string) error) partitionMethod {
	return func(p *partition, _ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var text string
		if err := lang.UnpackArgs(b.Name(), args, kwargs, parameter, &text); err != nil {
			return nil, err
		}
		if err := tell(p, text); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		return starlark.None, nil
	}
}

// keyOf is a method that returns one of several parameters.
func keyOf(dict func(*partition) (slap.Parameters, error)) partitionMethod {
	return func(p *partition, _ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var key lang.Name
		if err := lang.UnpackArgs(b.Name(), args, kwargs, "key", &key); err != nil {
			return nil, err
		}
		all, err := dict(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		value, ok := all[string(key)]
		if !ok {
			return nil, lang.Suggest(fmt.Errorf("%s: %v has no %q, only %s", b.Name(), p, string(key), quoted(all.Keys())), string(key), all.Keys())
		}
		return starlark.String(value), nil
	}
}

func dictOf(dict func(*partition) (slap.Parameters, error)) func(*partition) (starlark.Value, error) {
	return func(p *partition) (starlark.Value, error) {
		all, err := dict(p)
		return p.s.textDict(all), err
	}
}

func textOfPartition(get func(*slap.Partition) string) func(*partition) (starlark.Value, error) {
	return func(p *partition) (starlark.Value, error) {
		q, err := p.read()
		if err != nil {
			return nil, err
		}
		return starlark.String(get(q)), nil
	}
}

func reported(state string) func(*partition) (starlark.Value, error) {
	return func(p *partition) (starlark.Value, error) {
		return starlark.None, p.s.live.ReportInstance(p.s.ctx(), p.computer, p.partition, state)
	}
}

func (p *partition) read() (*slap.Partition, error) {
	return p.s.live.Partition(p.s.ctx(), p.computer, p.partition)
}

func (p *partition) connection() (slap.Parameters, error) {
	q, err := p.read()
	if err != nil {
		return nil, err
	}
	return q.Connection, nil
}

func (p *partition) parameters() (slap.Parameters, error) {
	q, err := p.read()
	if err != nil {
		return nil, err
	}
	return q.Parameters, nil
}

// release is an object, as the SLAP library has it; a handle has text, as in a
// file.
func (p *partition) release() (starlark.Value, error) {
	q, err := p.read()
	if err == nil && !q.Occupied {
		err = fmt.Errorf("%v is free", p)
	}
	if err != nil {
		return nil, err
	}
	return &softwareRelease{p.s, slap.SoftwareInstallation{SoftwareRelease: q.SoftwareRelease, Computer: p.computer}}, nil
}

func (p *partition) status() (starlark.Value, error) {
	status, err := p.s.live.PartitionStatus(p.s.ctx(), p.computer, p.partition)
	return p.s.textDict(status), err
}

func (p *partition) certificate() (starlark.Value, error) {
	c, err := p.s.live.PartitionCertificate(p.s.ctx(), p.computer, p.partition)
	return p.s.certificateDict(c), err
}

func (s *Session) certificateDict(c slap.Certificate) starlark.Value {
	return s.textDict(slap.Parameters{"certificate": c.Certificate, "key": c.Key})
}

// textDict is a dictionary of what a Master tells.
func (s *Session) textDict(p slap.Parameters) starlark.Value {
	hooks{s}.Published(p)
	d := starlark.NewDict(len(p))
	for _, key := range p.Keys() {
		d.SetKey(starlark.String(key), starlark.String(p[key])) // a new dictionary takes any text
	}
	return d
}
