package engine

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// CheckPattern returns an error for a pattern that [Claim] and [Selection] do not take.
func CheckPattern(pattern string) error {
	if len(pattern) > maxPattern {
		return fmt.Errorf("got a pattern of %d bytes, want at most %d", len(pattern), maxPattern)
	}
	if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
		return fmt.Errorf("got %q, want a pattern such as \"shop-*\"", pattern)
	}
	return nil
}

// maxPattern is how long a pattern may be, in bytes: longer than any name.
const maxPattern = 1000

// IsName reports whether a pattern is a name: nothing in it has a meaning of its own.
func IsName(pattern string) bool { return !strings.ContainsAny(pattern, `*?[\`) }

// EscapeName returns the pattern that matches a name and nothing else.
func EscapeName(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(name)
}

// An Ownership tells which instances the claims of a [Config] cover, and which of them
// are protected. A pattern that is the name of an instance, declared or on the Master,
// stands for that instance alone.
type Ownership struct{ claims []ownedBy }

// An ownedBy is a [Claim] with what its patterns stand for.
type ownedBy struct {
	claim   *Claim
	pattern namePattern
	but     []namePattern // what it leaves to others
	protect []namePattern
}

// covers reports whether the claim covers a name.
func (by ownedBy) covers(name string) bool {
	return by.pattern.covers(name) && !slices.ContainsFunc(by.but, func(p namePattern) bool { return p.covers(name) })
}

// A namePattern is a name, or a pattern that [CheckPattern] takes.
type namePattern struct {
	text string
	name bool // there is an instance of this name
}

func (p namePattern) covers(name string) bool {
	if p.name || p.text == name {
		return p.text == name
	}
	ok, err := path.Match(p.text, name)
	return ok && err == nil // the pattern was checked when it was made
}

// Ownership returns what the claims cover. The State may be nil: then names on the Master
// do not count.
func (c *Config) Ownership(s *State) Ownership {
	if len(c.Claims) == 0 {
		return Ownership{}
	}
	names := map[string]bool{}
	for _, i := range c.Instances() {
		names[i.Name] = true
	}
	read := func(pattern string) namePattern {
		return namePattern{pattern, names[pattern] || s != nil && s.has(pattern)}
	}
	o := Ownership{claims: make([]ownedBy, len(c.Claims))}
	for n := range c.Claims {
		claim := &c.Claims[n]
		by := ownedBy{claim: claim, pattern: read(claim.Pattern)}
		for _, pattern := range claim.But {
			by.but = append(by.but, read(pattern))
		}
		for _, pattern := range claim.Protect {
			by.protect = append(by.protect, read(pattern))
		}
		o.claims[n] = by
	}
	return o
}

// Claim returns the first claim that covers a name, or nil.
func (o Ownership) Claim(name string) *Claim {
	for _, by := range o.claims {
		if by.covers(name) {
			return by.claim
		}
	}
	return nil
}

// Protector returns the first claim that protects a name, and by which pattern; nil if
// none does.
func (o Ownership) Protector(name string) (claim *Claim, pattern string) {
	for _, by := range o.claims {
		for _, p := range by.protect {
			if p.covers(name) {
				return by.claim, p.text
			}
		}
	}
	return nil, ""
}

// noteNames says which patterns are taken for names: once the instance is gone they
// would match others.
func (p *planning) noteNames() {
	for _, by := range p.claims.claims {
		for _, pattern := range slices.Concat([]namePattern{by.pattern}, by.but, by.protect) {
			if pattern.name && !IsName(pattern.text) {
				p.Notes = append(p.Notes, Note{Address: InstanceAddress(pattern.text), Origin: by.claim.Origin,
					Message: fmt.Sprintf("owns takes %q for the name of this instance, which wins over the pattern: %q says so also when it is gone", pattern.text, EscapeName(pattern.text))})
			}
		}
	}
}
