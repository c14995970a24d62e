package starlib

import (
	"fmt"

	"go.starlark.net/starlark"
)

// declaredOutput returns how the engine holds the value of an output, after ! where it is not
// to be shown.
func declaredOutput(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	name, _ := starlark.AsString(args[0])
	for _, o := range current(thread).config.Outputs {
		if o.Name != name {
			continue
		}
		text := bracketed(o.Value)
		if o.Hidden() {
			text = "!" + text
		}
		return starlark.String(text), nil
	}
	return nil, fmt.Errorf("there is no output %q", name)
}
