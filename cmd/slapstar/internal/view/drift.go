package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view/diff"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/mask"
)

// Drift writes what has drifted, as a plan is written: what the Master has, and then what
// the files say. The counts are last.
func (t Text) Drift(d *engine.Drift) error {
	var b strings.Builder
	hidden := mask.Of(t.W)
	shown := withCauses(d)
	for _, g := range groups(shown, diff.Options{Mask: hidden}, t.least()) {
		t.group(&b, g)
	}
	for _, n := range driftNotes(d, hidden) {
		t.item(&b, "note: ", 6, n)
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	for _, line := range driftFacts(d, document.Context{}, hidden) {
		for _, line := range term.Wrap(line, t.Width) {
			b.WriteString(line + "\n")
		}
	}
	_, err := mask.WriteOwn(t.W, b.String()+driftSummary(d)+"\n")
	return err
}

// withCauses is the plan of a drift in which a change has all of its causes.
func withCauses(d *engine.Drift) *engine.Plan {
	p := *d.Plan
	p.Changes = nil
	for _, c := range d.Plan.Changes {
		one := *c
		if causes := d.Causes[c.Address()]; len(causes) > 1 {
			var texts []string
			for _, cause := range causes {
				texts = append(texts, string(cause))
			}
			one.Cause = engine.Cause(strings.Join(texts, ", "))
		}
		p.Changes = append(p.Changes, &one)
	}
	return &p
}

// driftFacts say what was compared with what.
func driftFacts(d *engine.Drift, made document.Context, hidden *mask.Filter) []string {
	list := facts(d.Plan, made)
	if since := d.Plan.Options.Since; since != nil {
		list = append(list, [2]string{"Since", since.Name})
	}
	var lines []string
	for _, fact := range list {
		lines = append(lines, fact[0]+": "+hidden.Text(term.Escape(fact[1])))
	}
	return lines
}

// driftNotes say what cannot be told, and what is to be known besides.
func driftNotes(d *engine.Drift, hidden *mask.Filter) []string {
	var list []string
	for _, n := range d.Unknown {
		list = append(list, remarked(n.Address, n.Origin, hidden.Text(term.Escape(n.Message)), hidden))
	}
	list = append(list, more(d.Plan.More, hidden)...)
	return append(list, notes(d.Plan, hidden)...)
}

// driftSummary is the last line.
func driftSummary(d *engine.Drift) string {
	rest := ""
	if n := len(unknownOf(d)); n > 0 {
		verb := "were"
		if n == 1 {
			verb = "was"
		}
		rest = fmt.Sprintf(" %s %s not compared, or not all of it.", term.Counted(n, "resource"), verb)
	}
	if !d.Drifted() {
		return fmt.Sprintf("No drift: %s compared.%s", term.Counted(d.Compared, "resource"), rest)
	}
	count := d.Count()
	var list []string
	for _, cause := range engine.DriftCauses() {
		if count[cause] > 0 {
			list = append(list, fmt.Sprintf("%s: %d", cause, count[cause]))
		}
	}
	return fmt.Sprintf("Drift: %d of %s (%s).%s", len(d.Causes), term.Counted(d.Compared, "resource"), strings.Join(list, ", "), rest)
}

// unknownOf are the resources of which something cannot be told.
func unknownOf(d *engine.Drift) map[engine.Address]bool {
	list := map[engine.Address]bool{}
	for _, n := range d.Unknown {
		list[n.Address] = true
	}
	return list
}

// Drift writes a drift for a comment or an issue, as a plan is written.
func (m Markdown) Drift(d *engine.Drift) error {
	hidden := mask.Of(m.W)
	shown := withCauses(d)
	title, word := "", ""
	if m.Context.Title != "" {
		name := shortened(hidden.Text(term.Escape(m.Context.Title)), mostName)
		title = numbered(name, "&#") + ": "
		word = " " + strings.ReplaceAll(strings.Map(inComment, name), "--", "__")
	}
	head, rest, _ := strings.Cut(driftSummary(d), ". ")
	lines := driftFacts(d, m.Context, hidden)
	for i, line := range lines {
		lines[i] = shortened(line, mostName)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- slapstar drift%s -->\n## %s%s\n", word, title, strings.TrimSuffix(head, "."))
	if len(lines) > 0 {
		b.WriteString("\n" + fence("text", lines))
	}
	if rest != "" {
		b.WriteString("\n" + rest + "\n")
	}
	if d.Drifted() {
		b.WriteString("\nLeft of an arrow, or after `-`, is what the Master has; right of it, or after `+`, what the files say.\n")
	}
	groups := groups(shown, diff.Options{Mask: hidden}, 2)
	noted := section("Notes", "text", clip(driftNotes(d, hidden), mostNotes))
	room := MarkdownLimit - b.Len() - len(noted)
	text := m.destroyed(groups, true) + m.table(groups)
	with := slices.DeleteFunc(slices.Clone(groups), func(g *changeGroup) bool { return len(g.rows) == 0 }) // the table says all of the others
	details, left := m.details(with, room-len(text))
	if n := left[engine.Create] + left[engine.Update]; n > 0 || len(text)+len(details) > room {
		text = notice("Too long for one comment: details are left out. `slapstar drift` shows them") +
			m.names("Drifted", groups, true, engine.Create, engine.Update, engine.Delete)
		details, _ = m.details(with, room-len(text))
	}
	b.WriteString(text + details + noted)
	_, err := mask.WriteOwn(m.W, b.String())
	return err
}

// A driftDocument is a drift as programs read it: docs/drift.schema.json describes its JSON.
type driftDocument struct {
	FormatVersion int             `json:"format_version"`
	Master        string          `json:"master,omitempty"`
	Entry         string          `json:"entry,omitempty"`
	Since         string          `json:"since,omitempty"` // the revision; empty: nobody knows what was edited
	Drifted       bool            `json:"drifted"`
	Changes       []driftChange   `json:"changes"`
	NotCompared   []document.Note `json:"not_compared"`
	Notes         []document.Note `json:"notes"`
	Withheld      []string        `json:"withheld,omitempty"`
	More          *document.More  `json:"more,omitempty"`
	Summary       driftCounts     `json:"summary"`
}

// A driftChange is what takes the drift of one resource back.
type driftChange struct {
	Address engine.Address  `json:"address"`
	Causes  []engine.Cause  `json:"causes"`
	Change  document.Change `json:"change"`
}

type driftCounts struct {
	Compared int                  `json:"compared"`
	Drifted  int                  `json:"drifted"`
	Causes   map[engine.Cause]int `json:"causes"`
}

// driftVersion is raised when a program that reads the JSON has to change.
const driftVersion = 1

// DriftJSON writes a drift as one JSON document.
func DriftJSON(w io.Writer, d *engine.Drift) error {
	plan := document.New(d.Plan)
	unknown := document.New(&engine.Plan{Notes: d.Unknown})
	out := driftDocument{
		FormatVersion: driftVersion, Master: plan.Context.Master, Entry: plan.Context.Entry, Drifted: d.Drifted(), Changes: []driftChange{},
		NotCompared: unknown.Notes, Notes: plan.Notes, Withheld: plan.Withheld, More: plan.More,
		Summary: driftCounts{d.Compared, len(plan.Changes), d.Count()},
	}
	if since := d.Plan.Options.Since; since != nil {
		out.Since = since.Name
	}
	for _, c := range plan.Changes {
		c.Cause = "" // there may be several
		out.Changes = append(out.Changes, driftChange{c.Address, d.Causes[c.Address], c})
	}
	return writeJSON(w, out, "  ", driftOwn)
}

// driftOwn is the [mask.Own] of a drift.
func driftOwn(member string, item int, text string) int {
	return max(planOwn(member, item, text), ownWords(text, member == "causes"))
}
