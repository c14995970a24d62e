package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"slapstar/internal/function"
	"slapstar/slap"
)

// findUsers says of each instance that is destroyed which others use it: what it has
// published is in their parameters, as these files say or those of the earlier revision.
// Of an instance that no evaluation tells of, or that is updated, there is only what the
// Master has: where that looks like a published value it is said that the instance
// probably uses it. All of these let go of it before it is destroyed.
func (p *planning) findUsers() {
	u := users{gone: map[string]*Change{}, probable: valueIndex{}, at: map[slot]*Change{}, guids: map[string]*Change{}, left: map[*Change][]string{}}
	for _, c := range p.Changes {
		if i, ok := c.Resource.(*Instance); ok && c.Action == Delete && c.Current != nil {
			u.add(i, c)
		}
	}
	if len(u.gone) == 0 {
		return
	}
	changed := p.byAddress()
	for _, name := range p.state.Names() {
		current, ok := p.state.Instances[name]
		if !ok || current.State == slap.Destroyed {
			continue
		}
		known := map[string]bool{}
		for _, files := range []map[string]*Instance{p.declared, p.earlier} {
			if i := files[name]; i != nil {
				for _, source := range i.Uses() {
					known[source] = true
				}
			}
		}
		for _, source := range slices.Sorted(maps.Keys(known)) {
			if c := u.gone[source]; c != nil {
				c.UsedBy = append(c.UsedBy, name)
			}
		}
		c := changed[InstanceAddress(name)]
		if p.earlier[name] == nil && (p.declared[name] == nil || c != nil && c.Pending()) {
			for _, source := range u.probably(current.Parameters) {
				if c := u.gone[source]; source != name && !known[source] {
					c.Perhaps = append(c.Perhaps, name)
				}
			}
		}
		if host := u.host(&current); host != nil {
			host.users = append(host.users, name)
			if current.Computer != "" && (c == nil || c.Action != Delete) {
				u.left[host] = append(u.left[host], name)
			}
		}
	}
	for _, c := range p.Changes {
		p.note(c.Resource, leftBehind(u.left[c]))
	}
	for _, c := range u.gone {
		c.users = slices.Concat(c.UsedBy, c.Perhaps, c.users)
		slices.Sort(c.users)
		c.users = slices.Compact(c.users)
	}
}

// users is what finds the users of what is destroyed.
type users struct {
	gone     map[string]*Change // by name
	probable valueIndex         // what these have published, by name
	at       map[slot]*Change   // those that may carry shared instances
	guids    map[string]*Change // these, by what names them in the filter of a shared one

	left map[*Change][]string // the shared ones that they carry and that are not destroyed
}

// host is what carries a shared instance, or is to carry it: a full Master tells no partition,
// but the filter.
func (u users) host(i *slap.Instance) *Change {
	if !i.Shared {
		return nil
	}
	if c := u.at[slotOf(i)]; c != nil {
		return c
	}
	return u.guids[i.SLA[slap.SLAInstance]]
}

// leftBehind says of what is destroyed which shared instances it carries that are not: no
// Master moves one to another instance.
func leftBehind(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("it carries %s, which this plan does not destroy: a shared instance has no place without what carries it, and is not moved", Quoted(names))}
}

// A slot is a partition of a node.
type slot struct{ computer, partition string }

// slotOf is where an instance is; a shared one is in the partition of what carries it. It
// is the zero value where that is not told.
func slotOf(i *slap.Instance) slot {
	if i.Computer == "" || i.Partition == "" {
		return slot{}
	}
	return slot{i.Computer, i.Partition}
}

func (u users) add(i *Instance, c *Change) {
	u.gone[i.Name] = c
	if at := slotOf(c.Current); !c.Current.Shared && at != (slot{}) {
		u.at[at] = c
	}
	if guid := c.Current.GUID; !c.Current.Shared && guid != "" {
		u.guids[guid] = c
	}
	for _, value := range c.Current.ConnectionParameters {
		eachValue(value, func(s string) {
			pieces := []string{s}
			if at, err := function.ParseURL(s); err == nil {
				pieces = append(pieces, at.Hostname())
			}
			for _, piece := range pieces {
				if len(piece) >= shortestUsed {
					u.probable.add(piece, i.Name)
				}
			}
		})
	}
}

// shortestUsed is how long a published value is, in bytes, that is looked for: a shorter
// one is found everywhere.
const shortestUsed = 8

// probably returns the names of those that have published something which stands in
// parameters by itself, and not within a longer word.
func (u users) probably(p slap.Parameters) []string {
	var list []string
	for _, key := range p.Keys() {
		eachValue(p[key], func(s string) {
			for _, name := range u.probable.words(s) {
				if !slices.Contains(list, name) {
					list = append(list, name)
				}
			}
		})
	}
	return list
}

// eachValue calls do for a text, or for each text in the JSON document that it is.
func eachValue(value string, do func(string)) {
	document := decodeContainer(value)
	if document == nil {
		do(value)
		return
	}
	eachText(document, func(s string) bool { do(s); return true })
}

// words is in, of values that are not within a longer word.
func (x valueIndex) words(s string) []string {
	return slices.DeleteFunc(x.in(s), func(name string) bool {
		for n, byValue := range x {
			for i := 0; i+n <= len(s); i++ {
				if slices.Contains(byValue[s[i:i+n]], name) && apart(s[:i], s[i:i+n]) && apart(s[i:i+n], s[i+n:]) {
					return false
				}
			}
		}
		return true
	})
}

// apart reports whether no word goes on from one text to the next.
func apart(a, b string) bool {
	last, _ := utf8.DecodeLastRuneInString(a)
	first, _ := utf8.DecodeRuneInString(b)
	isWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-", r) }
	return a == "" || b == "" || !isWord(last) || !isWord(first)
}
