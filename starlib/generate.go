package starlib

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// Generate writes a file that declares what c does, in the same order: its plan is
// the same. A secret is written as secret(NAME), so its value is not in the file.
//
// What an instance has published is written as that, and not as its value: the file
// follows it. So is, as getInformation, what is not declared.
func Generate(c *engine.Config) string { return Writing{}.File(c.Referring()) }

// listArgument is a keyword argument with names, unless there are none.
func listArgument(keyword string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ", " + keyword + " = [" + strings.Join(literals(names), ", ") + "]"
}

type sourceWriter struct {
	Writing
	b         strings.Builder
	variables map[string]string // of instances that others refer to
	taken     map[string]bool
	bound     map[string]bool // instances whose variables have a value
	declared  map[string]bool // instances, in any of the files
}

// name gives an instance a variable.
func (w *sourceWriter) name(instance string) {
	if w.variables[instance] != "" {
		return
	}
	base := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, instance)
	base = strings.TrimLeft(base, "_") // a file does not export such a name
	if base == "" || base[0] >= '0' && base[0] <= '9' {
		base = "i_" + base
	}
	name := base
	for n := 2; w.taken[name] || w.reserved(name); n++ {
		name = fmt.Sprintf("%s_%d", base, n)
	}
	w.taken[name], w.variables[instance] = true, name
}

// reserved reports whether a variable cannot, or should not, be called so.
func (w *sourceWriter) reserved(name string) bool {
	_, err := lang.Dialect.ParseExpr("", name+"+0", 0)
	return err != nil || starlark.Universe.Has(name) || w.taken[name] || words()[name]
}

// words are the names that all files have.
var words = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{loadedName: true}
	for _, d := range Reference() {
		all[d.Name] = true
	}
	return all
})

func (w *sourceWriter) instance(i *engine.Instance) {
	w.comment(w.Notes[i.Address()])
	if v := w.variables[i.Name]; v != "" {
		fmt.Fprintf(&w.b, "%s = ", v)
	}
	var b strings.Builder
	argument := func(name, value string) { fmt.Fprintf(&b, "    %s = %s,\n", name, value) }
	how := ""
	if i.Serialisation == slap.XML { // JSON is written as such
		how = literal(string(slap.XML))
	}
	if document, ok := w.document(i); ok {
		argument("partition_parameter_kw", document)
		how = literal(string(slap.JSONInXML))
	} else if len(i.Parameters) > 0 {
		b.WriteString("    partition_parameter_kw = {\n")
		for _, key := range slices.Sorted(maps.Keys(i.Parameters)) {
			fmt.Fprintf(&b, "        %s: %s,\n", literal(key), w.text(i.Parameters[key]))
		}
		b.WriteString("    },\n")
	}
	if how != "" {
		argument("serialisation", how)
	}
	if i.SoftwareType != slap.DefaultType {
		argument("software_type", literal(i.SoftwareType))
	}
	if len(i.SLA)+len(i.SLALater) > 0 {
		var pairs []string
		for _, key := range slices.Sorted(maps.Keys(i.SLA)) {
			pairs = append(pairs, literal(key)+": "+literal(i.SLA[key]))
		}
		for _, key := range slices.Sorted(maps.Keys(i.SLALater)) {
			pairs = append(pairs, literal(key)+": "+w.text(i.SLALater[key]))
		}
		argument("filter_kw", "{"+strings.Join(pairs, ", ")+"}")
	}
	if i.Project != "" {
		argument("project", literal(i.Project))
	}
	if i.State != slap.Started {
		argument("state", literal(i.State))
	}
	if i.Shared {
		argument("shared", "True")
	}
	for _, list := range []struct {
		name   string
		values []string
	}{{"depends_on", w.handles(i.DependsOn)}, {"ignore_changes", literals(i.IgnoreChanges)}, {"wait_for", awaitedSource(i.WaitFor)}} {
		if len(list.values) > 0 {
			argument(list.name, "["+strings.Join(list.values, ", ")+"]")
		}
	}
	if i.Protect {
		argument("protect", "True")
	}
	if i.Timeout > 0 {
		argument("timeout", literal(i.Timeout.String()))
	}
	if b.Len() == 0 {
		fmt.Fprintf(&w.b, "request(%s, %s)\n", release(i.SoftwareRelease, i.Product), literal(i.Name))
	} else {
		fmt.Fprintf(&w.b, "request(\n    %s,\n    %s,\n%s)\n", release(i.SoftwareRelease, i.Product), literal(i.Name), b.String())
	}
	w.bound[i.Name] = true
}

// handles writes names of instances, where a name has to be that of a declared one.
func (w *sourceWriter) handles(names []string) []string {
	list := literals(names)
	for n, name := range names {
		if !w.declared[name] {
			list[n] = "getInformation(" + list[n] + ")"
		}
	}
	return list
}

// handle writes the handle of an instance, which may have been there before it was
// declared.
func (w *sourceWriter) handle(name string) string {
	if !w.bound[name] {
		return fmt.Sprintf("getInformation(%s)", literal(name))
	}
	return w.variables[name]
}

// text writes an expression whose value is t.
func (w *sourceWriter) text(t engine.Text) string {
	var terms []string
	for _, p := range t {
		switch {
		case p.Reference != nil:
			terms = append(terms, referenceSource(w.handle(p.Reference.Instance), *p.Reference))
		case p.Quoted != nil:
			terms = append(terms, "json.encode("+w.text(p.Quoted)+")")
		case p.Derived != nil:
			source := w.derived(p.Derived)
			if name := p.Derived.Name; len(t) > 1 && (name == "int" || name == "float") {
				source = "str(" + source + ")"
			}
			terms = append(terms, source)
		case p.Secret != "":
			terms = append(terms, "secret("+literal(p.Secret)+")")
		default:
			terms = append(terms, literal(p.Literal))
		}
	}
	if len(terms) == 0 {
		return `""`
	}
	return strings.Join(terms, " + ")
}

// release writes the URL of a release, or where it came from.
func release(url, product string) string {
	if product == "" {
		return literal(url)
	}
	if _, err := lang.Dialect.ParseExpr("", "product."+product, 0); err == nil && !strings.ContainsAny(product, " ().-+[]") && product != "get" {
		return "product." + product
	}
	return "product[" + literal(product) + "]"
}

func unlessDefault(name, value, standard string) string {
	if value == standard {
		return ""
	}
	return fmt.Sprintf(", %s = %s", name, literal(value))
}

func literals(list []string) []string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = literal(s)
	}
	return quoted
}

// literal writes text as Starlark reads it back.
func literal(s string) string { return starlark.String(s).String() }
