package diagnosis

import (
	"fmt"
	"strings"
)

func (j *judging) products() {
	p := j.r.Products
	if p == nil {
		return
	}
	switch {
	case p.Error != "":
		j.add(Note, "products", "cannot be listed: "+p.Error, "a plan does not say that a release or a type cannot be allocated", "ask a manager of the project which releases and types there are")
	case len(p.List) == 0 && j.r.Master.Kind == Full:
		j.add(Note, "products", "none is listed", "there is none, or you may not see them: without one nothing gets a place", "ask a manager of the project which releases and types there are")
	case len(p.List) == 0:
		j.ok("products", "the configuration names none")
	}
	for _, product := range p.List {
		about := "product " + product.Reference
		if j.r.Master.Kind != Full {
			j.ok(about, strings.Join(product.Releases, ", ")+", by the configuration")
			continue
		}
		found := fmt.Sprintf("releases %s; types %s", orNone(product.Releases), orNone(product.Types))
		if product.Project != "" {
			found += "; in " + product.Project
		}
		if len(product.Releases) == 0 || len(product.Types) == 0 {
			j.add(Note, about, found, "nothing of it can be allocated", "a manager of the project adds a release and a type to it")
			continue
		}
		j.ok(about, found)
	}
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

func (j *judging) upgrades() {
	u := j.r.Upgrades
	switch {
	case u == nil:
	case u.Error != "":
		j.add(Note, "upgrades", "decisions cannot be listed: "+u.Error, "an instance that waits for another release does not say so", "look at the panel of the Master")
	case u.Count == 0:
		j.ok("upgrades", "no decision is pending")
	default:
		states := make([]string, len(u.States))
		for n, s := range u.States {
			states[n] = fmt.Sprintf("%d %s", s.Count, s.State)
		}
		j.ok("upgrades", fmt.Sprintf("%s pending: %s; planned ones are accepted in the panel of the Master", counted(u.Count, "decision"), strings.Join(states, ", ")))
	}
}

func (j *judging) nodes() {
	n := j.r.Nodes
	switch {
	case n == nil:
	case n.Error != "":
		j.add(Missing, "nodes", "cannot be listed: "+n.Error, "computers and orphans do not work, and no name of a node is checked", "name nodes by the reference that their administrator has")
	default:
		j.ok("nodes", counted(n.Count, "node"))
	}
}

// oddityTexts say what each kind of oddity is, what it means, and what to do.
var oddityTexts = map[string][3]string{
	"column":      {"the Master does not tell", "each of these is read by itself, or cannot be planned", "the lines about searches say more"},
	"text":        {"something of it cannot be read", "it is read by itself, or cannot be planned", "doctor --names says which; look at it in the panel of the Master"},
	"name":        {"rows without a name", "they are left out", "look for instances without a title in the panel of the Master"},
	"duplicate":   {"there are two of one name", "nothing is taken from either, and nothing is planned for that name", "doctor --names says which; destroy one of them in the panel of the Master"},
	"no-instance": {"trees without an instance", "nothing is published, and nothing comes", "their subscription may be waited for, or paid, in the panel of the Master"},
	"owner":       {"the owner is not told", "they are left out", "doctor --names says which; ask who runs the Master"},
	"owners":      {"the owner of no instance is told", "all that the Master lists counts as yours", "ask who runs the Master"},
	"reports":     {"no news and no place is told", "neither what nodes report nor where instances are is known", "ask who runs the Master"},
}

func (j *judging) oddities() {
	if len(j.r.Oddities) == 0 && j.r.Master.Kind == Full && j.r.Read.Error == "" {
		j.ok("listing", "nothing is odd in it")
	}
	for _, o := range j.r.Oddities {
		text := oddityTexts[o.Kind]
		found := text[0]
		if o.Column != "" {
			found += " " + o.Column
		}
		if o.All {
			found += " of any instance"
		} else {
			found += fmt.Sprintf(" (%d)", o.Count)
		}
		if len(o.Names) > 0 {
			found += ": " + strings.Join(o.Names, ", ")
		}
		j.add(Note, "listing", found, text[1], text[2])
	}
}
