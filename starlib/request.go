package starlib

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// maxTitle is the longest instance name, in characters, that the JSON-RPC
// interface of a Master takes.
const maxTitle = 200

// positional is how many arguments of request may be given by position, as in
// the SLAP library.
const positional = 7

// request declares an instance tree and returns its handle.
//
//	request(software_release, partition_reference, partition_parameter_kw=None,
//	        software_type=None, filter_kw=None, state=None, shared=False, *,
//	        serialisation=None, depends_on=[], protect=False, ignore_changes=[],
//	        wait_for=[], timeout=None, supply=False, project=None, host=None)
//
// The first seven may be positional, as in the SLAP library (slapos.core
// slapos/slap/slap.py, OpenOrder.request). An identical second request returns
// the same handle; a different one is an error.
func request(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	var supplied bool
	i, err := e.unpackRequest(thread, b.Name(), args, kwargs, &supplied)
	if err == nil {
		err = e.doubt(i)
	}
	if err == nil && supplied {
		err = e.supplyFor(i, b.Name())
	}
	if err != nil {
		return e.noted(thread, err)
	}
	if e.hooks != nil {
		if v, err := e.hooks.Declare(i); v != nil || err != nil {
			return v, named(b, err)
		}
	}
	handle, err := e.declare(i, &handle{e: e, instance: i})
	if err != nil {
		return e.noted(thread, fmt.Errorf("%s: %w", b.Name(), err))
	}
	return handle, nil
}

// named is an error of a builtin, with its name; nil stays nil.
func named(b *starlark.Builtin, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", b.Name(), err)
}

// maxMistakes is how many mistakes one evaluation goes on after.
const maxMistakes = 20

// noted notes what is wrong with a declaration. The evaluation goes on with
// what stands for it, unless it is the boundary of a stage or there are many.
func (e *Evaluation) noted(thread *starlark.Thread, err error) (starlark.Value, error) {
	switch {
	case errors.Is(err, lang.ErrMistake):
		return &lang.Mistake{}, nil
	case lang.IsBoundary(err), errors.Is(err, lang.ErrDoubt), len(e.Problems()) >= maxMistakes, e.hooks != nil: // at a prompt one mistake is enough
		return nil, err
	}
	e.Note(lang.NewProblem(lang.OriginOf(thread), err))
	return &lang.Mistake{}, nil
}

func (e *Evaluation) unpackRequest(thread *starlark.Thread, builtin string, args starlark.Tuple, kwargs []starlark.Tuple, supplied *bool) (*engine.Instance, error) {
	if len(args) > positional {
		return nil, fmt.Errorf("%s: got %d positional arguments, want at most %d", builtin, len(args), positional)
	}
	var release, reference, kind, how, project lang.Name
	var given, limit starlark.Value
	filter := SLA{textOf: e.StringText}
	var state InstanceState
	var shared, protect bool
	var dependsOn instanceNames
	var host carrier
	var ignore lang.Names
	var waitFor awaited
	err := lang.UnpackArgs(builtin, args, kwargs,
		"software_release", &release, "partition_reference", &reference,
		"partition_parameter_kw?", &given, "software_type??", &kind,
		"filter_kw?", &filter, "state?", &state, "shared?", &shared,
		"serialisation??", &how, "depends_on?", &dependsOn, "protect?", &protect,
		"ignore_changes?", &ignore, "wait_for?", &waitFor, "timeout??", &limit, "supply?", supplied, "project??", &project, "host?", &host)
	if err != nil {
		return nil, err
	}
	i := &engine.Instance{
		Name:            string(reference),
		SoftwareRelease: string(release),
		Product:         e.products[string(release)],
		SoftwareType:    string(kind),
		State:           string(state),
		StateGiven:      state != "",
		Shared:          shared,
		SLA:             filter.Known,
		SLALater:        filter.Later,
		SLASources:      filter.Sources,
		Project:         string(project),
		Origin:          lang.OriginOf(thread),
		DependsOn:       dependsOn,
		Protect:         protect,
		IgnoreChanges:   ignore,
		WaitFor:         waitFor,
	}
	var kept map[string]engine.Text
	if e.hooks != nil {
		if kept, err = e.hooks.Keep(i, !isGiven("shared", positional, args, kwargs)); err != nil {
			return nil, fmt.Errorf("%s: %w", builtin, err)
		}
	}
	if i.SoftwareType == "" {
		i.SoftwareType = slap.DefaultType
	}
	if i.State == "" {
		i.State = slap.Started
	}
	wrong := func(parameter string, err error) error {
		return fmt.Errorf("%s: for parameter %s: %w", builtin, parameter, err)
	}
	if n := utf8.RuneCountInString(i.Name); n > maxTitle {
		return nil, wrong("partition_reference", fmt.Errorf("got %d characters, want at most %d", n, maxTitle))
	}
	for _, path := range ignore {
		if err := engine.ParseAttributePath(path); err != nil {
			return nil, wrong("ignore_changes", lang.Suggest(err, path, engine.AttributePaths()))
		}
	}
	if err := SetTimeout(i, limit); err != nil {
		return nil, wrong("timeout", err)
	}
	if err := host.putInto(thread, i); err != nil {
		return nil, wrong("host", err)
	}
	if kept != nil && (given == nil || given == starlark.None) {
		i.Parameters = kept
		return i, nil
	}
	if i.Parameters, err = e.parameters(thread, i, given, slap.Serialisation(how)); err != nil {
		if errors.Is(err, lang.ErrMistake) {
			return nil, err
		}
		return nil, wrong("partition_parameter_kw", err)
	}
	return i, nil
}

// parameters reads what travels to an instance, in the form that the file says, or else
// the release.
func (e *Evaluation) parameters(thread *starlark.Thread, i *engine.Instance, given starlark.Value, how slap.Serialisation) (map[string]engine.Text, error) {
	switch i.Serialisation = how; how {
	case slap.JSONInXML:
		return e.jsonParameters(thread, given)
	case slap.XML, "":
	default:
		return nil, fmt.Errorf("serialisation: got %q, want %q or %q", how, slap.XML, slap.JSONInXML)
	}
	p, err := plainParameters(given, e.StringText)
	_, isNested := errors.AsType[*nestedError](err)
	if how == "" && (isNested || err == nil && !isWrapped(p) && i.State != slap.Destroyed) && e.inputs.Serialisation != nil {
		how, schemaErr := e.inputs.Serialisation(e.Context(), Travel{i.Name, i.SoftwareRelease, i.SoftwareType, i.Shared, isNested})
		switch {
		case e.Context().Err() != nil:
			return nil, e.Context().Err()
		case how == slap.JSONInXML:
			return e.jsonParameters(thread, given)
		case isNested && schemaErr != nil:
			hint := "pass serialisation=\"json-in-xml\" if it takes them as JSON"
			if more := lang.HintOf(schemaErr); more != "" {
				hint += "; " + more
			}
			return nil, lang.Hint(fmt.Errorf("%w, and the schema of the release, which would say how it takes them, cannot be had: %v", err, schemaErr), hint)
		}
	}
	if isNested {
		return nil, lang.Hint(err, "pass serialisation=\"json-in-xml\" if the release takes them as JSON")
	}
	i.Typed = typedValues(given)
	return p, err
}

// isWrapped reports whether parameters are the same in either form: there are none, or
// they are the JSON of all.
func isWrapped(p map[string]engine.Text) bool {
	_, ok := p["_"]
	return len(p) == 0 || ok && len(p) == 1
}

// jsonParameters writes a document in the one parameter "_". What is such a
// parameter already stays as it is.
func (e *Evaluation) jsonParameters(thread *starlark.Thread, given starlark.Value) (map[string]engine.Text, error) {
	if given == nil || given == starlark.None {
		given = starlark.NewDict(0)
	}
	items, err := mappingItems(given)
	if err != nil {
		return nil, err
	}
	if len(items) == 1 && items[0][0] == starlark.String("_") {
		if t, ok := e.TextOf(items[0][1]); ok {
			if err := checkText(t); err != nil {
				return nil, fmt.Errorf("key %q: %w", "_", err)
			}
			return map[string]engine.Text{"_": t}, nil
		}
	}
	for _, item := range items {
		if _, err := parameterKey(item[0]); err != nil {
			return nil, err
		}
		if _, ok := item[1].(*lang.Mistake); ok {
			return nil, lang.ErrMistake
		}
	}
	document, err := lang.EncodeJSON(thread, nil, starlark.Tuple{given}, nil)
	if err != nil {
		return nil, err
	}
	if path, err := checkDocument(given); err != nil {
		return nil, fmt.Errorf("key %q: %w", strings.TrimPrefix(path, "."), err)
	}
	t, _ := e.TextOf(document)
	return map[string]engine.Text{"_": t}, nil
}

// declare records a resource. Where one of its address is declared already it
// returns what that declaration returned if both are the same.
func (e *Evaluation) declare(r engine.Resource, value starlark.Value) (starlark.Value, error) {
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
			differ(fmt.Sprintf("partition_parameter_kw[%q]", key), !a.Parameters[key].SameKind(b.Parameters[key]) || !a.Parameters[key].Equal(b.Parameters[key]))
		}
		for _, key := range slices.Sorted(maps.Keys(b.Parameters)) {
			differ(fmt.Sprintf("partition_parameter_kw[%q]", key), a.Parameters[key] == nil)
		}
		differ("software_type", a.SoftwareType != b.SoftwareType)
		differ("filter_kw", !maps.Equal(a.SLA, b.SLA) || !maps.EqualFunc(a.SLALater, b.SLALater, engine.Text.Equal))
		differ("project", a.Project != b.Project)
		differ("state", a.State != b.State)
		differ("shared", a.Shared != b.Shared)
		differ("depends_on", !slices.Equal(a.DependsOn, b.DependsOn))
		differ("protect", a.Protect != b.Protect)
		differ("ignore_changes", !slices.Equal(a.IgnoreChanges, b.IgnoreChanges))
		differ("wait_for", !slices.Equal(a.WaitFor, b.WaitFor))
		differ("timeout", a.Timeout != b.Timeout)
	case *engine.Software:
		differ("state", a.State != b.(*engine.Software).State)
	}
	return list
}
