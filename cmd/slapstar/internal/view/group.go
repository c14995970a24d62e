package view

import (
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view/diff"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// A changeGroup is changes of one action and one cause with the same details, or a single one.
type changeGroup struct {
	action  engine.Action
	changes []*engine.Change
	names   []string // addresses, as they are shown
	reason  string   // where they come from, and why
	rows    []diff.Row
}

// head names all of a group.
func (g *changeGroup) head() string { return manyNames(g.names) }

// groups are the pending changes of a plan, in order of the first of each group; least is
// how many alike make one.
func groups(p *engine.Plan, o diff.Options, least int) []*changeGroup {
	type key struct {
		action engine.Action
		text   string
	}
	alike := map[key]int{}
	keys := make([]key, len(p.Changes))
	for i, c := range p.Changes {
		if c.Pending() && least <= len(p.Changes) { // else there is no need to look
			keys[i] = key{c.Action, likeness(c, o)}
			alike[keys[i]]++
		}
	}
	var list []*changeGroup
	found := map[key]*changeGroup{}
	for i, c := range p.Changes {
		if !c.Pending() {
			continue
		}
		g := found[keys[i]]
		if g == nil || alike[keys[i]] < least {
			g = &changeGroup{action: c.Action, reason: reason(c, o.Mask)}
			found[keys[i]] = g
			list = append(list, g)
		}
		g.changes = append(g.changes, c)
		g.names = append(g.names, address(c.Address(), o.Mask))
	}
	for _, g := range list {
		g.finish(p, o)
	}
	return list
}

// sameReason are groups without details: those of one action and one reason are one. A
// change that is alone stays so.
func sameReason(groups []*changeGroup) []*changeGroup {
	type key struct {
		action engine.Action
		kind   string
		reason string
	}
	found := map[key]*changeGroup{}
	var list []*changeGroup
	for _, g := range groups {
		kind, _ := splitKind(string(g.changes[0].Address()))
		k := key{g.action, kind, g.reason}
		if found[k] == nil {
			found[k] = &changeGroup{action: g.action, reason: g.reason}
			list = append(list, found[k])
		}
		found[k].changes = append(found[k].changes, g.changes...)
		found[k].names = append(found[k].names, g.names...)
	}
	return list
}

// finish writes what all changes of a group have in common.
func (g *changeGroup) finish(p *engine.Plan, o diff.Options) {
	first := g.changes[0]
	if len(g.changes) == 1 {
		o.Key = p.Options.Key
		g.rows = rows(first, o)
		return
	}
	o.Key = mask.Key{} // fingerprints differ at each
	g.rows = rows(first, o)
	places := map[string]bool{}
	for _, c := range g.changes {
		places[place(c.Resource.Declared(), o.Mask)] = true
	}
	if n := len(places) - 1; n > 0 {
		where := place(first.Resource.Declared(), o.Mask)
		g.reason = strings.Replace(g.reason, where, fmt.Sprintf("%s and %s", where, term.Counted(n, "other place")), 1)
	}
}

// likeness is what changes of one group have in common: the kind of the resource, why it
// changes, and how.
func likeness(c *engine.Change, o diff.Options) string {
	var b strings.Builder
	kind, _ := splitKind(string(c.Address()))
	fmt.Fprintf(&b, "%s%s\n", kind, c.Cause)
	if c.Claim != nil {
		fmt.Fprintf(&b, "%q\n", c.Claim.Pattern)
	}
	if c.Revision != "" {
		fmt.Fprintf(&b, "%q\n", c.Revision)
	}
	o.Key = mask.Key{}
	for _, r := range rows(c, o) {
		fmt.Fprintf(&b, "%s %s%s", r.Sign, r.Indent, r.Name)
		if r.Pair != nil {
			b.WriteString(r.Pair.String())
		}
		b.WriteString(r.Text + "\n")
	}
	return b.String()
}

// rows are the details of a change: what differs, or what is lost.
func rows(c *engine.Change, o diff.Options) []diff.Row {
	if c.Action == engine.Delete {
		return diff.Lost(c, o)
	}
	return diff.Rows(c, o)
}
