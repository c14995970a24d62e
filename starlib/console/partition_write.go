package console

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// The methods of this file write. What changes something that exists asks first; what
// only reports, as error does here and started, stopped and bang do elsewhere, is said
// again at the next report, and does not.

// who names the instance of a place, or the place.
func (p *partition) who() string {
	if p.instance != nil {
		return fmt.Sprintf("instance %q", p.instance.Name)
	}
	return fmt.Sprintf("the instance in partition %q of node %q", p.partition, p.computer)
}

func (p *partition) confirm(thread *starlark.Thread, b *starlark.Builtin, change string) error {
	if err := p.s.live.Confirm(p.s.ctx(), lang.OriginOf(thread).Position(), change); err != nil {
		return fmt.Errorf("%s: %w", b.Name(), err)
	}
	return nil
}

// done is the result of what was asked of the Master.
func done(b *starlark.Builtin, err error) (starlark.Value, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return starlark.None, nil
}

// destroyed reports that the node has removed the instance, which frees the
// partition whatever is asked for.
func (p *partition) destroyed(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	if err := p.confirm(thread, b, fmt.Sprintf("- %s: reported as destroyed, which frees its partition", p.who())); err != nil {
		return nil, err
	}
	return done(b, p.s.live.ReportInstance(p.s.ctx(), p.computer, p.partition, slap.Destroyed))
}

// error reports what went wrong.
//
//	error(error_log, logger=None, slave_reference=None)
func (p *partition) error(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var message, reference string
	var logger starlark.Value
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "error_log", &message, "logger?", &logger, "slave_reference??", &reference); err != nil {
		return nil, err
	}
	return done(b, p.s.live.ReportInstanceError(p.s.ctx(), p.computer, p.partition, reference, message))
}

// rename gives the instance another name.
//
//	rename(new_name)
func (p *partition) rename(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var to lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "new_name", &to); err != nil {
		return nil, err
	}
	// Neither kind of Master refuses a name that is taken in all cases.
	if state, err := p.s.live.Look(p.s.ctx(), string(to), false); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	} else if _, taken := state.Instances[string(to)]; taken || state.NotReady[string(to)] {
		return nil, fmt.Errorf("%s: there is an instance %q already", b.Name(), string(to))
	}
	if err := p.checkRename(lang.OriginOf(thread)); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	if err := p.confirm(thread, b, fmt.Sprintf("~ %s: name → %s", p.who(), string(to))); err != nil {
		return nil, err
	}
	if p.instance != nil && p.instance.Shared { // the other call would rename the host
		return done(b, p.s.live.RenameShared(p.s.ctx(), p.instance.GUID, string(to)))
	}
	if err := p.s.live.Rename(p.s.ctx(), p.computer, p.partition, string(to)); err != nil {
		return done(b, err)
	}
	if p.instance != nil {
		p.instance.Name = string(to) // the handle goes on with it
	}
	return starlark.None, nil
}

// checkRename refuses to rename the root of a tree where that does not rename the
// tree: the full Master finds it by neither name then (docs/reference/protocol.md, section f).
func (p *partition) checkRename(at engine.Origin) error {
	full, err := p.s.live.Full(p.s.ctx())
	if err != nil || !full {
		return err
	}
	if p.instance == nil {
		q, err := p.read()
		if err != nil {
			return err
		}
		if q.Root != "" && q.Root != q.Instance {
			return nil
		}
	}
	const why = "this Master would rename the instance and not its tree, which is then found under neither name"
	const hint = "request it under the new name, and destroy this one"
	refused := engine.Refusal{Origin: at, Message: why, Hint: hint}
	if p.instance != nil {
		refused.Address = engine.InstanceAddress(p.instance.Name)
	}
	return lang.Hint(&causedError{fmt.Sprintf("%s cannot be renamed: %s", p.who(), why), &engine.RefusedError{Refusals: []engine.Refusal{refused}}}, hint)
}

// publish sets the connection parameters.
//
//	setConnectionDict(connection_dict, slave_reference=None)
func (p *partition) publish(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var dict starlark.Value
	var reference string
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "connection_dict", &dict, "slave_reference??", &reference); err != nil {
		return nil, err
	}
	given, err := knownParameters(dict)
	if err != nil {
		return nil, fmt.Errorf("%s: for parameter connection_dict: %w", b.Name(), err)
	}
	before, err := p.connection()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	if len(before) > 0 || reference != "" {
		keys := func(p slap.Parameters) string { return strings.Join(p.Keys(), ", ") }
		change := fmt.Sprintf("~ %s: connection parameters %s → %s", p.who(), keys(before), keys(given))
		if reference != "" {
			change = fmt.Sprintf("~ shared instance %q: connection parameters → %s", reference, keys(given))
		}
		if err := p.confirm(thread, b, change); err != nil {
			return nil, err
		}
	}
	return done(b, p.s.live.Publish(p.s.ctx(), p.computer, p.partition, reference, given))
}

// knownParameters are parameters that hold nothing that is not known yet.
func knownParameters(v starlark.Value) (slap.Parameters, error) {
	p, err := starlib.PlainParameters(v)
	if err != nil {
		return nil, err
	}
	known := slap.Parameters{}
	for key, t := range p {
		value, ok := t.Known()
		if !ok {
			return nil, fmt.Errorf("key %q: %w", key, lang.Refuse(t, "this argument"))
		}
		known[key] = value
	}
	return known, nil
}

// relate tells the Master which instances the code in the partition asked for.
//
//	setComputerPartitionRelatedInstanceList(instance_reference_list)
func (p *partition) relate(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var names lang.Names
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "instance_reference_list", &names); err != nil {
		return nil, err
	}
	change := fmt.Sprintf("~ %s: related instances → %s", p.who(), quoted(names))
	if err := p.confirm(thread, b, change); err != nil {
		return nil, err
	}
	return done(b, p.s.live.RelateInstances(p.s.ctx(), p.computer, p.partition, names))
}

// request asks for an instance on behalf of the one in the partition. Whether
// there is one of that name, and what would change, cannot be read: it asks.
//
//	request(software_release, software_type, partition_reference, shared=False,
//	        partition_parameter_kw=None, filter_kw=None, state=None)
func (p *partition) request(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var release, kind, reference lang.Name
	var shared bool
	var given starlark.Value
	var filter starlib.SLA
	var state starlib.InstanceState
	err := lang.UnpackArgs(b.Name(), args, kwargs, "software_release", &release, "software_type", &kind, "partition_reference", &reference,
		"shared?", &shared, "partition_parameter_kw?", &given, "filter_kw?", &filter, "state?", &state)
	if err != nil {
		return nil, err
	}
	for key, t := range filter.Later {
		return nil, fmt.Errorf("%s: for parameter filter_kw: key %q: %w", b.Name(), key, lang.Refuse(t, "this argument"))
	}
	parameters, err := knownParameters(given)
	if err != nil {
		return nil, fmt.Errorf("%s: for parameter partition_parameter_kw: %w", b.Name(), err)
	}
	change := fmt.Sprintf("~ %s: requests %q of %s, with the parameters (%s) and no others", p.who(), string(reference), string(release), strings.Join(parameters.Keys(), ", "))
	if err := p.confirm(thread, b, change); err != nil {
		return nil, err
	}
	child, err := p.s.live.RequestChild(p.s.ctx(), p.computer, p.partition, slap.InstanceRequest{
		Name: string(reference), SoftwareRelease: string(release), SoftwareType: string(kind), State: string(state), Shared: shared,
		Parameters: parameters, SLA: filter.Known,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return &partition{s: p.s, computer: child.Computer, partition: child.Partition}, nil
}
