package view

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// Event writes what happened during an apply, a line an event. The start of a
// change says nothing that its end does not.
func (t Text) Event(e engine.Event) {
	e = hide(e, mask.Of(t.W))
	for _, line := range t.eventLines(e) {
		mask.WriteOwn(t.W, "  "+line+"\n")
	}
}

func (t Text) eventLines(e engine.Event) []string {
	hidden := mask.Of(t.W)
	switch e.Kind {
	case engine.Done:
		symbol, color := look(e.Change.Action)
		return []string{fmt.Sprintf("%s %s: %s%s", t.paint(color, symbol), address(e.Change.Address(), hidden), participle(e.Change.Action), took(e.Elapsed))}
	case engine.Failed:
		return []string{fmt.Sprintf("%s %s: failed%s", t.paint(term.Red, "!"), address(e.Change.Address(), hidden), took(e.Elapsed))} // the report at the end says why
	case engine.Waiting:
		return append([]string{fmt.Sprintf("… waiting for %s%s%s", Missing(e.Waits, hidden), since(e.Elapsed, e.Limit), trouble(e.Err))}, indented(Reports(e.Waits, hidden))...)
	case engine.Arrived:
		return []string{fmt.Sprintf("… arrived: %s%s", Missing(e.Waits, hidden), since(e.Elapsed, 0))}
	case engine.Unlisted:
		return []string{fmt.Sprintf("… waiting until the Master lists %s%s", Several(e.Changes, hidden), since(e.Elapsed, e.Limit))}
	case engine.Postponed:
		return []string{fmt.Sprintf("… waiting until the Master %s%s%s", postponed(e), Several(e.Changes, hidden), since(e.Elapsed, e.Limit)+trouble(e.Err))}
	}
	return nil
}

// postponed says what a Master has to do before it can take changes.
func postponed(e engine.Event) string {
	if e.Err != nil {
		return "takes "
	}
	return "has let go of the name of "
}

// mostNamed is how many resources a line names.
const mostNamed = 5

// Several names changes, and counts those that are too many.
func Several(list []*engine.Change, f *mask.Filter) string {
	var names []string
	for i, c := range list {
		if i == mostNamed {
			names = append(names, fmt.Sprintf("%d more", len(list)-mostNamed))
			break
		}
		names = append(names, address(c.Address(), f))
	}
	return strings.Join(names, ", ")
}

// hide returns an event without secrets in what nodes and a Master say: before it is
// cut for a line.
func hide(e engine.Event, f *mask.Filter) engine.Event {
	e.Waits = slices.Clone(e.Waits)
	for i := range e.Waits {
		e.Waits[i].Status = f.Value(e.Waits[i].Status)
	}
	if e.Err != nil {
		e.Err = errors.New(f.Text(e.Err.Error()))
	}
	return e
}

// Missing lists what is waited for, grouped by instance. What f hides is not in it.
func Missing(list []engine.Need, f *mask.Filter) string {
	var names []string
	keys := map[string][]string{}
	for _, w := range list {
		if keys[w.Instance] == nil {
			names = append(names, w.Instance)
			keys[w.Instance] = []string{}
		}
		if key := f.Text(term.Quote(w.Name())); w.Name() != "" && !slices.Contains(keys[w.Instance], key) {
			keys[w.Instance] = append(keys[w.Instance], key)
		}
	}
	var texts []string
	for i, name := range names {
		if i == mostNamed {
			texts = append(texts, fmt.Sprintf("%d more", len(names)-mostNamed))
			break
		}
		text := "instance " + f.Text(term.Name(name))
		if len(keys[name]) > 0 {
			text = strings.Join(keys[name], ", ") + " of " + text
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}

// came says which names have come of instances that are waited for, a line each.
func came(list []engine.Need, f *mask.Filter) []string {
	seen := map[string]bool{}
	var lines []string
	for _, w := range list {
		if seen[w.Instance] || len(w.Came) == 0 || w.Name() == "" {
			continue
		}
		seen[w.Instance] = true
		var names []string
		for i, name := range w.Came {
			if i == mostCame {
				names = append(names, fmt.Sprintf("%d more", len(w.Came)-mostCame))
				break
			}
			names = append(names, f.Text(term.Quote(name)))
		}
		lines = append(lines, fmt.Sprintf("instance %s: it has published %s so far", f.Text(term.Name(w.Instance)), strings.Join(names, ", ")))
	}
	return lines
}

// mostCame is how many names of what was published a line has.
const mostCame = 20

// mostStatus is how many characters of what a node reports are shown.
const mostStatus = 300

func indented(lines []string) []string {
	for i := range lines {
		lines[i] = "    " + lines[i]
	}
	return lines
}

// phases say why an instance does not come.
var phases = map[engine.Phase]string{
	engine.PhaseUnlisted:     "the Master does not list it yet",
	engine.PhaseSubscription: "it has no instance yet: the subscription to the project comes first, and may wait for a deposit",
	engine.PhasePlace:        "it waits for a place: its release has to be on a node that the project allows it, with a partition that is free",
	engine.PhaseReport:       "it has a place, whose node has not reported yet",
}

// Reports are what the nodes said last of the instances that are waited for, or that the
// Master does not list, and what these have published already, a line each. What f hides is not in them.
func Reports(list []engine.Need, f *mask.Filter) []string {
	seen := map[string]bool{}
	var lines []string
	for _, w := range list {
		if w.Status != "" && phases[w.Phase] == "" && !seen[w.Instance] {
			seen[w.Instance] = true
			lines = append(lines, fmt.Sprintf("instance %s: the node says: %s", f.Text(term.Name(w.Instance)), status(f.Value(w.Status))))
		}
		if text := phases[w.Phase]; text != "" && !seen[w.Instance] {
			seen[w.Instance] = true
			lines = append(lines, fmt.Sprintf("instance %s: %s", f.Text(term.Name(w.Instance)), text))
		}
	}
	return append(lines, came(list, f)...)
}

func status(s string) string {
	s = term.Escape(strings.TrimSpace(s))
	if cut := term.Cut(s, mostStatus); cut != s {
		return cut + " (slapstar info shows all)"
	}
	return s
}

func since(d, limit time.Duration) string {
	if d < time.Second {
		return ""
	}
	s := fmt.Sprintf(" (for %s", d.Round(time.Second))
	if limit > 0 {
		s += fmt.Sprintf(" of %s", limit)
	}
	return s + ")"
}

// took is said of what took long.
func took(d time.Duration) string {
	if d < 2*time.Second {
		return ""
	}
	return fmt.Sprintf(" (took %s)", d.Round(time.Second))
}

func trouble(err error) string {
	if err == nil {
		return ""
	}
	return ": " + term.Escape(err.Error())
}

func participle(a engine.Action) string {
	switch a {
	case engine.Create:
		return "created"
	case engine.Update:
		return "updated"
	case engine.Delete:
		return "to be destroyed" // the Master took the wish; its node does the work
	}
	return string(a)
}
