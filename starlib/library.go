package starlib

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.starlark.net/starlark"

	"slapstar/starlib/lang"
)

// A library is the predeclared name slap: the SLAP library object of slapos
// console, whose calls paste in unchanged. What it does to a Master at once works
// in the console only.
type library struct{ e *evaluation }

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
	"registerOpenOrder":                         registered("open order", map[string]builtinFunc{"request": request, "getInformation": getInformation}, "requestComputer"),
	"registerSupply":                            registered("supply", map[string]builtinFunc{"supply": supply}),
}

// Attr implements [starlark.HasAttrs].
func (l library) Attr(name string) (starlark.Value, error) {
	return l.e.method("slap", name, l.methods(), slices.Collect(maps.Keys(liveLibrary)))
}

// AttrNames implements [starlark.HasAttrs].
func (l library) AttrNames() []string { return sortedKeys(l.methods()) }

func (l library) methods() map[string]builtinFunc {
	if l.e.live == nil {
		return libraryMethods
	}
	all := maps.Clone(libraryMethods)
	maps.Copy(all, liveLibrary)
	return all
}

func (e *evaluation) method(of, name string, methods map[string]builtinFunc, console []string) (starlark.Value, error) {
	if f, ok := methods[name]; ok {
		return starlark.NewBuiltin(name, f), nil
	}
	if slices.Contains(console, name) {
		return nil, e.atOnce(of + "." + name)
	}
	return nil, nil
}

// atOnce is the error of what only a session does that acts on the Master at once.
func (e *evaluation) atOnce(what string) error {
	if e.session != nil {
		return lang.Hint(fmt.Errorf("%s reads or writes the Master at once: that does not go with --staged", what), "slapstar console without --staged has it")
	}
	return fmt.Errorf("%s reads or writes the Master at once: that works in slapstar console only", what)
}

// An object is what a method of slap returns.
type object struct {
	e       *evaluation
	kind    string
	methods map[string]builtinFunc
	console []string
}

func (o *object) String() string        { return "<" + o.kind + ">" }
func (o *object) Type() string          { return o.kind }
func (o *object) Freeze()               {}
func (o *object) Truth() starlark.Bool  { return true }
func (o *object) Hash() (uint32, error) { return 0, errors.New("unhashable: " + o.kind) }

// Attr implements [starlark.HasAttrs].
func (o *object) Attr(name string) (starlark.Value, error) {
	return o.e.method(o.kind, name, o.methods, o.console)
}

// AttrNames implements [starlark.HasAttrs].
func (o *object) AttrNames() []string { return sortedKeys(o.methods) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// registered is a method without arguments that returns an object.
func registered(kind string, methods map[string]builtinFunc, console ...string) builtinFunc {
	return func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return &object{current(thread), kind, methods, console}, lang.UnpackArgs(b.Name(), args, kwargs)
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
	}, sortedKeys(nodeMethods)}, nil
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
