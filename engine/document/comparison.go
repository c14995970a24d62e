package document

import "slapstar/engine"

// A Comparison is an [engine.Comparison].
type Comparison struct {
	Before      string `json:"before"` // the revision that is compared with
	After       string `json:"after"`  // the revision, or the work tree, that is compared
	Differs     bool   `json:"differs"`
	Same        int    `json:"same"`         // resources that both declare, and that do not differ
	NotCompared int    `json:"not_compared"` // resources that one declares, where the other one ends before
	Unfinished  []End  `json:"unfinished"`   // which of the two end before all is declared
}

// An End is an [engine.End].
type End struct {
	Side string `json:"side"`
	More
}

func newComparison(p *engine.Plan) *Comparison {
	c := p.Comparison
	if c == nil {
		return nil
	}
	d := &Comparison{Before: c.Before, After: c.After, Differs: p.Differs(), Same: c.Same, NotCompared: c.NotCompared, Unfinished: []End{}}
	for _, end := range c.Unfinished {
		more := newMore(&end.Boundary)
		more.Origin = newOrigin(end.Origin)
		d.Unfinished = append(d.Unfinished, End{end.Side, *more})
	}
	return d
}
