package view

import (
	"fmt"
	"strings"

	"slapstar/engine"
	"slapstar/internal/mask"
)

// Text writes a graph as a tree: below a change stands what waits for it. What waits for
// several stands in full below the first of them.
func (g Graph) Text(p *engine.Plan) error {
	nodes, arrows := g.graph(p)
	below := map[int][]int{}
	waits := map[int]bool{}
	for _, a := range arrows {
		below[a.from] = append(below[a.from], a.to)
		waits[a.to] = true
	}
	t := &graphTree{below: below, seen: map[int]bool{}, label: func(i int) string { return g.nodeText(nodes[i]) }}
	for i := range nodes {
		if !waits[i] {
			t.write(i, "", "")
		}
	}
	for i := range nodes { // of a circle, which begins nowhere
		if !t.seen[i] {
			t.write(i, "", "")
		}
	}
	_, err := mask.WriteOwn(g.W, t.b.String())
	return err
}

// A graphTree is the state of one Text.
type graphTree struct {
	b     strings.Builder
	below map[int][]int
	seen  map[int]bool
	label func(int) string
}

// write writes a node after first, and what is below it after rest.
func (t *graphTree) write(i int, first, rest string) {
	again := ""
	if t.seen[i] && len(t.below[i]) > 0 {
		again = "  (see above)"
	}
	fmt.Fprintf(&t.b, "%s%s%s\n", first, t.label(i), again)
	if t.seen[i] {
		return
	}
	t.seen[i] = true
	for n, child := range t.below[i] {
		if n == len(t.below[i])-1 {
			t.write(child, rest+"└─ ", rest+"   ")
		} else {
			t.write(child, rest+"├─ ", rest+"│  ")
		}
	}
}
