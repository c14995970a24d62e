package console

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/starlib/lang"
)

// products lists the software products, a struct each.
//
//	products()
func (s *Session) products(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	list := starlark.NewList(nil)
	if s.options.Products == nil {
		return list, nil
	}
	found, err := s.options.Products(s.ctx())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	for _, p := range found {
		releases, types := starlark.NewList(nil), starlark.NewList(nil)
		for _, r := range p.Releases {
			releases.Append(starlark.String(r.URL)) // a new list takes anything
		}
		for _, name := range p.Types {
			types.Append(starlark.String(name))
		}
		list.Append(starlarkstruct.FromStringDict(starlarkstruct.Default, starlark.StringDict{
			"name": starlark.String(p.Reference), "title": starlark.String(p.Title), "project": starlark.String(p.Project), "releases": releases, "types": types,
		}))
	}
	return list, nil
}
