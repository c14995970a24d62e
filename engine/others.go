package engine

import (
	"fmt"
	"slices"
)

// others are what is in a file although it is not declared here: what other files declare,
// and an earlier revision that is no ancestor.
func (o Options) others() []*Config {
	if o.Since == nil || o.Since.Fork == nil || o.Since.Config == nil {
		return o.Others
	}
	return append(slices.Clone(o.Others), o.Since.Config)
}

// elsewhere are the names of instances that belong to other files.
type elsewhere struct {
	declared map[string]bool
	claims   []Ownership
}

func newElsewhere(others []*Config, s *State) elsewhere {
	e := elsewhere{declared: map[string]bool{}}
	for _, c := range others {
		for _, i := range c.Instances() {
			e.declared[i.Name] = true
		}
		e.claims = append(e.claims, c.Ownership(s))
	}
	return e
}

// has reports whether others declare a name, or claim it.
func (e elsewhere) has(name string) bool {
	return e.declared[name] || slices.ContainsFunc(e.claims, func(o Ownership) bool { return o.Claim(name) != nil })
}

// A Clash is something that two sets of files want of one Master, and that only one of
// them can have.
type Clash struct {
	Here, There Origin
	Message     string // about Here; it names what is There, without its place
	Hint        string
}

// Clashes compares what two sets of files declare on one Master: an instance is declared by
// one of them, and claimed by none but that. Other is what messages call the second. The
// State may be nil.
func (c *Config) Clashes(d *Config, other string, s *State) []Clash {
	var list []Clash
	mine, theirs := c.Ownership(s), d.Ownership(s)
	for _, a := range mine.claims {
		for _, b := range theirs.claims {
			if !a.meets(b) {
				continue
			}
			list = append(list, Clash{a.claim.Origin, b.claim.Origin,
				fmt.Sprintf("owns: %q covers names that %q in owns of %s covers as well: what one declares the other would destroy", a.pattern.text, b.pattern.text, other),
				fmt.Sprintf("leave them to one of the two: owns(%q, but = [%q])", a.pattern.text, b.pattern.text)})
		}
	}
	declared, others := byName(c), byName(d)
	for _, i := range d.Instances() {
		claim := mine.Claim(i.Name)
		if here := declared[i.Name]; here != nil {
			list = append(list, Clash{here.Origin, i.Origin, fmt.Sprintf("request: instance %q is declared by %s as well", i.Name, other), "one name is one instance on a Master: give one of the two another name"})
		} else if claim != nil && theirs.Claim(i.Name) == nil {
			list = append(list, Clash{claim.Origin, i.Origin, fmt.Sprintf("owns: %q covers instance %q, which %s declares: this plan would destroy it", claim.Pattern, i.Name, other),
				fmt.Sprintf("leave it to the other: owns(%q, but = [%q])", claim.Pattern, EscapeName(i.Name))})
		}
	}
	for _, i := range c.Instances() {
		if claim := theirs.Claim(i.Name); claim != nil && mine.Claim(i.Name) == nil && others[i.Name] == nil {
			list = append(list, Clash{i.Origin, claim.Origin, fmt.Sprintf("request: instance %q is covered by %q in owns of %s, which would destroy it", i.Name, claim.Pattern, other),
				fmt.Sprintf("leave it out there: owns(%q, but = [%q])", claim.Pattern, EscapeName(i.Name))})
		}
	}
	return append(list, c.softwareClashes(d, other)...)
}

// softwareClashes are releases of which one wants that they are there, and one that they
// are not. That both want the same is well.
func (c *Config) softwareClashes(d *Config, other string) []Clash {
	there := map[Address]*Software{}
	for _, s := range d.Software() {
		there[s.Address()] = s
	}
	var list []Clash
	for _, s := range c.Software() {
		if t := there[s.Address()]; t != nil && t.State != s.State {
			list = append(list, Clash{s.Origin, t.Origin, fmt.Sprintf("supply: %s is %s here, and %s in %s", s.Address(), s.State, t.State, other), "one of the two has to give way"})
		}
	}
	return list
}

// meets reports whether two claims cover a name that both patterns match. A pattern that is
// a name stands for that.
func (by ownedBy) meets(other ownedBy) bool {
	if by.pattern.name {
		return by.covers(by.pattern.text) && other.covers(by.pattern.text)
	}
	if other.pattern.name {
		return by.covers(other.pattern.text) && other.covers(other.pattern.text)
	}
	var but []string
	for _, p := range append(append([]namePattern{}, by.but...), other.but...) {
		if p.name {
			p.text = EscapeName(p.text)
		}
		but = append(but, p.text)
	}
	return PatternsMeet(by.pattern.text, other.pattern.text, but)
}
