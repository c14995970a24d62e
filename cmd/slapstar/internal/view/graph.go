package view

import (
	"fmt"
	"io"
	"strings"

	"slapstar/engine"
	"slapstar/internal/mask"
)

// A Graph writes what a plan does in which order: an arrow leads from what goes
// first to what waits for it. A node is a number, so that no name can be taken
// for anything else.
type Graph struct {
	W   io.Writer
	All bool // also what is unchanged
}

// An arrow leads from one change to another, by their indices.
type arrow struct{ from, to int }

// Mermaid writes a flowchart.
func (g Graph) Mermaid(p *engine.Plan) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	nodes, arrows := g.graph(p)
	for i, c := range nodes {
		fmt.Fprintf(&b, "    n%d[\"%s\"]\n", i, entities(g.nodeText(c)))
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
	for i, c := range nodes {
		fmt.Fprintf(&b, "    n%d [label = \"%s\"]\n", i, escape.Replace(g.nodeText(c)))
	}
	for _, a := range arrows {
		fmt.Fprintf(&b, "    n%d -> n%d\n", a.from, a.to)
	}
	b.WriteString("}\n")
	_, err := mask.WriteOwn(g.W, b.String())
	return err
}

func (g Graph) nodeText(c *engine.Change) string {
	return fmt.Sprintf("%s %s", c.Action, address(c.Address(), mask.Of(g.W)))
}

// graph is what is shown of a plan: the changes, and what each waits for. There are no
// two arrows between two changes.
func (g Graph) graph(p *engine.Plan) (nodes []*engine.Change, arrows []arrow) {
	index := map[engine.Address]int{}
	for _, c := range p.Changes {
		if g.All || c.Pending() {
			index[c.Address()] = len(nodes)
			nodes = append(nodes, c)
		}
	}
	drawn := map[arrow]bool{}
	for to, c := range nodes {
		for _, a := range waitsFor(c) {
			from, ok := index[a]
			if ok && from != to && !drawn[arrow{from, to}] && !drawn[arrow{to, from}] {
				drawn[arrow{from, to}] = true
				arrows = append(arrows, arrow{from, to})
			}
		}
	}
	return nodes, arrows
}

// waitsFor are the addresses of what a change depends on, and of what its values
// come from. A change that destroys goes before those instead.
func waitsFor(c *engine.Change) []engine.Address {
	list := append([]engine.Address{}, c.DependsOn...)
	if c.Action == engine.Delete {
		return list
	}
	for _, r := range c.References() {
		list = append(list, engine.InstanceAddress(r.Instance))
	}
	if i, ok := c.Resource.(*engine.Instance); ok {
		for _, name := range i.DependsOn {
			list = append(list, engine.InstanceAddress(name))
		}
	}
	return list
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
