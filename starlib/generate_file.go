package starlib

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slapstar/engine"
	"slapstar/slap"
)

// A Writing is how a [engine.Config] is written as a file, or as several. The zero value
// has no comments.
type Writing struct {
	Head  []string                    // comments on top of the entry file, a line each
	Notes map[engine.Address][]string // comments before a declaration, a line each

	// Nested writes a JSON document as nested values also where its text was laid out in
	// another way: only its values count.
	Nested bool
}

// loadedName is what each of several files binds, since a load statement has to name
// something.
const loadedName = "loaded"

// LoadedLine ends a file that another one loads.
const LoadedLine = "\n" + loadedName + " = True  # for the file that loads this one\n"

// LoadLine loads such a file.
func LoadLine(file string) string {
	return fmt.Sprintf("load(%s, %s = %s)\n", literal(file), identifier(file), literal(loadedName))
}

// File writes one file.
func (o Writing) File(c *engine.Config) string {
	w := o.names(c)
	w.head()
	w.claims(c.Claims)
	w.informations(c.Resources)
	w.resources(c.Resources)
	return w.b.String()
}

// Files writes several files, by name: one for each name that file returns of a resource,
// and main, which loads the others. What refers to an instance in another file loads
// that, or looks the instance up where two files would load each other.
func (o Writing) Files(c *engine.Config, main string, file func(engine.Resource) string) map[string]string {
	all := o.names(c)
	home := map[string]string{} // file of an instance
	parts := map[string][]engine.Resource{}
	for _, r := range c.Resources {
		name := file(r)
		parts[name] = append(parts[name], r)
		if i, ok := r.(*engine.Instance); ok {
			home[i.Name] = name
		}
	}
	names := slices.Sorted(maps.Keys(parts))
	loads := fileLoads{}
	written := map[string]string{}
	for _, name := range names {
		w := &sourceWriter{Writing: o, variables: all.variables, taken: all.taken, declared: all.declared, bound: map[string]bool{}}
		w.loads(loads, name, home, parts[name])
		w.informations(parts[name])
		w.resources(parts[name])
		w.b.WriteString(LoadedLine)
		written[name] = w.b.String()
	}
	w := &sourceWriter{Writing: o}
	w.head()
	for _, name := range names {
		w.b.WriteString(LoadLine(name))
	}
	w.claims(c.Claims)
	written[main] = w.b.String()
	return written
}

// names gives variables to the instances that others refer to.
func (o Writing) names(c *engine.Config) *sourceWriter {
	w := &sourceWriter{Writing: o, variables: map[string]string{}, taken: map[string]bool{}, bound: map[string]bool{}, declared: map[string]bool{}}
	for _, i := range c.Instances() {
		w.declared[i.Name] = true
	}
	for _, instance := range referredTo(c.Resources) {
		w.name(instance)
	}
	return w
}

// referredTo are the names of the instances to which declarations refer, in order.
func referredTo(resources []engine.Resource) []string {
	var list []string
	seen := map[string]bool{}
	for _, r := range resources {
		i, ok := r.(*engine.Instance)
		if !ok {
			continue
		}
		for _, texts := range []map[string]engine.Text{i.SLALater, i.Parameters} {
			for _, ref := range references(texts) {
				if !seen[ref.Instance] {
					seen[ref.Instance] = true
					list = append(list, ref.Instance)
				}
			}
		}
	}
	return list
}

// references are what the values are to come from, in order of their keys.
func references(texts map[string]engine.Text) []engine.Reference {
	var list []engine.Reference
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		list = append(list, texts[key].References()...)
	}
	return list
}

func (w *sourceWriter) head() {
	if w.comment(w.Head); len(w.Head) > 0 {
		w.b.WriteString("\n")
	}
}

func (w *sourceWriter) claims(list []engine.Claim) {
	for _, claim := range list {
		fmt.Fprintf(&w.b, "owns(%s%s%s)\n", literal(claim.Pattern), listArgument("protect", claim.Protect), listArgument("but", claim.But))
	}
}

// informations binds the variables of instances that no file declares.
func (w *sourceWriter) informations(resources []engine.Resource) {
	names := referredTo(resources)
	slices.Sort(names)
	for _, instance := range names {
		if !w.declared[instance] && !w.bound[instance] {
			fmt.Fprintf(&w.b, "%s = getInformation(%s)\n", w.variables[instance], literal(instance))
			w.bound[instance] = true
		}
	}
}

// resources writes declarations: a blank line stands before and after an instance.
func (w *sourceWriter) resources(list []engine.Resource) {
	apart := w.b.Len() > 0 && !strings.HasSuffix(w.b.String(), "\n\n")
	first := !apart
	for _, r := range list {
		_, isInstance := r.(*engine.Instance)
		if apart || isInstance && w.b.Len() > 0 && !first {
			w.b.WriteString("\n")
		}
		apart, first = isInstance, false
		switch r := r.(type) {
		case *engine.Instance:
			w.instance(r)
		case *engine.Software:
			w.comment(w.Notes[r.Address()])
			fmt.Fprintf(&w.b, "supply(%s, %s%s)\n", release(r.SoftwareRelease, r.Product), literal(r.Computer), unlessDefault("state", r.State, slap.Available))
		}
	}
}

// comment writes lines, each of which stays one.
func (w *sourceWriter) comment(lines []string) {
	for _, line := range lines {
		line = strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
				return ' '
			}
			return r
		}, line)
		w.b.WriteString(strings.TrimRight("# "+line, " ") + "\n")
	}
}

// fileLoads are the files that each file loads.
type fileLoads map[string]map[string]bool

// reaches reports whether a file loads another one, itself or by what it loads.
func (l fileLoads) reaches(from, to string) bool {
	if from == to {
		return true
	}
	for next := range l[from] {
		if l.reaches(next, to) {
			return true
		}
	}
	return false
}

// loads writes load statements for the instances in other files to which this one refers.
func (w *sourceWriter) loads(all fileLoads, name string, home map[string]string, resources []engine.Resource) {
	wanted := map[string][]string{}
	for _, instance := range referredTo(resources) {
		other, declared := home[instance]
		if !declared || other == name {
			continue
		}
		if all.reaches(other, name) {
			continue
		}
		if all[name] == nil {
			all[name] = map[string]bool{}
		}
		all[name][other] = true
		wanted[other] = append(wanted[other], w.variables[instance])
		w.bound[instance] = true
	}
	for _, other := range slices.Sorted(maps.Keys(wanted)) {
		slices.Sort(wanted[other])
		fmt.Fprintf(&w.b, "load(%s, %s)\n", literal(other), strings.Join(literals(wanted[other]), ", "))
	}
}

// identifier is a name for what is loaded of a file.
func identifier(file string) string {
	return "of_" + strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.TrimSuffix(file, ".star")), "_")
}
