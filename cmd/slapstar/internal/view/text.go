package view

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"slapstar/engine"
	"slapstar/slap"
)

// Text renders for people.
type Text struct {
	W     io.Writer
	Color bool
}

// originColumn is where the position of a declaration starts, if the line is
// short enough.
const originColumn = 64

// Plan writes a plan: a line a change, its details below, and the counts last.
func (t Text) Plan(p *engine.Plan) error {
	var b strings.Builder
	for _, c := range p.Changes {
		if c.Pending() {
			t.change(&b, c)
		}
	}
	for _, r := range p.Refusals {
		fmt.Fprintf(&b, "  %s %s\n", t.paint(red, "!"), Escape(fmt.Sprintf("%s (%v): %s", r.Address, r.Origin.Position(), r.Message)))
		if r.Hint != "" {
			fmt.Fprintf(&b, "      hint: %s\n", Escape(r.Hint))
		}
	}
	if p.More != nil {
		at := p.More.Origin.Position()
		fmt.Fprintf(&b, "  … %s\n", Escape(fmt.Sprintf("more depends on %q of instance %s, at %v (%s); it is planned once that is known",
			p.More.Reference.Key, p.More.Reference.Instance, at, p.More.Use)))
	}
	for _, n := range p.Notes {
		fmt.Fprintf(&b, "  note: %s\n", Escape(fmt.Sprintf("%s (%v): %s", n.Address, n.Origin.Position(), n.Message)))
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	b.WriteString(Summary(p) + "\n")
	_, err := io.WriteString(t.W, b.String())
	return err
}

// Summary is the last line of a plan.
func Summary(p *engine.Plan) string {
	s := "No changes."
	if p.Pending() || !p.CanApply() { // scripts take "No changes." for success
		s = fmt.Sprintf("Plan: %d to create, %d to update, %d to destroy.",
			p.Count(engine.Create), p.Count(engine.Update), p.Count(engine.Delete))
	}
	if n := len(p.Refusals); n > 0 {
		s += fmt.Sprintf(" %d refused.", n)
	}
	if n := p.Count(engine.NoOp); n > 0 {
		s += fmt.Sprintf(" %d unchanged.", n)
	}
	switch p.Undeclared {
	case 0:
	case 1:
		s += " 1 instance on this Master is in no file."
	default:
		s += fmt.Sprintf(" %d instances on this Master are in no file.", p.Undeclared)
	}
	if p.More != nil {
		s += " More to come."
	}
	return s
}

func (t Text) change(b *strings.Builder, c *engine.Change) {
	head := Escape(string(c.Address()))
	symbol, color := look(c.Action)
	pad := max(2, originColumn-4-utf8.RuneCountInString(head))
	where := place(c.Resource.Declared())
	if c.Claim != nil {
		where = fmt.Sprintf("owned by %q (%s), no longer declared", c.Claim.Pattern, where)
	}
	fmt.Fprintf(b, "  %s %s%s%s\n", t.paint(color, symbol), t.paint(color, head), strings.Repeat(" ", pad), Escape(where))
	if c.Action == engine.Delete {
		return
	}
	t.attributes(b, c)
}

// place is where a resource is declared; behind it, when that is inside a
// function or a loaded file, the outermost call that led there.
func place(o engine.Origin) string {
	at := o.Position()
	s := fmt.Sprintf("%s:%d", Escape(at.File), at.Line)
	if len(o.Stack) > 1 {
		outer := o.Stack[0].Position
		s += fmt.Sprintf(" (from %s:%d)", Escape(outer.File), outer.Line)
	}
	return s
}

// attributes writes the details of a creation or an update. Parameters stand
// in a group of their own.
func (t Text) attributes(b *strings.Builder, c *engine.Change) {
	width := 0
	var shown []engine.Attribute
	for _, a := range c.Attributes {
		if c.Action == engine.Create && isDefault(a) {
			continue
		}
		shown = append(shown, a)
		width = max(width, utf8.RuneCountInString(indent(a)+label(a)))
	}
	grouped := false
	for _, a := range shown {
		if a.Group == parameters && !grouped {
			b.WriteString("      parameters\n")
			grouped = true
		}
		symbol, color := " ", ""
		if c.Action == engine.Update {
			symbol, color = look(attributeAction(a))
		}
		name := indent(a) + label(a)
		fmt.Fprintf(b, "    %s %s%s  %s", t.paint(color, symbol), name,
			strings.Repeat(" ", width-utf8.RuneCountInString(name)), values(a))
		if a.Product != "" {
			fmt.Fprintf(b, "  product.%s", a.Product)
		}
		b.WriteByte('\n')
	}
}

const parameters = "parameters"

// label is the name of an attribute as printed.
func label(a engine.Attribute) string {
	if a.Group == "" || a.Group == parameters {
		return Escape(a.Name)
	}
	return a.Group + "." + Escape(a.Name)
}

func indent(a engine.Attribute) string {
	if a.Group == parameters {
		return "  "
	}
	return ""
}

// isDefault reports whether an attribute of a creation goes without saying.
func isDefault(a engine.Attribute) bool {
	value, _ := a.After.Known()
	switch a.Group + a.Name {
	case "software_type":
		return value == slap.DefaultType
	case "state":
		return value == slap.Started || value == slap.Available
	}
	return false
}

func attributeAction(a engine.Attribute) engine.Action {
	switch {
	case a.Before == nil:
		return engine.Create
	case a.After == nil:
		return engine.Delete
	}
	return engine.Update
}

func values(a engine.Attribute) string {
	switch {
	case a.Before == nil:
		return textValue(a.After)
	case a.After == nil:
		return value(*a.Before)
	case a.After.HasSecret():
		return "(secret) → " + textValue(a.After) + ", changed"
	}
	return value(*a.Before) + " → " + textValue(a.After)
}

// textValue writes a value, with what it waits for in place of what is missing,
// and without secrets.
func textValue(t engine.Text) string {
	if known, ok := t.Known(); ok && !t.HasSecret() {
		return value(known)
	}
	return Escape(t.Display())
}

// value writes a known value as it is, or quoted where that could be misread.
func value(s string) string {
	if s == "" || strings.TrimSpace(s) != s || Escape(s) != s ||
		strings.Contains(s, "(known after ") || strings.Contains(s, "(secret)") || strings.Contains(s, " → ") || s[0] == '"' {
		return strconv.Quote(s)
	}
	return s
}

// Escape makes text safe for a terminal and for one line.
func Escape(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 && utf8.ValidString(s) {
		return s
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

const (
	red    = "31"
	green  = "32"
	yellow = "33"
)

func look(a engine.Action) (symbol, color string) {
	switch a {
	case engine.Create:
		return "+", green
	case engine.Update:
		return "~", yellow
	case engine.Delete:
		return "-", red
	}
	return " ", ""
}

func (t Text) paint(color, s string) string {
	if !t.Color || color == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}
