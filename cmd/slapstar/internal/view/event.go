package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"slapstar/engine"
)

// Event writes what happened during an apply, a line an event. The start of a
// change says nothing that its end does not.
func (t Text) Event(e engine.Event) {
	switch e.Kind {
	case engine.Done:
		symbol, color := look(e.Change.Action)
		fmt.Fprintf(t.W, "  %s %s: %s\n", t.paint(color, symbol), Escape(string(e.Change.Address())), participle(e.Change.Action))
	case engine.Failed:
		fmt.Fprintf(t.W, "  %s %s: failed\n", t.paint(red, "!"), Escape(string(e.Change.Address())))
	case engine.Waiting:
		fmt.Fprintf(t.W, "  … waiting for %s%s%s\n", Missing(e.Waits), since(e.Elapsed, e.Limit), trouble(e.Err))
	}
}

// Missing lists values that are waited for, grouped by instance.
func Missing(list []engine.Wait) string {
	var names []string
	keys := map[string][]string{}
	for _, r := range list {
		if keys[r.Instance] == nil {
			names = append(names, r.Instance)
		}
		keys[r.Instance] = append(keys[r.Instance], strconv.Quote(r.Key))
	}
	const most = 5
	var texts []string
	for i, name := range names {
		if i == most {
			texts = append(texts, fmt.Sprintf("%d more", len(names)-most))
			break
		}
		texts = append(texts, fmt.Sprintf("%s of instance %s", strings.Join(keys[name], ", "), Escape(name)))
	}
	return strings.Join(texts, "; ")
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

func trouble(err error) string {
	if err == nil {
		return ""
	}
	return ": " + Escape(err.Error())
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

// Outcome writes the last line of an apply.
func (t Text) Outcome(o *engine.Outcome) error {
	counts := map[engine.Action]int{}
	for _, c := range o.Done {
		counts[c.Action]++
	}
	_, err := fmt.Fprintf(t.W, "Apply: %d done (%d created, %d updated, %d destroyed), %d failed, %d not started.\n",
		len(o.Done), counts[engine.Create], counts[engine.Update], counts[engine.Delete], len(o.Failed), len(o.NotStarted))
	return err
}
