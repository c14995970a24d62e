package view

import (
	"fmt"
	"regexp"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// placeInNote is a place in the files, and nameInNote a name, as a message has them.
var (
	placeInNote = regexp.MustCompile(` \([^()\s]+:\d+:\d+\)`)
	nameInNote  = regexp.MustCompile(`"[^"\\]+"`)
)

// A saying is a message without the places in it, and around the first name in it.
type saying struct{ before, after string }

func newSaying(message string) (s saying, name string) {
	message = placeInNote.ReplaceAllString(message, "")
	at := nameInNote.FindStringIndex(message)
	if at == nil {
		return saying{before: message}, ""
	}
	return saying{message[:at[0]], message[at[1]:]}, message[at[0]:at[1]]
}

// joinedNotes are the notes of a plan; those that say the same of several resources, at
// whatever place and with whatever name, are one.
func joinedNotes(p *engine.Plan, hidden *mask.Filter) []string {
	alike := map[saying][]engine.Note{}
	for _, n := range p.Notes {
		s, _ := newSaying(n.Message)
		alike[s] = append(alike[s], n)
	}
	var list []string
	for _, n := range p.Notes {
		s, _ := newSaying(n.Message)
		same := alike[s]
		delete(alike, s)
		switch len(same) {
		case 0:
		case 1:
			list = append(list, remarked(n.Address, n.Origin, hidden.Text(term.Escape(n.Message)), hidden))
		default:
			list = append(list, fmt.Sprintf("%s: %s", noted(same, hidden), s.message(same, hidden)))
		}
	}
	return list
}

// message is what several notes say, with all names.
func (s saying) message(notes []engine.Note, hidden *mask.Filter) string {
	var names []string
	seen := map[string]bool{}
	for _, n := range notes {
		_, name := newSaying(n.Message)
		if name = hidden.Text(term.Escape(name)); !seen[name] {
			names = append(names, name)
		}
		seen[name] = true
	}
	name := names[0]
	if len(names) > 1 {
		for i := range names {
			names[i] = strings.Trim(names[i], `"`)
		}
		name = strings.Join(Names(names), ", ")
	}
	return hidden.Text(term.Escape(s.before)) + name + hidden.Text(term.Escape(s.after))
}

// noted names what notes are of, and where the first is declared.
func noted(notes []engine.Note, hidden *mask.Filter) string {
	names, where := map[string][]string{}, map[string]bool{}
	var kinds, places []string
	for _, n := range notes {
		name, at := address(n.Address, hidden), position(n.Origin, hidden)
		kind, _ := splitKind(name)
		if names[kind] == nil {
			kinds = append(kinds, kind)
		}
		if !where[at] {
			places = append(places, at)
		}
		names[kind], where[at] = append(names[kind], name), true
	}
	for i, kind := range kinds {
		kinds[i] = manyNames(names[kind])
	}
	at := places[0]
	if len(places) > 1 {
		at += " and " + term.Counted(len(places)-1, "other place")
	}
	return fmt.Sprintf("%s (%s)", strings.Join(kinds, ", "), at)
}
