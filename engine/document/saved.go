package document

import (
	"fmt"
	"strings"

	"slapstar/engine"
)

// A StaleError says that a plan is another one than what was approved. Nothing was
// written.
type StaleError struct {
	Differences []Difference
	Carried     bool // nothing of the plan is left to do
	Saved       bool // the plan is made of the same files
}

func (e *StaleError) Error() string {
	if e.Carried {
		return "this plan has been carried out already: the Master has all that it shows"
	}
	const most = 20
	var b strings.Builder
	b.WriteString("the plan is not the one that was approved; nothing was written")
	if e.Saved {
		b.Reset()
		b.WriteString("the Master has changed since this plan was made; nothing was written")
	}
	for i := range e.Differences {
		if i == most {
			fmt.Fprintf(&b, "\n  and %d more", len(e.Differences)-most)
			break
		}
		fmt.Fprintf(&b, "\n  %v", &e.Differences[i])
	}
	return b.String()
}

// CheckSaved returns a [*StaleError] unless a plan, sealed with the same salt, does what
// the saved one shows, or what is left of it.
func CheckSaved(saved, now *Plan, n Now) error {
	found := &StaleError{Saved: true, Differences: differences(saved, now, n), Carried: len(saved.Changes) > 0 && len(now.Changes) == 0 && now.More == nil}
	if found.Carried || len(found.Differences) > 0 {
		return found
	}
	return nil
}

// CheckApproved returns what a plan does otherwise than the approved one, of which the
// digest differs. Both are [New].
func CheckApproved(approved, now *Plan) error {
	found := &StaleError{Differences: differences(approved, now, Now{Blind: approved.Fingerprints != now.Fingerprints})}
	there := map[engine.Address]bool{}
	for _, c := range now.Changes {
		there[c.Address] = true
	}
	for _, c := range approved.Changes {
		if !there[c.Address] {
			found.Differences = append(found.Differences, Difference{Address: c.Address, Origin: c.Origin.origin(), Approved: string(c.Action), Found: "nothing of it"})
		}
	}
	if approved.Context.Master != now.Context.Master {
		found.Differences = append(found.Differences, Difference{Address: "the Master", Approved: approved.Context.Master, Found: now.Context.Master})
	}
	found.Differences = append(found.Differences, policyDifferences(approved.Policy, now.Policy)...)
	if len(found.Differences) == 0 {
		found.Differences = append(found.Differences, Difference{Address: "the plan", Approved: approved.Digest, Found: now.Digest,
			Why: "a value that is not shown differs, the entry file, an option, or what protects instances"})
	}
	return found
}
