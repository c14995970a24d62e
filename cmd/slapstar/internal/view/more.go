package view

import (
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// mostLeft is how many statements are listed that were left out.
const mostLeft = 10

// more says what more may come, a line for each boundary, and one for what depends on them;
// nothing for nil.
func more(b *engine.Boundary, hidden *mask.Filter) []string {
	if b == nil {
		return nil
	}
	var list []string
	for _, one := range b.All() {
		list = append(list, depends(one, hidden))
	}
	if len(b.Left) == 0 {
		return list
	}
	var parts []string
	for n, left := range b.Left {
		if n == mostLeft && len(b.Left) > mostLeft+1 {
			parts = append(parts, fmt.Sprintf("%s more", term.Counted(len(b.Left)-n, "statement")))
			break
		}
		parts = append(parts, leftOut(left, hidden))
	}
	verb := "is"
	if len(b.Left) > 1 {
		verb = "are"
	}
	return append(list, fmt.Sprintf("%s %s planned then, too", strings.Join(parts, ", "), verb))
}

func depends(b engine.Boundary, hidden *mask.Filter) string {
	where, use := position(b.Origin, hidden), hidden.Text(term.Escape(b.Use))
	if b.Secret != "" {
		return fmt.Sprintf("more depends on the secret %s, at %s (%s); it is planned where that is known", hidden.Text(term.Quote(b.Secret)), where, use)
	}
	return fmt.Sprintf("more depends on %s of instance %s, at %s (%s); it is planned once that is known",
		hidden.Text(term.Quote(b.Reference.Name())), hidden.Text(term.Name(b.Reference.Instance)), where, use)
}

func leftOut(l engine.Left, hidden *mask.Filter) string {
	at := position(engine.Origin{Stack: []engine.Frame{{Position: l.Position}}}, hidden)
	switch {
	case l.Rest:
		return fmt.Sprintf("all from %s on", at)
	case l.Name != "":
		return fmt.Sprintf("what uses %s at %s", hidden.Text(term.Name(l.Name)), at)
	}
	return "what is at " + at
}
