package starlib

import (
	"slices"
	"strings"

	"slapstar/engine"
)

// ofOutput writes a function of a value of a JSON document, whatever its type is. A
// parameter becomes text by itself.
func (w *sourceWriter) ofOutput(d *engine.Derivation) (string, bool) {
	if len(d.Of) != 1 || d.Of[0].Reference == nil || !d.Of[0].Reference.JSON {
		return "", false
	}
	r := *d.Of[0].Reference
	value := outputSource(w.handle(r.Instance), r)
	switch {
	case d.Name == "slapos.text":
		return value, true
	case slices.Contains([]string{"str", "repr", "int", "float"}, d.Name): // of which the argument says that it is JSON
		return d.Name + "(" + value + ")", true
	}
	return "", false
}

// derived writes a function of a text that is carried along, as a file calls it.
func (w *sourceWriter) derived(d *engine.Derivation) string {
	if source, ok := w.ofOutput(d); ok {
		return source
	}
	of := w.text(d.Of)
	args := literals(d.Args)
	switch name := d.Name; {
	case name == "slapos.parameter": // of a float, which becomes a parameter by itself
		return of
	case name == "[n]":
		return "(" + of + ")[" + d.Args[0] + "]"
	case name == "[:]":
		return "(" + of + ")[" + strings.Join(d.Args, ":") + "]"
	case name == ".replace":
		return "(" + of + ").replace(" + args[0] + ", " + args[1] + ", " + d.Args[2] + ")"
	case name == ".split" || name == ".rsplit":
		if len(d.Args) > 1 {
			return "(" + of + ")" + name + "(" + args[1] + ", " + d.Args[2] + ")[" + d.Args[0] + "]"
		}
		return "(" + of + ")" + name + "()[" + d.Args[0] + "]"
	case name == ".splitlines" || name == ".partition" || name == ".rpartition":
		return "(" + of + ")" + name + "(" + strings.Join(args[1:], ", ") + ")[" + d.Args[0] + "]"
	case strings.HasPrefix(name, "."):
		return "(" + of + ")" + name + "(" + strings.Join(args, ", ") + ")"
	case name == "re.sub":
		return "re.sub(" + args[0] + ", " + args[1] + ", " + of + ", " + d.Args[2] + ")"
	case name == "texts.zfill":
		return name + "(" + of + ", " + d.Args[0] + ")"
	case name == "texts.ljust" || name == "texts.rjust":
		return name + "(" + of + ", " + d.Args[0] + ", " + args[1] + ")"
	case name == "base64.encode" && len(d.Args) > 0:
		return name + "(" + of + ", url = True)"
	}
	return strings.Join([]string{d.Name, "(", strings.Join(append([]string{of}, args...), ", "), ")"}, "")
}
