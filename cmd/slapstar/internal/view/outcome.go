package view

import (
	"fmt"

	"slapstar/engine"
	"slapstar/internal/mask"
)

// mostListed is how many changes are named of which the same is said.
const mostListed = 10

// Left writes which changes an apply did not carry out, a line each, but those that
// failed.
func (t Text) Left(o *engine.Outcome) {
	t.list(o.Needless, "nothing left to do: the Master has it so")
	t.list(o.NotStarted, "not started")
}

// list says the same of some changes.
func (t Text) list(changes []*engine.Change, what string) {
	for i, c := range changes {
		if i == mostListed {
			mask.WriteOwn(t.W, fmt.Sprintf("slapstar: %d more: %s\n", len(changes)-mostListed, what))
			return
		}
		hidden := mask.Of(t.W)
		mask.WriteOwn(t.W, fmt.Sprintf("slapstar: %s: %s: %s\n", position(c.Resource.Declared(), hidden), address(c.Address(), hidden), what))
	}
}

// Reports writes what the nodes said last of the instances that are waited for.
func (t Text) Reports(waits []engine.Need) {
	for _, line := range Reports(waits, mask.Of(t.W)) {
		mask.WriteOwn(t.W, "slapstar: "+line+"\n")
	}
}

// Outcome writes the last line of an apply.
func (t Text) Outcome(o *engine.Outcome) error {
	_, err := mask.WriteOwn(t.W, outcome(o)+"\n")
	return err
}

func outcome(o *engine.Outcome) string {
	counts := map[engine.Action]int{}
	for _, c := range o.Done {
		counts[c.Action]++
	}
	s := fmt.Sprintf("Apply: %d done (%d created, %d updated, %d destroyed), %d failed, %d not started",
		len(o.Done), counts[engine.Create], counts[engine.Update], counts[engine.Delete], len(o.Failed), len(o.NotStarted))
	if n := len(o.Moved); n > 0 {
		s += fmt.Sprintf(", %d changed by somebody else", n)
	}
	return s + "."
}
