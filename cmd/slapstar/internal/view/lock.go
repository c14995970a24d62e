package view

import (
	"fmt"
	"io"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
)

// A LockReport says how products.lock stands to a Master: docs/lock.schema.json describes
// its JSON.
type LockReport struct {
	FormatVersion int    `json:"format_version"`
	Environment   string `json:"environment,omitempty"` // of the project; empty: of files that no project names
	File          string `json:"file"`                  // the lock
	Clean         bool   `json:"clean"`                 // there is nothing to do

	Products []LockedProduct  `json:"products"` // by name
	Upgrades []PendingUpgrade `json:"upgrades"` // decisions of the Master that are not carried out yet
	Invalid  []Invalid        `json:"invalid"`  // what would be wrong in the files with what the Master says today
	Unsaid   bool             `json:"unsaid"`   // the files may ask for more, which depends on a value not known yet
}

// A LockedProduct is one product of a LockReport.
type LockedProduct struct {
	Name         string             `json:"name"`
	Status       string             `json:"status"` // same, moved, changed, not locked, not known or not used
	Locked       string             `json:"locked,omitempty"`
	Now          string             `json:"now,omitempty"`
	LockedSchema string             `json:"locked_schema,omitempty"`
	NowSchema    string             `json:"now_schema,omitempty"`
	Differences  []SchemaDifference `json:"differences"`      // of what the two releases say of parameters
	Unread       string             `json:"unread,omitempty"` // why that was not compared
}

// A SchemaDifference is one way in which a release says something else.
type SchemaDifference struct {
	SoftwareType string `json:"software_type"`
	Shared       bool   `json:"shared"`
	Parameter    string `json:"parameter"` // empty: the software type itself
	Kind         string `json:"kind"`      // added, removed or changed
	Before       string `json:"before"`
	After        string `json:"after"`
}

// A PendingUpgrade is an upgrade decision.
type PendingUpgrade struct {
	Instance string `json:"instance"`
	State    string `json:"state"`
}

// An Invalid declaration is wrong with what the Master says today.
type Invalid struct {
	Address  string `json:"address,omitempty"` // empty: the files cannot be evaluated
	Position string `json:"position,omitempty"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
}

// NewInvalid is what is wrong with a declaration.
func NewInvalid(r engine.Refusal) Invalid {
	return Invalid{string(r.Address), r.Origin.Position().String(), r.Message, r.Hint}
}

// own is the [mask.Own] of a LockReport.
func (r LockReport) own(member string, _ int, text string) int {
	return ownWords(text, member == "status" || member == "kind" || member == "state")
}

// lines are what a report says, a line each, the last one with the counts.
func (r LockReport) lines() (list []string, summary string) {
	count := map[string]int{}
	add := func(format string, args ...any) { list = append(list, term.Escape(fmt.Sprintf(format, args...))) }
	for _, p := range r.Products {
		count[p.Status]++
		switch p.Status {
		case "moved":
			add("~ product.%s  %s → %s", p.Name, p.Locked, p.Now)
		case "changed":
			add("~ product.%s  %s has another schema: %s → %s", p.Name, p.Now, p.LockedSchema, p.NowSchema)
		case "not locked":
			add("+ product.%s  %s, which is not locked", p.Name, p.Now)
		case "not known":
			add("! product.%s  %s: the Master no longer knows this product", p.Name, p.Locked)
		case "not used":
			add("- product.%s  %s: the files do not ask for it", p.Name, p.Locked)
		}
		for _, d := range p.Differences {
			add("    %s", d.text())
		}
		if p.Unread != "" {
			add("    the schemas were not compared: %s", p.Unread)
		}
	}
	for _, u := range r.Upgrades {
		add("~ instance %s  its upgrade decision is %s", u.Instance, u.State)
	}
	for _, i := range r.Invalid {
		add("! %s", i.text())
		if i.Hint != "" {
			add("    hint: %s", i.Hint)
		}
	}
	var counts []string
	for _, status := range []string{"moved", "changed", "not locked", "not known", "not used", "same"} {
		if n := count[status]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, status))
		}
	}
	if summary = "Lock: no products."; len(counts) > 0 {
		summary = "Lock: " + strings.Join(counts, ", ") + "."
	}
	if n := len(r.Upgrades); n > 0 {
		summary += fmt.Sprintf(" %s pending.", term.Counted(n, "upgrade decision"))
	}
	if n := len(r.Invalid); n > 0 {
		summary += fmt.Sprintf(" %s would be wrong with what the Master says today.", term.Counted(n, "value"))
	}
	if r.Unsaid {
		summary += " The files may ask for more."
	}
	return list, summary
}

func (i Invalid) text() string {
	if i.Address == "" {
		return i.Message
	}
	return fmt.Sprintf("%s (%s): %s", i.Address, i.Position, i.Message)
}

func (d SchemaDifference) text() string {
	name := "software type " + d.SoftwareType
	if d.Shared {
		name += ", shared"
	}
	if d.Parameter != "" {
		name += ": " + d.Parameter
	}
	switch d.Kind {
	case "added":
		return fmt.Sprintf("+ %s  %s", name, d.After)
	case "removed":
		return fmt.Sprintf("- %s  %s", name, d.Before)
	}
	return fmt.Sprintf("~ %s  %s → %s", name, d.Before, d.After)
}

// WriteText writes it for people.
func (r LockReport) WriteText(out, _ io.Writer) error {
	list, summary := r.lines()
	for _, line := range list {
		if _, err := fmt.Fprintf(out, "  %s\n", line); err != nil {
			return err
		}
	}
	if len(list) > 0 {
		summary = "\n" + summary
	}
	_, err := fmt.Fprintln(out, summary)
	return err
}

// WriteMarkdown writes it for a comment: what comes from a Master stands in a fence.
func (r LockReport) WriteMarkdown(out io.Writer) error {
	list, summary := r.lines()
	title := "Product lock"
	if r.Environment != "" {
		title += " of " + numbered(term.Escape(r.Environment), "&#")
	}
	text := fmt.Sprintf("## %s\n\n%s\n", title, summary)
	if len(list) > 0 {
		text += "\n" + fence("diff", list)
	}
	_, err := io.WriteString(out, text)
	return err
}
