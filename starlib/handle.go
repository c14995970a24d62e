package starlib

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// Handle returns the handle of an instance that exists and that nothing declares.
func (e *Evaluation) Handle(existing slap.Instance) starlark.HasAttrs {
	return &handle{e: e, existing: &existing}
}

// HandleOf returns what a handle stands for: an instance that is declared, or one
// that exists. It is neither, when v is no handle.
func HandleOf(v starlark.Value) (declared *engine.Instance, existing *slap.Instance) {
	if h, ok := v.(*handle); ok {
		return h.instance, h.existing
	}
	return nil, nil
}

// A handle stands for an instance: one that is declared, or one that exists and
// is only asked about.
type handle struct {
	e        *Evaluation
	instance *engine.Instance // nil for one that is not declared
	existing *slap.Instance   // of one that is not declared
}

var _ starlark.HasAttrs = (*handle)(nil)

func (h *handle) name() string {
	if h.instance != nil {
		return h.instance.Name
	}
	return h.existing.Name
}

// InstanceName returns the name of the instance.
func (h *handle) InstanceName() string { return h.name() }

func (h *handle) String() string        { return fmt.Sprintf("<instance %q>", h.name()) }
func (h *handle) Type() string          { return "instance" }
func (h *handle) Freeze()               {}
func (h *handle) Truth() starlark.Bool  { return true }
func (h *handle) Hash() (uint32, error) { return starlark.String(h.name()).Hash() }

type handleMethod = func(*handle, *starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error)

// handleMethods are the methods of a handle, with the names of the SLAP library.
var handleMethods = map[string]handleMethod{
	"getConnectionParameter": (*handle).getConnectionParameter,
	"getConnectionParameterDict": onMaster(func(h *handle, i *slap.Instance) (starlark.Value, bool) {
		return h.e.publishedDict(h.name(), i.ConnectionParameters), len(i.ConnectionParameters) > 0
	}),
	"getId":           identity(engine.ID),
	"getInstanceGuid": identity(engine.GUID),
	"output":          (*handle).output,
	"getStatus": onMaster(func(h *handle, i *slap.Instance) (starlark.Value, bool) {
		return h.e.ofMaster(i.Status.Text, engine.Credential{Instance: h.name(), Key: "status"}), true
	}),
	"getInstanceParameter":     (*handle).getInstanceParameter,
	"getInstanceParameterDict": (*handle).getInstanceParameterDict,
	"getSoftwareRelease":       declaredText(func(h *handle) string { return h.declared().SoftwareRelease }),
	"getState":                 declaredText(func(h *handle) string { return h.declared().State }),
	"getType":                  declaredText(func(h *handle) string { return h.declared().SoftwareType }),
}

// Attr implements [starlark.HasAttrs].
func (h *handle) Attr(name string) (starlark.Value, error) {
	method, ok := handleMethods[name]
	if !ok {
		return nil, h.e.consoleOnly("instance", name)
	}
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return method(h, thread, b, args, kwargs)
	}), nil
}

// AttrNames implements [starlark.HasAttrs].
func (h *handle) AttrNames() []string { return sortedKeys(handleMethods) }

// declared is what the file asks for, or what there is of an instance that it
// does not declare.
func (h *handle) declared() slap.InstanceRequest {
	if h.instance == nil {
		return h.existing.InstanceRequest
	}
	return slap.InstanceRequest{Name: h.instance.Name, SoftwareRelease: h.instance.SoftwareRelease, SoftwareType: h.instance.SoftwareType, State: h.instance.State}
}

// declaredText is a method without arguments that is known from the declaration.
func declaredText(get func(*handle) string) handleMethod {
	return func(h *handle, _ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
			return nil, err
		}
		return starlark.String(get(h)), nil
	}
}

// onMaster is a method without arguments that only the Master can answer: before
// the instance is there it is an error, not a guess.
func onMaster(get func(*handle, *slap.Instance) (starlark.Value, bool)) handleMethod {
	return func(h *handle, thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
			return nil, err
		}
		if err := h.e.look(h.name()); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		if h.e.inputs.StandIn {
			return h.toCome(thread, b.Name(), ""), nil
		}
		i := h.existing
		if i == nil {
			if found, ok := h.e.inputs.instance(h.instance.Name); ok && h.instance.State != slap.Destroyed {
				i = &found
			}
		}
		if i != nil {
			if v, known := get(h, i); known {
				return v, nil
			}
			return nil, fmt.Errorf("%s of instance %q is not known: the Master does not tell it", b.Name(), h.name())
		}
		return nil, lang.Hint(fmt.Errorf("%s of instance %q is not known before the instance is there", b.Name(), h.name()), "getConnectionParameter gives a value that can be used before")
	}
}

func (e *Evaluation) publishedDict(instance string, p slap.Parameters) starlark.Value {
	if e.hooks != nil {
		e.hooks.Published(p)
	}
	d := starlark.NewDict(len(p))
	for _, key := range p.Keys() {
		d.SetKey(starlark.String(key), e.published(engine.Reference{Instance: instance, Key: key}, p[key])) // a new dictionary takes any text
	}
	return d
}

// published returns what an instance has published as the files get it, see ofMaster. It
// knows where it comes from.
func (e *Evaluation) published(r engine.Reference, value string) starlark.Value {
	if known := (engine.Published{Instance: r.Instance, Key: r.Key, Value: value}); known.LooksCredential() {
		e.give(known)
	}
	return e.shown(e.masterText(value, engine.Credential{Instance: r.Instance, Key: r.Key}).WithSource(r))
}

// ofMaster returns a text of the Master as the files get it: what looks like a
// credential, or holds a secret of the run, flows into parameters, and nowhere else. At a
// prompt it is text like other text, which the session hides, unless the files are
// untrusted.
func (e *Evaluation) ofMaster(value string, c engine.Credential) starlark.Value {
	return e.shown(e.masterText(value, c))
}

func (e *Evaluation) masterText(value string, c engine.Credential) engine.Text {
	if e.hooks != nil && e.hooks.Plain() {
		return engine.Literal(value)
	}
	c.Holds = e.inputs.Mask.Holds
	return engine.MasterText(value, c)
}

// shown returns a text as the files get it, and notes what is hidden of it.
func (e *Evaluation) shown(t engine.Text) starlark.Value {
	for _, value := range t.CredentialValues() {
		e.inputs.Mask.AddCredential(value)
	}
	return e.Value(t)
}

// getConnectionParameter returns what the instance has published under a key,
// or a value that is not known yet.
//
//	handle.getConnectionParameter(key)
func (h *handle) getConnectionParameter(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var key lang.Name
	var wait starlark.Value
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "key", &key, "wait??", &wait); err != nil {
		return nil, err
	}
	if wait != nil && wait != starlark.False {
		return nil, fmt.Errorf("%s: %w", b.Name(), h.e.cannotWait())
	}
	if err := h.e.look(h.name()); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	if value, ok := h.lookup()(engine.Reference{Instance: h.name(), Key: string(key)}); ok {
		return h.e.published(engine.Reference{Instance: h.name(), Key: string(key)}, value), nil
	}
	return h.e.Value(engine.Refer(engine.Reference{
		Instance: h.name(),
		Key:      string(key),
		Position: lang.OriginOf(thread).Position(),
	})), nil
}

// cannotWait is the error of a wait: what needs the value is carried out later.
func (e *Evaluation) cannotWait() error {
	if e.hooks != nil {
		return e.hooks.Waiting()
	}
	return errors.New("waiting works in slapstar console only: what needs the value in a file is carried out once it is there")
}

// give notes a credential that the files were given of what an instance has published.
func (e *Evaluation) give(p engine.Published) {
	if !e.given[p] {
		e.given[p] = true
		e.config.Published = append(e.config.Published, p)
	}
}

// instanceParameters are those of the declaration, or those that there are.
func (h *handle) instanceParameters() map[string]starlark.Value {
	p := map[string]starlark.Value{}
	if h.instance != nil {
		for key, t := range h.instance.Parameters {
			p[key] = h.e.Value(t)
		}
		return p
	}
	for key, value := range h.existing.Parameters {
		p[key] = h.e.ofMaster(value, engine.Credential{Instance: h.name(), Key: key, Requested: true})
	}
	return p
}

// toCome is what a Master would say of the instance, where nobody asks one.
func (h *handle) toCome(thread *starlark.Thread, what, key string) starlark.Value {
	r := engine.Reference{Instance: h.name(), Kind: engine.Kind(what), Key: key, Position: lang.OriginOf(thread).Position()}
	if strings.HasSuffix(what, "Dict") {
		r.Path, r.JSON = engine.Whole, true
		return h.e.Later(r)
	}
	return h.e.Value(engine.Refer(r))
}

func (h *handle) getInstanceParameterDict(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	if h.instance == nil && h.e.inputs.StandIn {
		return h.toCome(thread, b.Name(), ""), nil
	}
	p := h.instanceParameters()
	d := starlark.NewDict(len(p))
	for _, key := range slices.Sorted(maps.Keys(p)) {
		d.SetKey(starlark.String(key), p[key]) // a new dictionary takes any text
	}
	return d, nil
}

func (h *handle) getInstanceParameter(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var key lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "key", &key); err != nil {
		return nil, err
	}
	if h.instance == nil && h.e.inputs.StandIn {
		return h.toCome(thread, b.Name(), string(key)), nil
	}
	p := h.instanceParameters()
	v, ok := p[string(key)]
	if !ok {
		return nil, lang.Suggest(fmt.Errorf("instance %q has no parameter %q", h.name(), string(key)), string(key), slices.Sorted(maps.Keys(p)))
	}
	return v, nil
}

// getInformation returns the handle of an instance that exists, without declaring
// it.
//
//	getInformation(partition_reference)
func getInformation(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	var reference lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "partition_reference", &reference); err != nil {
		return nil, err
	}
	if e.hooks != nil {
		if v, err := e.hooks.Information(string(reference)); v != nil || err != nil {
			return v, named(b, err)
		}
	}
	if twin, ok := e.declared[engine.InstanceAddress(string(reference))]; ok {
		return twin.value, nil
	}
	if e.beyond { // it may be declared yet
		return nil, lang.ErrDoubt
	}
	if !slices.Contains(e.config.Reads, string(reference)) {
		e.config.Reads = append(e.config.Reads, string(reference))
	}
	if err := e.look(string(reference)); err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	found, ok := e.inputs.instance(string(reference))
	if !ok {
		return nil, fmt.Errorf("%s: there is no instance %q on the Master", b.Name(), string(reference))
	}
	return e.Handle(found), nil
}
