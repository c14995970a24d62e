package view

import (
	"fmt"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
)

// sides name the two revisions that are compared.
func sides(c *engine.Comparison) string { return c.Before + " → " + c.After }

// compared is the last line of a comparison of two revisions.
func compared(p *engine.Plan) string {
	c := p.Comparison
	rest := ""
	if c.NotCompared > 0 {
		rest = fmt.Sprintf(" %s on one side alone, where the other one ends before: not compared.", beVerb(c.NotCompared))
	}
	if len(c.Unfinished) > 0 && !c.Identical {
		rest += " More was not compared."
	}
	switch {
	case p.Pending():
		s := fmt.Sprintf("Difference: %d to create, %d to update, %d to destroy.", p.Count(engine.Create), p.Count(engine.Update), p.Count(engine.Delete))
		switch c.Same {
		case 0:
		case 1:
			s += " 1 is the same."
		default:
			s += fmt.Sprintf(" %d are the same.", c.Same)
		}
		return s + rest
	case p.Differs():
		return fmt.Sprintf("No difference so far: the same %s.", term.Counted(c.Same, "resource")) + rest
	}
	return fmt.Sprintf("No difference: the same %s.", term.Counted(c.Same, "resource"))
}

func beVerb(n int) string {
	if n == 1 {
		return "1 declaration is"
	}
	return fmt.Sprintf("%d declarations are", n)
}
