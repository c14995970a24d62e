package view

import (
	"fmt"
	"html"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
)

// Sizes of a picture.
const (
	boxWidth, boxHeight = 250, 28
	columnGap, rowGap   = 60, 12
	mostBoxes           = 200
	mostLabel           = 27 // columns
)

// picture draws what waits for what as SVG: a box for each group, in the column after
// those of all that it waits for.
func picture(groups []*changeGroup) string {
	if len(groups) > mostBoxes {
		return fmt.Sprintf("<p>%d changes are too many for a picture.</p>", len(groups))
	}
	column, arrows := layers(groups)
	rows := map[int]int{} // of each column
	type point struct{ x, y int }
	at := make([]point, len(groups))
	width, height := 0, 0
	for i, c := range column {
		at[i] = point{c * (boxWidth + columnGap), rows[c] * (boxHeight + rowGap)}
		rows[c]++
		width, height = max(width, at[i].x+boxWidth), max(height, at[i].y+boxHeight)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg role="img" aria-label="An arrow leads from what goes first to what waits for it" viewBox="-4 -4 %d %d" width="%d">`, width+8, height+8, width+8)
	b.WriteString(`<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8"/></marker></defs>`)
	for _, a := range arrows {
		from, to := at[a.from], at[a.to]
		x1, y1, x2, y2 := from.x+boxWidth, from.y+boxHeight/2, to.x, to.y+boxHeight/2
		fmt.Fprintf(&b, `<path marker-end="url(#end)" d="M%d %dC%d %d %d %d %d %d"/>`, x1, y1, x1+columnGap/2, y1, x2-columnGap/2, y2, x2, y2)
	}
	for i, g := range groups {
		symbol, _ := look(g.action)
		label := strings.TrimPrefix(g.head(), "instance ")
		if s, ok := g.changes[0].Resource.(*engine.Software); ok && len(g.changes) == 1 {
			label = releaseName(s.SoftwareRelease) + " on " + term.Name(s.Computer)
		}
		fmt.Fprintf(&b, `<g class="%s"><title>%s</title><rect x="%d" y="%d" width="%d" height="%d" rx="4"/><text x="%d" y="%d">%s %s</text></g>`,
			g.action, html.EscapeString(g.head()), at[i].x, at[i].y, boxWidth, boxHeight, at[i].x+8, at[i].y+19, symbol, html.EscapeString(term.Cut(label, mostLabel)))
	}
	return b.String() + "</svg>"
}

// layers are the column of each group, and the arrows between groups. Groups that wait
// for each other, since some of their changes do, stand where they are.
func layers(groups []*changeGroup) ([]int, []arrow) {
	index := map[engine.Address]int{}
	for i, g := range groups {
		for _, c := range g.changes {
			index[c.Address()] = i
		}
	}
	drawn := map[arrow]bool{}
	var arrows []arrow
	for to, g := range groups {
		for _, c := range g.changes {
			for _, address := range c.DependsOn {
				from, ok := index[address]
				if a := (arrow{from, to}); ok && from != to && !drawn[a] && !drawn[arrow{to, from}] {
					drawn[a] = true
					arrows = append(arrows, a)
				}
			}
		}
	}
	column := make([]int, len(groups))
	for range groups { // a longer way than through all of them is a circle
		moved := false
		for _, a := range arrows {
			if column[a.to] <= column[a.from] && column[a.from] < len(groups)-1 {
				column[a.to], moved = column[a.from]+1, true
			}
		}
		if !moved {
			break
		}
	}
	return column, arrows
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
