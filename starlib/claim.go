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
//	owns(pattern, ..., protect=[], but=[])
//
// What matches one of protect is not destroyed, and what matches one of but is not
// claimed.
func owns(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	var protect, but lang.Names
	if err := lang.UnpackArgs(b.Name(), nil, kwargs, "protect?", &protect, "but?", &but); err != nil {
		return nil, err
	}
	if len(args) == 0 {
		return nil, fmt.Errorf("%s: want patterns, such as %s(\"shop-*\")", b.Name(), b.Name())
	}
	claimed := engine.Config{}
	for _, v := range args {
		var pattern lang.Name
		err := pattern.Unpack(v)
		if err == nil {
			err = checkPattern(string(pattern))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		claimed.Claims = append(claimed.Claims, engine.Claim{Pattern: string(pattern), Origin: lang.OriginOf(thread)})
	}
	for _, pattern := range but {
		if err := addException(&claimed, pattern); err != nil {
			return nil, fmt.Errorf("%s: for parameter but: %w", b.Name(), err)
		}
	}
	for _, pattern := range protect {
		if err := addProtection(&claimed, pattern); err != nil {
			return nil, fmt.Errorf("%s: for parameter protect: %w", b.Name(), err)
		}
	}
	e.config.Claims = append(e.config.Claims, claimed.Claims...)
	return starlark.None, nil
}

func checkPattern(pattern string) error {
	err := engine.CheckPattern(pattern)
	if err != nil {
		err = lang.Hint(err, fmt.Sprintf("for the instance of this name write %q", engine.EscapeName(pattern)))
	}
	return err
}

// addException takes names out of the claims. A pattern that matches none of the names that
// they cover is a slip.
func addException(c *engine.Config, pattern string) error {
	if err := checkPattern(pattern); err != nil {
		return err
	}
	found := false
	for n := range c.Claims {
		if claim := &c.Claims[n]; engine.PatternsMeet(claim.Pattern, pattern, nil) {
			claim.But, found = append(claim.But, pattern), true
		}
	}
	if !found {
		return fmt.Errorf("%q matches none of the names that the patterns before it match", pattern)
	}
	return nil
}

// addProtection adds a pattern to the claim that covers it, or to the first one. A name
// that none covers is a slip.
func addProtection(c *engine.Config, pattern string) error {
	if err := checkPattern(pattern); err != nil {
		return err
	}
	claim := &c.Claims[0]
	if engine.IsName(pattern) {
		if claim = c.Ownership(nil).Claim(pattern); claim == nil {
			return fmt.Errorf("%q matches none of the patterns before it", pattern)
		}
	}
	claim.Protect = append(claim.Protect, pattern)
	return nil
}

// checkClaims looks for instances that are declared outside of the claims, once
// there are some: it may be a slip in a name.
func (e *Evaluation) checkClaims() {
	if len(e.config.Claims) == 0 {
		return
	}
	owners := e.config.Ownership(nil)
	for _, i := range e.config.Instances() {
		if owners.Claim(i.Name) == nil {
			first := e.config.Claims[0]
			e.Note(lang.NewProblem(i.Origin, lang.Hint(
				fmt.Errorf("request: instance %q is not among those that the files own: %q, at %v", i.Name, first.Pattern, first.Origin.Position()),
				"another name, or another pattern in owns")))
		}
	}
}
