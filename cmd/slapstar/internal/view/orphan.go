package view

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/slap"
)

// An Orphan is an instance, or a software release on a compute node, that no file declares.
type Orphan struct {
	Kind string `json:"kind"` // instance, or software, which has a release, a node and a state and nothing else
	Instance
	OwnedBy string `json:"owned_by,omitempty"` // the claim by which apply destroys it
}

// An OrphanList is what orphans shows. Its JSON is described by orphans.schema.json.
type OrphanList []Orphan

// The kinds of orphans.
const (
	orphanInstance = "instance"
	orphanSoftware = "software"
)

// NewOrphanList returns what a State that has been read whole has and a Config does not
// declare, nor others that declare on the same Master: instances by name, then software by
// node and release. What is destroyed already does not count.
func NewOrphanList(s *engine.State, c *engine.Config, others ...*engine.Config) OrphanList {
	declared := map[string]bool{}
	var owners []engine.Ownership
	all := append([]*engine.Config{c}, others...)
	for _, c := range all {
		for _, i := range c.Instances() {
			declared[i.Name] = true
		}
		owners = append(owners, c.Ownership(s))
	}
	list := OrphanList{}
	for _, name := range s.Names() {
		o := Orphan{Kind: orphanInstance, Instance: instanceOf(s, name)}
		if declared[name] || o.State == slap.Destroyed {
			continue
		}
		for _, by := range owners {
			if claim := by.Claim(name); claim != nil && o.OwnedBy == "" {
				o.OwnedBy = claim.Pattern
			}
		}
		list = append(list, o)
	}
	return append(list, orphanedSoftware(s, all)...)
}

func orphanedSoftware(s *engine.State, all []*engine.Config) OrphanList {
	declared := map[engine.Address]bool{}
	for _, c := range all {
		for _, want := range c.Software() {
			declared[want.Address()] = true
		}
	}
	var list OrphanList
	for _, computer := range slices.Sorted(maps.Keys(s.Software)) {
		for _, release := range slices.Sorted(maps.Keys(s.Software[computer])) {
			there := &engine.Software{Computer: computer, SoftwareRelease: release, State: s.Software[computer][release]}
			if there.State == slap.Destroyed || declared[there.Address()] {
				continue
			}
			list = append(list, Orphan{Kind: orphanSoftware, Instance: Instance{Health: unknownHealth, State: there.State, SoftwareRelease: release, Computer: computer}})
		}
	}
	return list
}

// WriteText writes a table, and in notes what apply would do about it.
func (l OrphanList) WriteText(out, notes io.Writer) error {
	if len(l) == 0 {
		_, err := fmt.Fprintln(notes, "slapstar: the files declare every instance and all software on this Master")
		return err
	}
	rows := [][]string{{"NAME", "STATE", "NODE", "RELEASE", "OWNED BY"}}
	software := [][]string{{"SOFTWARE ON NODE", "STATE", "RELEASE"}}
	owned := 0
	for _, o := range l {
		if o.Kind == orphanSoftware {
			software = append(software, []string{o.Computer, o.State, o.SoftwareRelease})
			continue
		}
		claim := "-"
		if o.OwnedBy != "" {
			owned++
			claim = strconv.Quote(o.OwnedBy)
		}
		rows = append(rows, []string{o.Name, o.State, orDash(o.Computer), orDash(o.SoftwareRelease), claim})
	}
	if err := tables(out, rows, software); err != nil || owned == 0 {
		return err
	}
	_, err := fmt.Fprintf(notes, "slapstar: apply destroys what is owned and not declared: %s; it leaves the others alone\n", term.Counted(owned, "instance"))
	return err
}
