package view

import (
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/view/diff"
	"slapstar/engine"
)

// folds are the details of what is created and updated, each folded away. When
// there is not room for all, details of creations are left out first, the last
// ones before the others; the end says how many.
func folds(p *engine.Plan, room int) string {
	const forNote = 200
	texts := map[*engine.Change]string{}
	total := 0
	for _, c := range p.Changes {
		if c.Action == engine.Create || c.Action == engine.Update {
			texts[c] = fold(c)
			total += len(texts[c])
		}
	}
	kept := texts
	left := map[engine.Action]int{}
	if total > room {
		kept = map[*engine.Change]string{}
		room -= forNote
		for _, action := range []engine.Action{engine.Update, engine.Create} {
			for _, c := range p.Changes {
				switch {
				case c.Action != action:
				case len(texts[c]) > room:
					left[action]++
				default:
					room -= len(texts[c])
					kept[c] = texts[c]
				}
			}
		}
	}
	var b strings.Builder
	for _, c := range p.Changes {
		b.WriteString(kept[c])
	}
	if len(left) > 0 {
		fmt.Fprintf(&b, "\n**Too long for one comment: the details of %d to create and %d to update are left out. `slapstar plan` shows them.**\n",
			left[engine.Create], left[engine.Update])
	}
	return b.String()
}

// fold is the details of one change. In the fence the sign is in the first column,
// where what colours diffs looks for it.
func fold(c *engine.Change) string {
	symbol, _ := look(c.Action)
	var lines []string
	for _, r := range diff.Rows(c, diff.Options{}) {
		sign := map[engine.Action]string{engine.Create: "+", engine.Update: "!", engine.Delete: "-"}[r.Sign]
		if sign == "" {
			sign = " "
		}
		lines = append(lines, strings.TrimRight(sign+" "+r.Indent+r.Name+r.Text, " "))
	}
	if len(lines) == 0 {
		lines = []string{"  nothing but what goes without saying"}
	}
	return fmt.Sprintf("\n<details><summary><code>%s %s</code> <code>%s</code></summary>\n\n%s\n</details>\n",
		numbered(symbol, "&#"), numbered(address(c.Address()), "&#"), numbered(reason(c), "&#"), fence("diff", lines))
}

// brief is a line for each creation and update.
func brief(p *engine.Plan, room int) string {
	var lines []string
	for _, c := range p.Changes {
		switch c.Action {
		case engine.Create:
			lines = append(lines, fmt.Sprintf("+ %s  %s", address(c.Address()), reason(c)))
		case engine.Update:
			lines = append(lines, fmt.Sprintf("! %s  %s", address(c.Address()), reason(c)))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	const forFence = 400
	return "\n" + fence("diff", clip(lines, max(0, room-forFence)))
}
