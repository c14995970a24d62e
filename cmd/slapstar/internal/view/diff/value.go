package diff

import (
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// marks are words of the view itself: a value that contains one is quoted.
var marks = []string{"(known after ", "(secret", " → ", "(may change: ", "replaced, "}

// value writes a known value as it is, or quoted where that could be misread.
func value(s string) string {
	if s == "" || strings.TrimSpace(s) != s || term.Escape(s) != s || s[0] == '"' {
		return term.Quote(s)
	}
	for _, mark := range marks {
		if strings.Contains(s, mark) {
			return term.Quote(s)
		}
	}
	return s
}

// notCompared follows a value that may be the same: a secret in it is withheld.
const notCompared = ", not compared"

// textValue writes a value, with what it waits for in place of what is missing,
// and without secrets.
func textValue(t engine.Text, k mask.Key) string {
	if known, ok := t.Known(); ok && !t.HasSecret() {
		return value(known)
	}
	return term.Escape(t.DisplayWith(k))
}

// hiddenValue writes of a value only what it waits for.
func hiddenValue(t engine.Text, k mask.Key) string {
	if known, ok := t.Known(); ok {
		return k.Hidden(known)
	}
	var b strings.Builder
	hidden := false
	var write func(engine.Text)
	write = func(t engine.Text) {
		for _, p := range t {
			switch {
			case p.Reference != nil:
				fmt.Fprintf(&b, "(known after %s)", p.Reference.Instance)
				hidden = false
			case p.Quoted != nil:
				write(p.Quoted)
			case !hidden:
				b.WriteString(engine.Masked)
				hidden = true
			}
		}
	}
	write(t)
	return term.Escape(b.String())
}

// values writes both sides of an attribute on one line.
func values(a engine.Attribute, hide bool, k mask.Key) string {
	before, after := "", ""
	if a.Before != nil {
		before = value(*a.Before)
	}
	if a.After != nil {
		after = textValue(a.After, k)
	}
	if hide {
		if a.Before != nil {
			before = k.Hidden(*a.Before)
		}
		if a.After != nil && !a.After.HasSecret() {
			after = hiddenValue(a.After, k)
		}
	}
	switch {
	case a.NotCompared:
		return after + notCompared
	case a.Before == nil:
		return after
	case a.After == nil:
		return before
	case hide:
		return hiddenPair(before, after)
	}
	return before + " → " + after
}

// hiddenPair writes two values that differ, of which not all is shown.
func hiddenPair(before, after string) string {
	if before == engine.Masked { // there are no fingerprints
		return before + " → " + after + ", changed"
	}
	return mask.HiddenPair(before, after)
}
