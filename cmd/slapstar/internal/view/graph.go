package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
	"slapstar/slap"
)

// A Graph writes what a plan does in which order: an arrow leads from what goes
// first to what waits for it. A node is a number, so that no name can be taken
// for anything else.
type Graph struct {
	W   io.Writer
	All bool // also what is unchanged, as in a plan that changes nothing
}

// An arrow leads from one change to another, by their indices.
type arrow struct{ from, to int }

// Mermaid writes a flowchart.
func (g Graph) Mermaid(p *engine.Plan) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	nodes, arrows := g.graph(p)
	for i, place := range places(nodes) {
		indent := "    "
		if place.name != "" {
			fmt.Fprintf(&b, "    subgraph s%d [\"%s\"]\n", i, entities("node "+mask.Of(g.W).Text(term.Name(place.name))))
			indent += indent
		}
		for _, n := range place.nodes {
			fmt.Fprintf(&b, "%sn%d[\"%s\"]\n", indent, n, entities(g.nodeText(nodes[n])))
		}
		if place.name != "" {
			b.WriteString("    end\n")
		}
	}
	for _, a := range arrows {
		fmt.Fprintf(&b, "    n%d --> n%d\n", a.from, a.to)
	}
	_, err := mask.WriteOwn(g.W, b.String())
	return err
}

// DOT writes a graph for Graphviz.
func (g Graph) DOT(p *engine.Plan) error {
	var b strings.Builder
	b.WriteString("digraph plan {\n    rankdir = LR\n    node [shape = box]\n")
	nodes, arrows := g.graph(p)
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	for i, place := range places(nodes) {
		indent := "    "
		if place.name != "" {
			fmt.Fprintf(&b, "    subgraph cluster%d {\n        label = \"%s\"\n", i, escape.Replace("node "+mask.Of(g.W).Text(term.Name(place.name))))
			indent += indent
		}
		for _, n := range place.nodes {
			fmt.Fprintf(&b, "%sn%d [label = \"%s\"]\n", indent, n, escape.Replace(g.nodeText(nodes[n])))
		}
		if place.name != "" {
			b.WriteString("    }\n")
		}
	}
	for _, a := range arrows {
		fmt.Fprintf(&b, "    n%d -> n%d\n", a.from, a.to)
	}
	b.WriteString("}\n")
	_, err := mask.WriteOwn(g.W, b.String())
	return err
}

// nodeText says what is done to what: of a software release its product, or the folder
// that its file is in.
func (g Graph) nodeText(c *engine.Change) string {
	if _, ok := c.Resource.(*engine.Software); ok {
		return fmt.Sprintf("%s software %s", c.Action, softwareName(c, mask.Of(g.W)))
	}
	return fmt.Sprintf("%s %s", c.Action, address(c.Address(), mask.Of(g.W)))
}

// softwareName is the short name of software, and its node.
func softwareName(c *engine.Change, hidden *mask.Filter) string {
	s := c.Resource.(*engine.Software)
	name := releaseName(s.SoftwareRelease)
	if s.Product != "" {
		name = "product." + term.Name(s.Product)
	}
	return hidden.Text(name) + " on " + hidden.Text(term.Name(s.Computer))
}

// A nodePlace is what of a graph is on one compute node; without a name: on none that is
// known.
type nodePlace struct {
	name  string
	nodes []int
}

// places puts a graph on its compute nodes, if there are several.
func places(nodes []*engine.Change) []nodePlace {
	at := map[string]int{}
	var list []nodePlace
	for i, c := range nodes {
		name := computer(c)
		n, ok := at[name]
		if !ok {
			n = len(list)
			at[name] = n
			list = append(list, nodePlace{name: name})
		}
		list[n].nodes = append(list[n].nodes, i)
	}
	if _, unknown := at[""]; len(list) > 2 || len(list) == 2 && !unknown {
		return list
	}
	all := nodePlace{}
	for i := range nodes {
		all.nodes = append(all.nodes, i)
	}
	return []nodePlace{all}
}

// computer is the compute node that a resource is on, or asks for.
func computer(c *engine.Change) string {
	switch r := c.Resource.(type) {
	case *engine.Software:
		return r.Computer
	case *engine.Instance:
		if c.Current != nil && c.Current.Computer != "" {
			return c.Current.Computer
		}
		return r.SLA[slap.SLAComputer]
	}
	return ""
}

// graph is what is shown of a plan: the changes, and what each waits for. There are no
// two arrows between two changes.
func (g Graph) graph(p *engine.Plan) (nodes []*engine.Change, arrows []arrow) {
	index := map[engine.Address]int{}
	for _, c := range p.Changes {
		if g.All || c.Pending() || !p.Pending() {
			index[c.Address()] = len(nodes)
			nodes = append(nodes, c)
		}
	}
	drawn, needs := map[arrow]bool{}, p.Graph()
	for to, c := range nodes {
		list := c.DependsOn
		if c.Action != engine.Delete { // which goes before what it needs
			list = slices.Concat(list, needs[c.Address()])
		}
		for _, a := range list {
			from, ok := index[a]
			if ok && from != to && !drawn[arrow{from, to}] && !drawn[arrow{to, from}] {
				drawn[arrow{from, to}] = true
				arrows = append(arrows, arrow{from, to})
			}
		}
	}
	return nodes, arrows
}

// entities writes each character that is no letter, digit or space as the entity
// of its number, in the way of Mermaid and, with an ampersand, of HTML.
func entities(s string) string { return numbered(s, "#") }

func numbered(s, begin string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == ' ' || r == '-' || r > 0x7f {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "%s%d;", begin, r)
	}
	return b.String()
}
