package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slapstar/internal/function"
)

// A Derivation is a function of a text of which the value is not known yet, or not to be
// shown, or of which it is known where it comes from. The function runs once the text is
// known.
type Derivation struct {
	function.Function
	Of Text

	// Fault is what is wrong with the text, where it is known: the function has no
	// result. It shows the text, unless that is hidden.
	Fault string
}

// Derive returns the text that a function makes of another one. The error is that of a
// function of text that is known and not hidden. Of a text that is hidden it would tell
// something: there it stays in the text, and what needs the value fails.
func Derive(f function.Function, of Text) (Text, error) {
	value, known := of.Known()
	if !known {
		return Text{{Derived: &Derivation{Function: f, Of: of}}}, nil
	}
	result, err := f.Apply(value)
	switch {
	case !of.Hidden() && err != nil:
		return nil, err
	case !of.Hidden() && !of.HasSources():
		return Literal(result), nil
	case !of.Hidden():
		return Text{{Literal: result, Derived: &Derivation{Function: f, Of: of}}}, nil
	case err != nil:
		return Text{{Derived: &Derivation{Function: f, Of: of, Fault: "the value does not allow it"}}}, nil
	}
	return Text{{Literal: result, Derived: &Derivation{Function: f, Of: of}}}, nil
}

// resolve is the derivation of what its text has become.
func (d *Derivation) resolve(of Text) Text {
	t, err := Derive(d.Function, of)
	if err != nil {
		return Text{{Derived: &Derivation{Function: d.Function, Of: of, Fault: err.Error()}}}
	}
	return t
}

// known reports whether the literal text of the part is the result.
func (d *Derivation) known() bool {
	_, known := d.Of.Known()
	return known && d.Fault == ""
}

// A FaultError says that the function of a value cannot be carried out.
type FaultError struct {
	Function string // as it is written
	Fault    string
}

func (e *FaultError) Error() string { return fmt.Sprintf("%s: %s", e.Function, e.Fault) }

// Fault returns why a value can never be known; nil: it is known, or may be.
func (t Text) Fault() error {
	for _, p := range t {
		if p.Derived != nil && p.Derived.Fault != "" {
			return &FaultError{p.Derived.Name, p.Derived.Fault}
		}
		if err := p.Inner().Fault(); err != nil {
			return err
		}
	}
	return nil
}

// Inner is the text that a part is made of: the one in quotes, or the one of which it is
// a function. It is nil for another part.
func (p Part) Inner() Text {
	if p.Derived != nil {
		return p.Derived.Of
	}
	return p.Quoted
}

// tells reports whether a part is made of something hidden by a function that could tell
// a piece of it, were the result compared with guesses.
func (p Part) tells() bool { return p.Derived != nil && !p.Derived.Whole() && p.Derived.Of.Hidden() }

// Guarded reports whether the value is one that a plan of untrusted files does not
// compare: it holds a secret, or a piece of a credential.
func (t Text) Guarded() bool {
	return slices.ContainsFunc(t, func(p Part) bool { return p.Secret != "" || p.tells() || p.Inner().Guarded() })
}

// withoutPieces returns the value with what tells a piece of something hidden withheld.
func (t Text) withoutPieces() Text {
	list := slices.Clone(t)
	for i, p := range list {
		switch {
		case p.tells():
			list[i].Literal, list[i].Withheld = "", true
		case p.Quoted != nil:
			list[i].Quoted = p.Quoted.withoutPieces()
		case p.Derived != nil && p.Derived.Of.Guarded():
			list[i].Literal, list[i].Derived = "", &Derivation{Function: p.Derived.Function, Of: p.Derived.Of.withoutPieces()}
		}
	}
	return list
}

// withoutPieces returns the Config as it is compared for a plan of untrusted files.
func (c *Config) withoutPieces() *Config {
	guarded := *c
	guarded.Resources = nil
	for _, r := range c.Resources {
		if i, ok := r.(*Instance); ok && slices.ContainsFunc(slices.Collect(maps.Values(i.Parameters)), Text.Guarded) {
			other := *i
			other.Parameters = make(map[string]Text, len(i.Parameters))
			for key, t := range i.Parameters {
				other.Parameters[key] = t.withoutPieces()
			}
			r = &other
		}
		guarded.Resources = append(guarded.Resources, r)
	}
	return &guarded
}

// Display is what stands for the result: it tells nothing of what is hidden.
func (d *Derivation) Display() string {
	references := d.Of.References()
	if len(references) == 0 {
		return Masked
	}
	var names []string
	keys := map[string][]string{}
	for _, r := range references {
		if keys[r.Instance] == nil {
			names = append(names, r.Instance)
		}
		if !slices.Contains(keys[r.Instance], r.Name()) {
			keys[r.Instance] = append(keys[r.Instance], r.Name())
		}
	}
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = name + ": " + strings.Join(keys[name], ", ")
	}
	return "(known after " + strings.Join(list, "; ") + ")"
}

func (d *Derivation) equal(other *Derivation) bool {
	if d == nil || other == nil {
		return d == other
	}
	return d.Name == other.Name && slices.Equal(d.Args, other.Args) && d.Of.Equal(other.Of)
}
