package engine

import (
	"fmt"
	"path"
	"slices"

	"slapstar/slap"
)

// Matches reports whether a claim covers the name of an instance.
func (c Claim) Matches(name string) bool {
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
		if c.Claims[i].Matches(name) {
			return &c.Claims[i]
		}
	}
	return nil
}

// The brake on destroying what is claimed: of so many owned instances or more,
// no more than this part goes without being asked for.
const (
	massOwned = 10
	massPart  = 0.3
)

// planClaimed destroys what a claim covers and the files do not declare, unless
// they declare nothing, or may declare more.
func (p *Plan) planClaimed(c *Config, s *State, declared map[string]*Instance, allowMass bool) {
	if c.More != nil || len(c.Claims) == 0 {
		return
	}
	owned := 0
	var gone []*Change
	for _, name := range s.names() {
		claim := c.ClaimOn(name)
		if claim == nil {
			continue
		}
		current, read := s.Instances[name]
		if read && current.State == slap.Destroyed {
			continue
		}
		owned++
		if declared[name] != nil {
			continue
		}
		change := &Change{Action: Delete, Claim: claim, Resource: &Instance{Name: name, State: slap.Destroyed, Origin: claim.Origin}}
		if read {
			change.Current = &current
			change.Attributes = []Attribute{difference("", "state", &current.State, Literal(slap.Destroyed))}
		}
		gone = append(gone, change)
	}
	if len(gone) == 0 {
		return
	}
	if len(c.Resources) == 0 {
		p.refuse(gone[0], fmt.Sprintf("the files declare nothing, which would destroy all that they own (%d)", len(gone)),
			"an empty evaluation destroys nothing; slapstar destroy does")
		return
	}
	p.Changes = append(p.Changes, gone...)
	if owned >= massOwned && float64(len(gone)) > massPart*float64(owned) && !allowMass {
		p.refuse(gone[0], fmt.Sprintf("%d of %d owned instances would be destroyed, more than %d %%", len(gone), owned, int(massPart*100)),
			"--allow-mass-destroy allows it")
	}
}

// names are those of all instances on the Master, in order.
func (s *State) names() []string {
	var list []string
	for name := range s.Instances {
		list = append(list, name)
	}
	for _, unread := range []map[string]bool{s.Unread, s.NotReady} {
		for name := range unread {
			if _, read := s.Instances[name]; !read {
				list = append(list, name)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (p *Plan) refuse(c *Change, message, hint string) {
	p.Refusals = append(p.Refusals, Refusal{Address: c.Address(), Origin: c.Resource.Declared(), Message: message, Hint: hint})
}
