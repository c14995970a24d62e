package engine

import (
	"fmt"
	"path"
)

// matches reports whether a claim covers the name of an instance.
func (c Claim) matches(name string) bool {
	ok, err := path.Match(c.Pattern, name)
	return ok && err == nil // the pattern was checked when it was made
}

// CheckPattern returns an error for a pattern that [Claim] does not take.
func CheckPattern(pattern string) error {
	if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
		return fmt.Errorf("got %q, want a pattern such as \"shop-*\"", pattern)
	}
	return nil
}

// ClaimOn returns the claim that covers a name, or nil.
func (c *Config) ClaimOn(name string) *Claim {
	for i := range c.Claims {
		if c.Claims[i].matches(name) {
			return &c.Claims[i]
		}
	}
	return nil
}
