package adopt

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"slapstar/engine"
	"slapstar/internal/mask"
	"slapstar/slap"
	"slapstar/slap/credential"
)

// Options are what is to be declared, and how.
type Options struct {
	Products map[string]string // names of products, by the release that each stands for
	Project  string            // in which the files will work; empty: none is named
	Omit     bool              // credentials are left to the Master with ignore_changes, instead of being secrets
	Taken    map[string]bool   // names of secrets that have other values
	Hidden   []string          // values that are not to be in a file, besides what looks so
	Patterns []string          // as of [engine.Selection]; none: all
	Declared map[string]bool   // addresses of what is declared elsewhere

	// What an evaluation has found out, of instances by name.
	Explicit map[string]bool   // whose serialisation has to be said
	Text     map[string]bool   // whose JSON document has to stay text
	Without  map[string]string // what cannot be declared, by its address, and why
}

// An Adoption is what came out.
type Adoption struct {
	Config    *engine.Config
	Notes     map[engine.Address][]string // on what is not in a declaration
	Secrets   []Secret                    // in the order of their names
	Left      []Left                      // what is not declared, in the order of the names
	Unmatched []string                    // patterns that stand for nothing
}

// A Secret is a value that is not to be in a file.
type Secret struct {
	Name     string // by which files ask for it
	Value    string
	Instance string
	Path     string // of the parameter, such as password or _.db.password
}

// A Left is an instance, software or an attribute that is not declared.
type Left struct {
	What string // such as instance "a"
	Path string // of the attribute; empty: all of it
	Why  string
}

func (l Left) String() string {
	if l.Path != "" {
		return fmt.Sprintf("%s: %s: %s", l.What, l.Path, l.Why)
	}
	return fmt.Sprintf("%s: %s", l.What, l.Why)
}

// An adopter makes declarations.
type adopter struct {
	Options
	*Adoption
	state   *engine.State
	found   publishers
	hidden  hidden
	naming  naming
	matched map[string]bool
	uses    map[string][]string // the instances to which an instance refers
	several bool                // there is more than one project
}

// Adopt declares what a State that has been read whole has. The same State and Options
// give the same Adoption.
func Adopt(s *engine.State, o Options) *Adoption {
	a := &adopter{
		Options:  o,
		Adoption: &Adoption{Config: &engine.Config{}, Notes: map[engine.Address][]string{}},
		state:    s,
		matched:  map[string]bool{},
		uses:     map[string][]string{},
		several:  o.Project == "" && len(projects(s)) > 1,
	}
	a.found, a.hidden = newPublishers(s), newHidden(s, o.Hidden)
	a.software()
	instances := a.instances()
	a.naming = newNaming(o.Taken)
	declared := make([]*engine.Instance, len(instances))
	for n, current := range instances {
		declared[n] = a.declare(current)
	}
	a.rename(declared)
	for _, i := range a.inOrder(declared) {
		a.Config.Resources = append(a.Config.Resources, i)
	}
	for _, pattern := range o.Patterns {
		if !a.matched[pattern] {
			a.Unmatched = append(a.Unmatched, pattern)
		}
	}
	slices.SortStableFunc(a.Left, func(a, b Left) int { return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Path, b.Path)) })
	return a.Adoption
}

func projects(s *engine.State) map[string]bool {
	all := map[string]bool{}
	for _, i := range s.Instances {
		if i.Project != "" {
			all[i.Project] = true
		}
	}
	return all
}

// chosen reports whether something is to be declared.
func (a *adopter) chosen(r engine.Resource) bool {
	if a.Declared[string(r.Address())] {
		return false
	}
	chosen := len(a.Patterns) == 0
	for _, pattern := range a.Patterns {
		if a.stands(pattern, r) {
			a.matched[pattern], chosen = true, true
		}
	}
	return chosen
}

// stands reports whether a pattern stands for a resource: the name of an instance is no
// pattern.
func (a *adopter) stands(pattern string, r engine.Resource) bool {
	if slices.Contains(a.state.Names(), pattern) && !engine.IsName(pattern) {
		i, ok := r.(*engine.Instance)
		return ok && i.Name == pattern
	}
	return engine.Matches(pattern, r)
}

// leave says that something is not declared.
func (a *adopter) leave(r engine.Resource, path, format string, args ...any) {
	what := string(r.Address())
	if i, ok := r.(*engine.Instance); ok {
		what = fmt.Sprintf("instance %q", i.Name)
	}
	what = credential.Mask("", what, mask.Masked)
	a.Left = append(a.Left, Left{what, path, fmt.Sprintf(format, args...)})
}

// keysLook reports whether a key of a parameter is a credential by its look.
func (a *adopter) keysLook(current *slap.Instance) bool {
	for _, p := range []slap.Parameters{current.Parameters, current.SLA} {
		for key := range p {
			if a.hidden.looks(key) {
				return true
			}
		}
	}
	return false
}

// software declares the software installations.
func (a *adopter) software() {
	for _, computer := range slices.Sorted(maps.Keys(a.state.Software)) {
		releases := a.state.Software[computer]
		for _, release := range slices.Sorted(maps.Keys(releases)) {
			w := &engine.Software{Computer: computer, SoftwareRelease: release, Product: a.Products[release], State: releases[release]}
			why, excluded := a.Without[string(w.Address())]
			switch {
			case w.State == slap.Destroyed || !a.chosen(w):
			case excluded:
				a.leave(w, "", "%s", why)
			case w.State != slap.Available:
				a.leave(w, "", "its state is %q, and a file says %q or %q", w.State, slap.Available, slap.Destroyed)
			case a.hidden.looks(release) || a.hidden.looks(computer):
				a.leave(w, "", "there is a credential in its address, which would be in the file")
			default:
				a.Config.Resources = append(a.Config.Resources, w)
			}
		}
	}
}

// instances are those to declare, by name.
func (a *adopter) instances() []*slap.Instance {
	var list []*slap.Instance
	for _, name := range a.state.Names() {
		r := &engine.Instance{Name: name}
		if !a.chosen(r) {
			continue
		}
		current, read := a.state.Instances[name]
		switch why, excluded := a.Without[string(r.Address())]; {
		case excluded:
			a.leave(r, "", "%s", why)
		case a.state.NotReady[name]:
			a.leave(r, "", "the Master has it and does not tell its attributes yet; it has no place so far")
		case !read:
			a.leave(r, "", "the Master lists it and does not tell its attributes")
		case current.State == slap.Destroyed:
			a.leave(r, "", "it is being destroyed")
		case current.Remote || a.state.Full && slap.IsRemote(name):
			a.leave(r, "", "the Master made it itself, for a Remote Node: it is nobody's to change")
		case current.Root != "" && current.Root != name:
			a.leave(r, "", "it is part of the tree of instance %q, which asks for it", current.Root)
		case a.hidden.looks(name), a.hidden.looks(current.SoftwareRelease), a.hidden.looks(current.SoftwareType), a.keysLook(&current):
			a.leave(r, "", "there is a credential in its name, its release, its type or a key, which would be in the file")
		default:
			list = append(list, &current)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.state.Elsewhere)) {
		if r := (&engine.Instance{Name: name}); a.chosen(r) {
			a.leave(r, "", "it is in project %s: --project %[1]s takes that", a.state.Elsewhere[name].Project)
		}
	}
	return list
}
