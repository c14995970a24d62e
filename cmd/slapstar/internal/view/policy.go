package view

import (
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// overridden says what a plan does although policies deny it, and why.
func overridden(p *engine.Plan, hidden *mask.Filter) []string {
	if p.Policies == nil {
		return nil
	}
	var list []string
	for _, o := range p.Policies.Overrides {
		head := fmt.Sprintf("policy %s is overridden: %s", hidden.Text(term.Name(o.Name)), hidden.Text(term.Escape(o.Reason)))
		if len(o.Denied) == 0 {
			list = append(list, head+" (it denies nothing now)")
		}
		for _, n := range o.Denied {
			list = append(list, fmt.Sprintf("%s (%s)", head, remarked(n.Address, n.Origin, hidden.Text(term.Escape(n.Message)), hidden)))
		}
	}
	return list
}

// judgedBy says which policies have judged a plan, and what they were told; empty: none
// has.
func judgedBy(p *engine.Plan, hidden *mask.Filter) string {
	if p.Policies == nil || len(p.Policies.Files) == 0 {
		return ""
	}
	var names []string
	for _, f := range p.Policies.Files {
		names = append(names, hidden.Text(term.Name(f.Name)))
	}
	c := p.Policies.Circumstances
	var told []string
	if at, ok := c.Clock(); ok {
		told = append(told, at.Weekday+" "+hidden.Text(term.Escape(c.Time)))
	}
	for _, fact := range [][2]string{{"environment", c.Environment}, {"branch", c.Branch}} {
		if fact[1] != "" {
			told = append(told, fact[0]+" "+hidden.Text(term.Name(fact[1])))
		}
	}
	text := strings.Join(names, ", ")
	if len(told) > 0 {
		text += " (" + strings.Join(told, ", ") + ")"
	}
	return text
}

// policyWords are the words of a command that has a plan judged by the same policies, with
// the same overrides.
func policyWords(p *engine.Plan, hidden *mask.Filter) string {
	if p.Policies == nil {
		return ""
	}
	var b strings.Builder
	add := func(flag, value string) {
		fmt.Fprintf(&b, " --%s '%s'", flag, strings.ReplaceAll(hidden.Text(term.Escape(value)), "'", `'\''`))
	}
	for _, f := range p.Policies.Files {
		if f.Name != "policy.star" { // which is found
			add("policy", f.Name)
		}
	}
	for _, o := range p.Policies.Overrides {
		add("override", o.Name)
		add("reason", o.Reason)
	}
	return b.String()
}
