package view

import (
	"fmt"
	"io"
	"strconv"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/slap"
)

// An Orphan is an instance that no file declares.
type Orphan struct {
	Instance
	OwnedBy string `json:"owned_by,omitempty"` // the claim by which apply destroys it
}

// An OrphanList is what orphans shows. Its JSON is described by orphans.schema.json.
type OrphanList []Orphan

// NewOrphanList returns the instances of a State that has been read whole which a
// Config does not declare. What is destroyed already does not count.
func NewOrphanList(s *engine.State, c *engine.Config) OrphanList {
	declared := map[string]bool{}
	for _, i := range c.Instances() {
		declared[i.Name] = true
	}
	owners := c.Ownership(s)
	list := OrphanList{}
	for _, name := range s.Names() {
		o := Orphan{Instance: instanceOf(s, name)}
		if declared[name] || o.State == slap.Destroyed {
			continue
		}
		if claim := owners.Claim(name); claim != nil {
			o.OwnedBy = claim.Pattern
		}
		list = append(list, o)
	}
	return list
}

// WriteText writes a table, and in notes what apply would do about it.
func (l OrphanList) WriteText(out, notes io.Writer) error {
	if len(l) == 0 {
		_, err := fmt.Fprintln(notes, "slapstar: the files declare every instance on this Master")
		return err
	}
	rows := [][]string{{"NAME", "STATE", "NODE", "RELEASE", "OWNED BY"}}
	owned := 0
	for _, o := range l {
		claim := "-"
		if o.OwnedBy != "" {
			owned++
			claim = strconv.Quote(o.OwnedBy)
		}
		rows = append(rows, []string{o.Name, o.State, orDash(o.Computer), orDash(o.SoftwareRelease), claim})
	}
	if err := table(out, rows); err != nil || owned == 0 {
		return err
	}
	_, err := fmt.Fprintf(notes, "slapstar: apply destroys what is owned and not declared: %s; it leaves the others alone\n", term.Counted(owned, "instance"))
	return err
}
