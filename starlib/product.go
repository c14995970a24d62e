package starlib

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/starlib/lang"
)

// A product is the value of the predeclared name: product.kvm is the URL of
// the best software release of the product kvm. product["kvm"] and
// product.get("kvm") are the same, for names that are no identifiers.
type product struct{ e *Evaluation }

var (
	_ starlark.HasAttrs = product{}
	_ starlark.Mapping  = product{}
)

func (product) String() string        { return "product" }
func (product) Type() string          { return "product" }
func (product) Freeze()               {}
func (product) Truth() starlark.Bool  { return true }
func (product) Hash() (uint32, error) { return 0, errors.New("unhashable: product") }

// AttrNames is short because a Master does not list its products.
func (product) AttrNames() []string { return []string{"get"} }

// Attr looks a product up.
func (p product) Attr(name string) (starlark.Value, error) {
	if name == "get" {
		return starlark.NewBuiltin("product.get", p.get), nil
	}
	return p.release(name)
}

// Get implements product[NAME].
func (p product) Get(key starlark.Value) (starlark.Value, bool, error) {
	var n lang.Name
	if err := n.Unpack(key); err != nil {
		return nil, false, fmt.Errorf("product: %w", err)
	}
	release, err := p.release(string(n))
	return release, err == nil, err
}

func (p product) get(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var n lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "name", &n); err != nil {
		return nil, err
	}
	return p.release(string(n))
}

func (p product) release(name string) (starlark.Value, error) {
	url, err := p.e.inputs.Product(p.e.Context(), name)
	if err != nil {
		return nil, fmt.Errorf("product.%s: %w", name, err)
	}
	if url == "" {
		return nil, p.unknown(name)
	}
	p.e.products[url] = name
	return starlark.String(url), nil
}

// unknown is the error of a name that the Master does not know, with what to do about it.
func (p product) unknown(name string) error {
	err := fmt.Errorf("product.%s: the Master knows no software product of this name", name)
	if hint := lang.DidYouMean(name, p.e.inputs.Products); hint != "" {
		return lang.Hint(err, hint)
	}
	hint := "a full Master has its own: products() in slapstar console lists them; for an embedded Master, write NAME URL below software_product_list in [slapproxy] of slapos.cfg"
	if len(p.e.inputs.Products) == 0 {
		hint += ", which slapstar init writes"
	}
	return lang.Hint(err, hint)
}
