package document

import (
	"fmt"
	"strings"

	"slapstar/engine"
)

// A StaleError says that the Master has moved on since a plan was saved, or that
// the plan has been carried out already. Nothing was written.
type StaleError struct {
	Differences []engine.NotApprovedError
	Carried     bool // nothing of the plan is left to do
}

func (e *StaleError) Error() string {
	if e.Carried {
		return "this plan has been carried out already: the Master has all that it shows"
	}
	const most = 20
	var b strings.Builder
	b.WriteString("the Master has changed since this plan was made; nothing was written")
	for i, d := range e.Differences {
		if i == most {
			fmt.Fprintf(&b, "\n  and %d more", len(e.Differences)-most)
			break
		}
		fmt.Fprintf(&b, "\n  %v", &d)
	}
	return b.String()
}

// CheckSaved returns a [*StaleError] unless a plan, sealed with the same salt,
// does exactly what the saved one shows.
func CheckSaved(saved, now *Plan) error {
	found := &StaleError{Carried: len(saved.Changes) > 0 && len(now.Changes) == 0 && now.More == nil}
	before := map[engine.Address]Change{}
	for _, c := range saved.Changes {
		before[c.Address] = c
	}
	for _, c := range now.Changes {
		found.Differences = append(found.Differences, compareSaved(before[c.Address], c)...)
		delete(before, c.Address)
	}
	for _, c := range saved.Changes {
		if _, left := before[c.Address]; left {
			found.Differences = append(found.Differences, engine.NotApprovedError{Address: c.Address, Origin: c.Origin.origin(), Approved: string(c.Action), Found: "nothing of it: it is so already"})
		}
	}
	if len(found.Differences) == 0 && digest(saved) != digest(now) {
		found.Differences = []engine.NotApprovedError{{Address: "the order", Approved: "another order, or another stage to come", Found: "digest " + digest(now)}}
	}
	if len(found.Differences) > 0 {
		return found
	}
	return nil
}

// compareSaved compares what a saved plan shows of a change, the zero value if it
// shows none, with what would be done now.
func compareSaved(before, now Change) []engine.NotApprovedError {
	difference := func(attribute, approved, found string) engine.NotApprovedError {
		return engine.NotApprovedError{Address: now.Address, Origin: now.Origin.origin(), Attribute: attribute, Approved: approved, Found: found}
	}
	switch before.Action {
	case now.Action:
	case "":
		return []engine.NotApprovedError{difference("", "nothing of it", string(now.Action))}
	default:
		return []engine.NotApprovedError{difference("", string(before.Action), string(now.Action))}
	}
	var list []engine.NotApprovedError
	shown := map[string]string{}
	for _, a := range before.Attributes {
		shown[a.path()] = a.describe()
	}
	for _, a := range now.Attributes {
		was, ok := shown[a.path()]
		delete(shown, a.path())
		if !ok {
			was = "no change of it"
		}
		if was != a.describe() {
			list = append(list, difference(a.path(), hideSeals(was), hideSeals(a.describe())))
		}
	}
	for _, a := range before.Attributes {
		if was, left := shown[a.path()]; left {
			list = append(list, difference(a.path(), hideSeals(was), "no change of it"))
		}
	}
	return list
}
