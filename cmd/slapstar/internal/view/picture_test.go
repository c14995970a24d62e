package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"slapstar/cmd/slapstar/internal/view/diff"
	"slapstar/engine"
	"slapstar/slap"
)

// layered is a plan of software on a node, what is requested there, and what waits for that.
func layered() *engine.Plan {
	db, app, web, far := instance("db", 2), instance("app", 3), instance("web", 4), instance("far", 5)
	db.SLA, far.SLA = slap.Parameters{slap.SLAComputer: "COMP-1"}, slap.Parameters{slap.SLAComputer: "COMP-2"}
	plan := &engine.Plan{Declared: &engine.Config{}, Changes: []*engine.Change{
		{Action: engine.Create, Resource: &engine.Software{SoftwareRelease: "https://lab.example/kvm/software.cfg", Computer: "COMP-1", State: slap.Available, Origin: origin(1)}},
		{Action: engine.Create, Resource: db, DependsOn: []engine.Address{"software https://lab.example/kvm/software.cfg on COMP-1"}},
		{Action: engine.Update, Resource: app, DependsOn: []engine.Address{"instance db"}},
		{Action: engine.Update, Resource: web, DependsOn: []engine.Address{"instance app", "instance db"}},
		{Action: engine.Create, Resource: far},
		{Action: engine.Delete, Resource: instance("gone", 6)},
	}}
	for _, c := range plan.Changes { // no two are alike
		c.Attributes = append(c.Attributes, parameter("note", nil, engine.Literal(string(c.Address()))))
	}
	return apart(plan)
}

func TestPicture(t *testing.T) {
	p := newPicture(groups(layered(), diff.Options{}, 2), nil)
	var got []string
	for _, at := range p.boxes {
		got = append(got, fmt.Sprintf("%s %s at column %d, row %d", at.class, at.label, at.x/(boxWidth+columnGap), at.y/(boxHeight+rowGap)))
	}
	want := []string{"create + kvm on COMP-1 at column 1, row 0", "create + db at column 2, row 0", "update ~ app at column 3, row 0", "update ~ web at column 4, row 0",
		"create + far at column 1, row 1", "destroy - gone at column 0, row 2", "node node COMP-1 at column 0, row 0", "node node COMP-2 at column 0, row 1"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	words := strings.Join(p.words(), "\n")
	if want := "instance web waits for instance app, instance db"; !strings.Contains(words, want) || !strings.Contains(words, "instance far is on COMP-2") {
		t.Errorf("got\n%s", words)
	}
}

// Of more boxes than can be drawn, those stay that something leads to.
func TestLargePicture(t *testing.T) {
	plan := layered()
	for i := range mostBoxes {
		plan.Changes = append(plan.Changes, &engine.Change{Action: engine.Update, Resource: instance(fmt.Sprint("i", i), i), Attributes: []engine.Attribute{parameter("n", nil, engine.Literal(fmt.Sprint(i)))}})
	}
	svg := newPicture(groups(apart(plan), diff.Options{}, 2), nil).svg()
	if n := strings.Count(svg, "<rect"); n != 7 || !strings.Contains(svg, "Not drawn: 201 ") {
		t.Errorf("there are %d boxes:\n%.1000s", n, svg)
	}
}
