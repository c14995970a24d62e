package view

import (
	"fmt"
	"html"
	"slices"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// Sizes of a picture.
const (
	boxWidth, boxHeight = 250, 28
	columnGap, rowGap   = 60, 12
	mostBoxes           = 200
	mostLabel           = 27 // columns
	mostAcross          = 3  // boxes in a row of those that nothing leads to or from
)

// A box stands for a group, or for a compute node, in a picture.
type box struct {
	class, label, title string
	target              string // id of the group on the page; empty: there is none
	x, y                int
}

// An edge leads from what goes first to what waits for it, or from a compute node to what
// is on it.
type edge struct {
	from, to int
	on       bool
}

// A picture is what waits for what, in layers: a box for each group and each compute node,
// in the column after those of all that it waits for. What stands alone is below.
type picture struct {
	boxes []box
	edges []edge
	left  int // boxes that are not drawn: nothing leads to them or from them
}

// newPicture makes the picture of groups, which stand on the page as [changeID] says.
func newPicture(groups []*changeGroup, hidden *mask.Filter) *picture {
	p := &picture{}
	for i, g := range groups {
		symbol, _ := look(g.action)
		p.boxes = append(p.boxes, box{class: string(g.action), label: symbol + " " + g.label(hidden), title: g.head(), target: changeID(i)})
	}
	for _, a := range groupArrows(groups) {
		p.edges = append(p.edges, edge{from: a.from, to: a.to})
	}
	p.addNodes(groups, hidden)
	if len(p.boxes) > mostBoxes {
		p.dropLonely()
	}
	p.place()
	return p
}

// joined are the boxes that an edge leads to or from.
func (p *picture) joined() map[int]bool {
	list := map[int]bool{}
	for _, e := range p.edges {
		list[e.from], list[e.to] = true, true
	}
	return list
}

// dropLonely drops the boxes that wait for nothing, and that nothing waits for.
func (p *picture) dropLonely() {
	joined, now := p.joined(), map[int]int{}
	var kept []box
	for i, at := range p.boxes {
		if joined[i] {
			now[i] = len(kept)
			kept = append(kept, at)
		}
	}
	p.left = len(p.boxes) - len(kept)
	p.boxes = kept
	for i, e := range p.edges {
		p.edges[i] = edge{now[e.from], now[e.to], e.on}
	}
}

// changeID is the id of a group on the page.
func changeID(i int) string { return fmt.Sprintf("change-%d", i) }

// label is the short name of a group.
func (g *changeGroup) label(hidden *mask.Filter) string {
	if isSoftware(g.changes[0]) && len(g.changes) == 1 {
		return softwareName(g.changes[0], hidden)
	}
	return strings.TrimPrefix(g.head(), "instance ")
}

// groupArrows lead from the groups that go first to those that wait for them. There are no
// two between two groups.
func groupArrows(groups []*changeGroup) []arrow {
	index := map[string]int{}
	for i, g := range groups {
		for _, c := range g.changes {
			index[string(c.Address())] = i
		}
	}
	drawn := map[arrow]bool{}
	var arrows []arrow
	for to, g := range groups {
		for _, c := range g.changes {
			for _, address := range c.DependsOn {
				from, ok := index[string(address)]
				if a := (arrow{from, to}); ok && from != to && !drawn[a] && !drawn[arrow{to, from}] {
					drawn[a] = true
					arrows = append(arrows, a)
				}
			}
		}
	}
	return arrows
}

func isSoftware(c *engine.Change) bool {
	_, ok := c.Resource.(*engine.Software)
	return ok
}

// addNodes adds the compute nodes, where there are several, or software for one. What
// waits for something else needs no line from its node.
func (p *picture) addNodes(groups []*changeGroup, hidden *mask.Filter) {
	type place struct {
		group int
		name  string
	}
	var on []place
	var names []string
	software := false
	for i, g := range groups {
		for _, c := range g.changes {
			at := place{i, computer(c)}
			if at.name == "" || slices.Contains(on, at) {
				continue
			}
			on = append(on, at)
			if !slices.Contains(names, at.name) {
				names = append(names, at.name)
			}
			software = software || isSoftware(c)
		}
	}
	if len(names) < 2 && !software {
		return
	}
	first := len(p.boxes)
	waits := map[int]bool{}
	for _, e := range p.edges {
		waits[e.to] = true
	}
	for _, name := range names {
		text := "node " + hidden.Text(term.Name(name))
		p.boxes = append(p.boxes, box{class: "node", label: text, title: text})
	}
	for _, at := range on {
		if !waits[at.group] {
			p.edges = append(p.edges, edge{first + slices.Index(names, at.name), at.group, true})
		}
	}
}

// place gives each box its place: in the columns those that an edge leads to or from, each
// near to what leads to it, and below those that stand alone.
func (p *picture) place() {
	column, joined := p.layers(), p.joined()
	bottom := 0
	for c := range slices.Max(append(column, 0)) + 1 {
		var boxes []int
		for i := range p.boxes {
			if joined[i] && column[i] == c {
				boxes = append(boxes, i)
			}
		}
		slices.SortStableFunc(boxes, func(a, b int) int { return p.wanted(a) - p.wanted(b) })
		for row, i := range boxes {
			p.boxes[i].x, p.boxes[i].y = c*(boxWidth+columnGap), row*(boxHeight+rowGap)
			bottom = max(bottom, p.boxes[i].y+boxHeight+2*rowGap)
		}
	}
	n := 0
	for i := range p.boxes {
		if !joined[i] {
			p.boxes[i].x, p.boxes[i].y = n%mostAcross*(boxWidth+columnGap), bottom+n/mostAcross*(boxHeight+rowGap)
			n++
		}
	}
}

// wanted is how far down a box stands best: as far as what leads to it, on the average.
func (p *picture) wanted(i int) int {
	sum, n := 0, 0
	for _, e := range p.edges {
		if e.to == i {
			sum, n = sum+p.boxes[e.from].y, n+1
		}
	}
	return sum / max(n, 1)
}

// layers are the columns of the boxes. Those that wait for each other, since some of their
// changes do, stand where they are.
func (p *picture) layers() []int {
	column := make([]int, len(p.boxes))
	for range p.boxes { // a longer way than through all of them is a circle
		moved := false
		for _, e := range p.edges {
			if column[e.to] <= column[e.from] && column[e.from] < len(p.boxes)-1 {
				column[e.to], moved = column[e.from]+1, true
			}
		}
		if !moved {
			break
		}
	}
	return column
}

// svg draws the picture.
func (p *picture) svg() string {
	if len(p.boxes) > mostBoxes {
		return fmt.Sprintf("<p>%d boxes are too many for a picture.</p>", len(p.boxes))
	}
	note := ""
	if p.left > 0 {
		note = fmt.Sprintf("<p>Not drawn: %d that wait for nothing, and that nothing waits for.</p>", p.left)
	}
	if len(p.boxes) == 0 {
		return note
	}
	width, height := 0, 0
	for _, at := range p.boxes {
		width, height = max(width, at.x+boxWidth), max(height, at.y+boxHeight)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg role="group" aria-label="A box for each change; an arrow leads from what goes first to what waits for it" viewBox="-4 -4 %d %d" width="%d" height="%d">`, width+8, height+8, width+8, height+8)
	b.WriteString(`<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8"/></marker></defs>`)
	for _, e := range p.edges {
		from, to := p.boxes[e.from], p.boxes[e.to]
		style := `marker-end="url(#end)"`
		if e.on {
			style = `class="on"`
		}
		x1, y1, x2, y2 := from.x+boxWidth, from.y+boxHeight/2, to.x, to.y+boxHeight/2
		fmt.Fprintf(&b, `<path %s d="M%d %dC%d %d %d %d %d %d"/>`, style, x1, y1, x1+columnGap/2, y1, x2-columnGap/2, y2, x2, y2)
	}
	for _, at := range p.boxes {
		text := fmt.Sprintf(`<g class="%s"><title>%s</title><rect x="%d" y="%d" width="%d" height="%d" rx="4"/><text x="%d" y="%d">%s</text></g>`,
			at.class, html.EscapeString(at.title), at.x, at.y, boxWidth, boxHeight, at.x+8, at.y+19, html.EscapeString(term.Cut(at.label, mostLabel)))
		if at.target != "" {
			text = fmt.Sprintf(`<a href="#%s">%s</a>`, at.target, text)
		}
		b.WriteString(text)
	}
	return b.String() + "</svg>" + note
}

// words say the same as the edges, for whoever does not see them.
func (p *picture) words() []string {
	var list []string
	for to, at := range p.boxes {
		var waits, on []string
		for _, e := range p.edges {
			switch {
			case e.to != to:
			case e.on:
				on = append(on, strings.TrimPrefix(p.boxes[e.from].title, "node "))
			default:
				waits = append(waits, p.boxes[e.from].title)
			}
		}
		if len(waits) > 0 {
			list = append(list, at.title+" waits for "+strings.Join(waits, ", "))
		}
		if len(on) > 0 {
			list = append(list, at.title+" is on "+strings.Join(on, ", "))
		}
	}
	return list
}

// releaseName is what people call a software release: the folder that its file is in.
func releaseName(release string) string {
	path, _, _ := strings.Cut(release, "?")
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	if len(parts) > 1 && strings.HasSuffix(parts[len(parts)-1], ".cfg") {
		return term.Name(parts[len(parts)-2])
	}
	return term.Name(parts[len(parts)-1])
}
