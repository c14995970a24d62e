package starlib

import (
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// owns claims names of instances: one that matches and is not declared is to be
// destroyed, and one that is declared has to match.
//
//	owns(pattern, ...)
func owns(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	if len(kwargs) > 0 || len(args) == 0 {
		return nil, fmt.Errorf("%s: want patterns, such as %s(\"shop-*\")", b.Name(), b.Name())
	}
	for _, v := range args {
		var pattern lang.Name
		err := pattern.Unpack(v)
		if err == nil {
			err = engine.CheckPattern(string(pattern))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		e.config.Claims = append(e.config.Claims, engine.Claim{Pattern: string(pattern), Origin: lang.OriginOf(thread)})
	}
	return starlark.None, nil
}

// checkClaims looks for instances that are declared outside of the claims, once
// there are some: it may be a slip in a name.
func (e *Evaluation) checkClaims() {
	if len(e.config.Claims) == 0 {
		return
	}
	for _, i := range e.config.Instances() {
		if e.config.ClaimOn(i.Name) == nil {
			first := e.config.Claims[0]
			e.Note(lang.NewProblem(i.Origin, lang.Hint(
				fmt.Errorf("request: instance %q is not among those that the files own: %q, at %v", i.Name, first.Pattern, first.Origin.Position()),
				"another name, or another pattern in owns")))
		}
	}
}
