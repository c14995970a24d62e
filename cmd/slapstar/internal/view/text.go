package view

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view/diff"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// Text renders for people.
type Text struct {
	W           io.Writer
	Color       bool
	Width       int  // columns of the terminal; 0: there is none, and nothing is cut or wrapped
	ShowSecrets bool // show what only looks like a credential; a secret is never shown
	Brief       bool // a line a change: no details
	Group       bool // changes that are alike are one entry; on a terminal, more than ten are anyhow
	Whole       bool // nothing is left out of a new value: no plan of a file shows it
}

// originColumn is where the position of a declaration starts, if the line is
// short enough.
const originColumn = 64

// Plan writes a plan: a line a change, its details below, then the Master, and the counts
// last.
func (t Text) Plan(p *engine.Plan) error {
	var b strings.Builder
	hidden := mask.Of(t.W) // in each part that is not slapstar's own, before a line is broken
	groups := groups(p, diff.Options{ShowSecrets: t.ShowSecrets, Whole: t.Whole, Mask: hidden}, t.least())
	if t.Brief && t.Group {
		groups = sameReason(groups)
	}
	for _, g := range groups {
		t.group(&b, g)
	}
	for _, r := range p.Refusals {
		t.item(&b, t.paint(term.Red, "!")+" ", 2, refusal(r, hidden))
		if r.Hint != "" {
			t.item(&b, "    hint: ", 10, hidden.Text(term.Escape(r.Hint)))
		}
	}
	for _, line := range overridden(p, hidden) {
		t.item(&b, t.paint(term.Red, "!")+" ", 2, line)
	}
	for _, line := range more(p.More, hidden) {
		t.item(&b, "… ", 2, line)
	}
	for _, n := range notes(p, hidden) {
		t.item(&b, "note: ", 6, n)
	}
	if p.Partial != nil {
		t.item(&b, "", 0, partial(p.Partial, hidden))
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	if p.Options.Master != "" {
		for _, line := range term.Wrap("Master: "+hidden.Text(term.Escape(p.Options.Master)), t.Width) {
			b.WriteString(line + "\n")
		}
	}
	if p.Comparison != nil {
		for _, line := range term.Wrap("Compared: "+hidden.Text(term.Escape(sides(p.Comparison))), t.Width) {
			b.WriteString(line + "\n")
		}
	}
	if by := judgedBy(p, hidden); by != "" {
		for _, line := range term.Wrap("Judged by: "+by, t.Width) {
			b.WriteString(line + "\n")
		}
	}
	_, err := mask.WriteOwn(t.W, b.String()+Summary(p)+"\n")
	return err
}

// manyAlike is how many changes that are alike are one entry on a terminal.
const manyAlike = 11

// least is how many changes that are alike are one entry.
func (t Text) least() int {
	switch {
	case t.Group:
		return 2
	case t.Width > 0:
		return manyAlike
	}
	return math.MaxInt
}

// item writes a line of prose after a mark of that width.
func (t Text) item(b *strings.Builder, mark string, width int, text string) {
	for i, line := range term.Wrap(text, t.Width-2-width) {
		if i > 0 {
			mark = strings.Repeat(" ", width)
		}
		fmt.Fprintf(b, "  %s%s\n", mark, line)
	}
}

// unchanged counts what stays as it is and is not refused.
func unchanged(p *engine.Plan) int {
	refused := map[engine.Address]bool{}
	for _, r := range p.Refusals {
		refused[r.Address] = true
	}
	n := 0
	for _, c := range p.Changes {
		if c.Action == engine.NoOp && !refused[c.Address()] {
			n++
		}
	}
	return n
}

// Summary is the last line of a plan.
func Summary(p *engine.Plan) string {
	if p.Comparison != nil {
		return compared(p)
	}
	s := "No changes."
	if p.Pending() || !p.CanApply() { // scripts take "No changes." for success
		s = fmt.Sprintf("Plan: %d to create, %d to update, %d to destroy.",
			p.Count(engine.Create), p.Count(engine.Update), p.Count(engine.Delete))
	}
	if n := len(p.Refusals); n > 0 {
		s += fmt.Sprintf(" %d refused.", n)
	}
	if n := unchanged(p); n > 0 {
		s += fmt.Sprintf(" %d unchanged.", n)
	}
	s += undeclared(p.Undeclared)
	if n := p.NotCompared(); n > 0 {
		verb := "were"
		if n == 1 {
			verb = "was"
		}
		s += fmt.Sprintf(" %s with a secret %s not compared.", term.Counted(n, "value"), verb)
	}
	if p.More != nil {
		s += " More to come."
	}
	return s + causes(p)
}

// causes counts changes by their causes where these are known, if there is more than one
// change.
func causes(p *engine.Plan) string {
	count, total := map[engine.Cause]int{}, 0
	for _, c := range p.Changes {
		if c.Pending() {
			total++
		}
		if c.Pending() && c.Cause != "" && c.Cause != engine.Differs && c.Cause != engine.NoLongerDeclared {
			count[c.Cause]++
		}
	}
	if total < 2 || len(count) == 0 {
		return ""
	}
	var list []string
	for _, cause := range slices.Sorted(maps.Keys(count)) {
		list = append(list, fmt.Sprintf("%d %s", count[cause], cause))
	}
	return " Causes: " + strings.Join(list, ", ") + "."
}

// undeclared says what is on a Master and in no file.
func undeclared(n engine.Undeclared) string {
	var what []string
	if n.Instances > 0 {
		what = append(what, term.Counted(n.Instances, "instance"))
	}
	if n.Software > 0 {
		what = append(what, term.Counted(n.Software, "software release"))
	}
	verb := "are"
	switch n.Instances + n.Software {
	case 0:
		return ""
	case 1:
		verb = "is"
	}
	return fmt.Sprintf(" %s on this Master %s in no file.", strings.Join(what, " and "), verb)
}

// group writes the line of a change, or of some that are alike, and the details.
func (t Text) group(b *strings.Builder, g *changeGroup) {
	head, where := g.head(), g.reason
	symbol, color := look(g.action)
	column := originColumn
	if t.Width > 0 { // further to the left where that makes the line fit
		column = max(0, min(column, t.Width-term.Columns(where)))
	}
	pad := max(2, column-4-term.Columns(head))
	fits := t.Width <= 0 || 4+term.Columns(head)+pad+term.Columns(where) <= t.Width
	for i, line := range term.Wrap(head, t.Width-4) {
		if i > 0 {
			b.WriteString("\n")
			symbol = " "
		}
		fmt.Fprintf(b, "  %s %s", t.paint(color, symbol), t.paint(color, line))
	}
	if fits {
		fmt.Fprintf(b, "%s%s\n", strings.Repeat(" ", pad), where)
	} else {
		b.WriteByte('\n')
		for _, line := range term.Wrap(where, t.Width-6) {
			fmt.Fprintf(b, "      %s\n", line)
		}
	}
	if t.Brief {
		return
	}
	for _, r := range g.rows {
		rows := []diff.Row{r}
		if !t.marks(r) {
			rows = r.Spread()
		}
		for _, r := range rows {
			t.row(b, r)
		}
	}
}

// marks reports whether the part in which two values differ is marked on one line: on a
// terminal, where that fits.
func (t Text) marks(r diff.Row) bool {
	switch {
	case r.Pair == nil:
		return true
	case t.Width <= 0:
		return t.Color
	}
	return 6+term.Columns(r.Indent+r.Name+r.Pair.String()+r.Text) <= t.Width
}

// mostLines is how many lines of a terminal one value takes.
const mostLines = 12

// row writes a line of details. What does not fit is wrapped after its name.
func (t Text) row(b *strings.Builder, r diff.Row) {
	symbol, color := look(r.Sign)
	pair := r.Pair
	if pair != nil {
		r.Text = pair.String() + r.Text
	}
	body := r.Indent + r.Name
	room := t.Width - 6 - term.Columns(body)
	var lines []string
	switch {
	case t.Width <= 0:
		lines = []string{r.Text}
	case room >= minRoom || term.Columns(r.Text) <= room:
		lines = wrap(r, room)
	default: // the name takes most of the line
		lines = append([]string{""}, wrap(r, t.Width-12)...)
	}
	hang := 6 + term.Columns(body)
	if room < minRoom {
		hang = 12
	}
	for i, line := range lines {
		if i > 0 {
			if r.Line {
				line = t.paint(color, line)
			}
			fmt.Fprintf(b, "%s%s\n", strings.Repeat(" ", hang), line)
			continue
		}
		switch {
		case r.Line:
			line = t.paint(color, line)
		case pair != nil && len(lines) == 1:
			line = t.paintPair(*pair) + strings.TrimPrefix(line, pair.String())
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("    %s %s%s", t.paint(color, symbol), body, line), " ") + "\n")
	}
}

// paintPair colours the part in which two values differ.
func (t Text) paintPair(p diff.Pair) string {
	p.Old, p.New = t.paint(term.Red, p.Old), t.paint(term.Green, p.New)
	return p.String()
}

// wrap breaks a row into lines, and cuts what takes too many.
func wrap(r diff.Row, width int) []string {
	text := r.Text
	if !r.Prose && width > 0 && len(text) > (mostLines+1)*width { // which may be a lot
		text = term.Cut(text, (mostLines+1)*width)
	}
	lines := term.Wrap(text, width)
	if len(lines) > mostLines && !r.Prose {
		lines = append(lines[:mostLines], term.Wrap(cutHere(r.Value), width)...)
	}
	return lines
}

// cutHere says that there is more of a value.
func cutHere(value string) string {
	if value == "" {
		return "… cut here: without a terminal all of it is shown"
	}
	return fmt.Sprintf("… cut here, %s: without a terminal all of it is shown", diff.Digest(value))
}

// minRoom is how many columns a value has to have after its name.
const minRoom = 20

func look(a engine.Action) (symbol string, color term.Color) {
	switch a {
	case engine.Create:
		return "+", term.Green
	case engine.Update:
		return "~", term.Yellow
	case engine.Delete:
		return "-", term.Red
	}
	return " ", ""
}

// paint colours a text, if colours are wanted.
func (t Text) paint(color term.Color, s string) string {
	if !t.Color {
		return s
	}
	return color.Paint(s)
}
