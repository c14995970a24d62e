package view

import (
	"fmt"
	"slices"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// reason is what stands at the right of the line of a change: where it comes from,
// and why. What is hidden is in none of these texts; words of slapstar are as they are.
func reason(c *engine.Change, hidden *mask.Filter) string {
	where := place(c.Resource.Declared(), hidden)
	switch {
	case c.Claim != nil:
		return fmt.Sprintf("owned by %s (%s), no longer declared", hidden.Text(term.Quote(c.Claim.Pattern)), where)
	case c.Revision != "":
		return fmt.Sprintf("declared at %s (%s), no longer declared", hidden.Text(term.Escape(c.Revision)), where)
	case c.Cause != "":
		return fmt.Sprintf("%s  %s", where, c.Cause)
	}
	return where
}

// place is where a resource is declared; after it, when that is inside a
// function or a loaded file, the outermost call that led there.
func place(o engine.Origin, hidden *mask.Filter) string {
	at := o.Position()
	s := fmt.Sprintf("%s:%d", hidden.Text(term.Escape(at.File)), at.Line)
	if len(o.Stack) > 1 {
		outer := o.Stack[0].Position
		s += fmt.Sprintf(" (from %s:%d)", hidden.Text(term.Escape(outer.File)), outer.Line)
	}
	return s
}

// refusal names the outermost call, too, where that led to the declaration.
func refusal(r engine.Refusal, hidden *mask.Filter) string {
	from := ""
	if len(r.Origin.Stack) > 1 {
		outer := r.Origin.Stack[0].Position
		from = fmt.Sprintf(", from %s:%d", hidden.Text(term.Escape(outer.File)), outer.Line)
	}
	return fmt.Sprintf("%s (%s%s): %s", address(r.Address, hidden), position(r.Origin, hidden), from, hidden.Text(term.Escape(r.Message)))
}

// remarked is what is said of a resource, where it is declared. The message is escaped.
func remarked(a engine.Address, o engine.Origin, message string, hidden *mask.Filter) string {
	return fmt.Sprintf("%s (%s): %s", address(a, hidden), position(o, hidden), message)
}

// splitKind cuts the kind of a resource off its address, which is a word of slapstar.
func splitKind(address string) (kind, name string) {
	n := kindLength(address)
	return address[:n], address[n:]
}

// kindLength is how many bytes of an address say the kind of the resource.
func kindLength(address string) int {
	for _, kind := range []string{"instance ", "software ", "policy ", "claim ", "secret "} {
		if strings.HasPrefix(address, kind) {
			return len(kind)
		}
	}
	return 0
}

// address is that of a resource, as it is shown.
func address(a engine.Address, hidden *mask.Filter) string {
	kind, name := splitKind(term.Name(string(a)))
	return kind + hidden.Text(name)
}

// position is where something is declared, as it is shown.
func position(o engine.Origin, hidden *mask.Filter) string {
	at := o.Position()
	at.File = hidden.Text(term.Escape(at.File))
	return at.String()
}

// notes are those of a plan, and what is not known of its resources together.
func notes(p *engine.Plan, hidden *mask.Filter) []string {
	list := joinedNotes(p, hidden)
	list = append(list, notCompared(p, hidden)...)
	n := p.Unreadable()
	if n == 0 {
		return list
	}
	what := unreadableNames(p)
	verb := "was"
	if len(what) > 1 {
		verb = "were"
	}
	return append(list, fmt.Sprintf("the %s of %s cannot be read on this Master, so %s %s not compared",
		strings.Join(what, " and the "), term.Counted(n, "instance"), it(len(what)), verb))
}

// notCompared says which parameters of which instances were not compared, because
// their secrets are withheld.
func notCompared(p *engine.Plan, hidden *mask.Filter) []string {
	const most = 20
	var list []string
	more := 0
	for _, c := range p.Changes {
		var keys []string
		for _, a := range c.Attributes {
			if a.NotCompared {
				keys = append(keys, a.Name)
			}
		}
		switch {
		case len(keys) == 0:
		case len(list) == most:
			more++
		default:
			list = append(list, remarked(c.Address(), c.Resource.Declared(), "not compared, without its secrets: parameter "+hidden.Text(term.Escape(engine.Quoted(keys))), hidden))
		}
	}
	if more > 0 {
		list = append(list, fmt.Sprintf("parameters of %s more were not compared", term.Counted(more, "instance")))
	}
	return list
}

// unreadableNames are the groups of attributes that a Master does not tell, each
// once.
func unreadableNames(p *engine.Plan) []string {
	seen := map[string]bool{}
	for _, c := range p.Changes {
		for _, path := range c.Unreadable {
			group, _, _ := strings.Cut(path, ".")
			if group == "sla" {
				group = "SLA"
			}
			seen[term.Escape(group)] = true
		}
	}
	var list []string
	for name := range seen {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func it(n int) string {
	if n == 1 {
		return "it"
	}
	return "they"
}

// partial says what of a plan is left out.
func partial(p *engine.Partial, hidden *mask.Filter) string {
	s := "This plan is partial:"
	if len(p.Targets)+len(p.Excludes) == 0 {
		s += " only what is left of the saved plan"
	}
	if len(p.Targets) > 0 {
		s += fmt.Sprintf(" only %s and what has to go before it", hidden.Text(term.Escape(engine.Quoted(p.Targets))))
	}
	if len(p.Targets) > 0 && len(p.Excludes) > 0 {
		s += ","
	}
	if len(p.Excludes) > 0 {
		s += fmt.Sprintf(" without %s and what waits for it", hidden.Text(term.Escape(engine.Quoted(p.Excludes))))
	}
	verb := "are"
	if p.LeftOut == 1 {
		verb = "is"
	}
	return s + fmt.Sprintf("; %s %s left out.", term.Counted(p.LeftOut, "change"), verb)
}
