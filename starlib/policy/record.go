package policy

import (
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"slapstar/starlib/lang"
)

// A record is a value with attributes, which are not changed.
type record struct {
	name   string // of its type
	fields starlark.StringDict
}

var _ starlark.HasAttrs = (*record)(nil)

func (r *record) String() string        { return "<" + r.name + ">" }
func (r *record) Type() string          { return r.name }
func (r *record) Freeze()               { r.fields.Freeze() }
func (r *record) Truth() starlark.Bool  { return true }
func (r *record) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: %s", r.name) }
func (r *record) AttrNames() []string   { return slices.Sorted(slices.Values(r.fields.Keys())) }

// Attr implements [starlark.HasAttrs].
func (r *record) Attr(name string) (starlark.Value, error) {
	if v, ok := r.fields[name]; ok {
		return v, nil
	}
	err := fmt.Errorf("%s has no .%s attribute", r.name, name)
	return nil, lang.Suggest(err, name, r.AttrNames())
}
