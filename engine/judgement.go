package engine

import (
	"fmt"
	"slices"
)

// A Judgement is what was found when the parameters of a Config were compared with the
// schemas of their releases, of which a plan knows nothing. The zero value says nothing.
type Judgement struct {
	Wrong     []Refusal         // what a schema does not allow; a plan that has one cannot be applied
	Remarks   []Note            // what else is to be said of instances that are written
	Unchecked map[string]string // why parameters were not compared, by the name of the instance
}

// refuseJudged refuses what a schema does not allow. What is destroyed may be as it is.
func (p *planning) refuseJudged() {
	if len(p.Options.Judged.Wrong) == 0 {
		return
	}
	byAddress := p.byAddress()
	for _, r := range p.Options.Judged.Wrong {
		if c := byAddress[r.Address]; c != nil && c.Action != Delete {
			p.Refusals = append(p.Refusals, r)
		}
	}
}

// Limits of what a plan says of parameters that are not refused.
const (
	maxUnchecked = 5 // reasons
	maxRemarks   = 20
)

// An unchecked reason holds for some instances.
type unchecked struct {
	first  *Instance
	reason string
	count  int
}

// noteJudged says of what is to be written what was not compared with a schema, a note a
// reason, and what else there is to be said.
func (p *planning) noteJudged() {
	written := map[Address]bool{}
	var list []*unchecked
	for _, c := range p.Changes {
		i, ok := c.Resource.(*Instance)
		if !ok || c.Action != Create && c.Action != Update {
			continue
		}
		written[c.Address()] = true
		reason := p.Options.Judged.Unchecked[i.Name]
		if reason == "" {
			continue
		}
		n := slices.IndexFunc(list, func(u *unchecked) bool { return u.reason == reason })
		switch {
		case n >= 0:
			list[n].count++
		case len(list) == maxUnchecked: // the others together
			list = append(list, &unchecked{i, "for other reasons", 1})
		case len(list) > maxUnchecked:
			list[maxUnchecked].count++
		default:
			list = append(list, &unchecked{i, reason, 1})
		}
	}
	for _, u := range list {
		others := ""
		if u.count > 1 {
			others = fmt.Sprintf(", nor were those of %d more", u.count-1)
		}
		p.note(u.first, []string{fmt.Sprintf("its parameters were not checked%s: %s", others, u.reason)})
	}
	n := 0
	for _, r := range p.Options.Judged.Remarks {
		if !written[r.Address] {
			continue
		}
		if n++; n <= maxRemarks {
			p.Notes = append(p.Notes, r)
		}
	}
	if n > maxRemarks {
		last := &p.Notes[len(p.Notes)-1]
		last.Message += fmt.Sprintf("; and %d more of the kind", n-maxRemarks)
	}
}
