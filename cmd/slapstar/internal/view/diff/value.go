package diff

import (
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// marks are words of the view itself: a value that contains one is quoted.
var marks = []string{"(known after ", "(secret", "→", "(may change: ", "replaced, ", "moved from ", "in another order", "renamed from ", "certificate ", "base64 of ", " key, "}

// value writes a known value as it is, or quoted where that could be misread.
func (o Options) value(s string) string {
	if s == "" || strings.TrimSpace(s) != s || term.Escape(s) != s || s[0] == '"' {
		return o.Mask.Text(term.Quote(s))
	}
	for _, mark := range marks {
		if strings.Contains(s, mark) {
			return o.Mask.Text(term.Quote(s))
		}
	}
	return o.Mask.Text(s)
}

// notCompared follows a value that may be the same: a secret in it is withheld.
const notCompared = ", not compared"

// hiddenValue writes of a value only what it waits for.
func (o Options) hiddenValue(t engine.Text) string {
	if known, ok := t.Known(); ok && !t.Guarded() {
		return o.Key.Hidden(known)
	}
	var b strings.Builder
	hidden := false
	var write func(engine.Text)
	write = func(t engine.Text) {
		for _, p := range t {
			switch {
			case p.Reference != nil:
				fmt.Fprintf(&b, "(known after %s)", o.Mask.Text(term.Escape(p.Reference.Instance)))
				hidden = false
			case p.Quoted != nil:
				write(p.Quoted)
			case p.Derived != nil && len(p.Derived.Of.References()) > 0:
				b.WriteString(o.Mask.Text(term.Escape(p.Derived.Display())))
				hidden = false
			case !hidden:
				b.WriteString(engine.Masked)
				hidden = true
			}
		}
	}
	write(t)
	return b.String()
}

// hiddenPair writes two values that differ, of which not all is shown.
func hiddenPair(before, after string) string {
	if before == engine.Masked { // there are no fingerprints
		return before + " → " + after + ", changed"
	}
	return mask.HiddenPair(before, after)
}
