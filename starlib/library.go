package starlib

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/starlib/lang"
)

// A library is the predeclared name slap: the SLAP library object of slapos
// console, whose calls paste in unchanged. What it does to a Master at once works
// in the console only.
type library struct{ e *Evaluation }

var _ starlark.HasAttrs = library{}

func (library) String() string        { return "slap" }
func (library) Type() string          { return "slap" }
func (library) Freeze()               {}
func (library) Truth() starlark.Bool  { return true }
func (library) Hash() (uint32, error) { return 0, errors.New("unhashable: slap") }

type builtinFunc = func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error)

// libraryMethods are those of slap that a file can use.
var libraryMethods = map[string]builtinFunc{
	"getSoftwareReleaseListFromSoftwareProduct": releaseList,
	"registerComputer":                          registerComputer,
	"registerOpenOrder":                         registered("open order", map[string]builtinFunc{"request": request, "getInformation": getInformation}),
	"registerSupply":                            registered("supply", map[string]builtinFunc{"supply": supply}),
}

// Attr implements [starlark.HasAttrs].
func (l library) Attr(name string) (starlark.Value, error) {
	return l.e.method("slap", name, libraryMethods)
}

// AttrNames implements [starlark.HasAttrs].
func (l library) AttrNames() []string { return sortedKeys(libraryMethods) }

// method returns a method of the kind that the stub calls of.
func (e *Evaluation) method(of, name string, methods map[string]builtinFunc) (starlark.Value, error) {
	if f, ok := methods[name]; ok {
		return starlark.NewBuiltin(name, f), nil
	}
	return nil, e.consoleOnly(of, name)
}

// consoleOnly is the error of a method that only a session has which acts on the
// Master at once: of what the stub documents so. It is nil for other names.
func (e *Evaluation) consoleOnly(of, name string) error {
	full := of + "." + name
	if !slices.ContainsFunc(Reference(), func(d Definition) bool { return d.Console && d.Name == full }) {
		return nil
	}
	if e.hooks != nil {
		return e.hooks.AtOnce(full)
	}
	return fmt.Errorf("%s reads or writes the Master at once: that works in slapstar console only", full)
}

// An object is what a method of slap returns.
type object struct {
	e       *Evaluation
	kind    string
	methods map[string]builtinFunc
}

func (o *object) String() string        { return "<" + o.kind + ">" }
func (o *object) Type() string          { return o.kind }
func (o *object) Freeze()               {}
func (o *object) Truth() starlark.Bool  { return true }
func (o *object) Hash() (uint32, error) { return 0, errors.New("unhashable: " + o.kind) }

// Attr implements [starlark.HasAttrs].
func (o *object) Attr(name string) (starlark.Value, error) {
	return o.e.method(strings.ReplaceAll(o.kind, " ", "_"), name, o.methods)
}

// AttrNames implements [starlark.HasAttrs].
func (o *object) AttrNames() []string { return sortedKeys(o.methods) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// registered is a method without arguments that returns an object.
func registered(kind string, methods map[string]builtinFunc) builtinFunc {
	return func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return &object{current(thread), kind, methods}, lang.UnpackArgs(b.Name(), args, kwargs)
	}
}

// registerComputer returns a compute node, of which a file knows the name.
//
//	slap.registerComputer(computer_guid).getId()
func registerComputer(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var guid lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "computer_guid", &guid); err != nil {
		return nil, err
	}
	return &object{current(thread), "computer", map[string]builtinFunc{
		"getId": func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			return starlark.String(guid), lang.UnpackArgs(b.Name(), args, kwargs)
		},
	}}, nil
}

// releaseList returns the best software release of a product, in a list as the
// SLAP library does; it is empty when the Master does not know the product.
//
//	slap.getSoftwareReleaseListFromSoftwareProduct(software_product_reference)
func releaseList(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	var n lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "software_product_reference", &n); err != nil {
		return nil, err
	}
	url, err := e.inputs.Product(e.Context(), string(n))
	if err != nil || url == "" {
		return starlark.NewList(nil), err
	}
	e.products[url] = string(n)
	return starlark.NewList([]starlark.Value{starlark.String(url)}), nil
}
