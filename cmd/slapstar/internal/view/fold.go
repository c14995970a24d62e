package view

import (
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/view/diff"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// folds are the details of what is created and updated, each folded away, as far as
// there is room: details of creations are left out first, the last ones before the
// others. It counts what is left out.
func (m Markdown) folds(p *engine.Plan, room int) (string, map[engine.Action]int) {
	kept := map[*engine.Change]string{}
	left := map[engine.Action]int{}
	for _, action := range []engine.Action{engine.Update, engine.Create} {
		for _, c := range p.Changes {
			if c.Action != action {
				continue
			}
			text := m.fold(c, p.Options.Key)
			if len(text) > room {
				left[action]++
				continue
			}
			room -= len(text)
			kept[c] = text
		}
	}
	var b strings.Builder
	for _, c := range p.Changes {
		b.WriteString(kept[c])
	}
	return b.String(), left
}

// fold is the details of one change; empty for one that has none. In the fence the
// sign is in the first column, where what colours diffs looks for it.
func (m Markdown) fold(c *engine.Change, key mask.Key) string {
	if c.Action != engine.Create && c.Action != engine.Update {
		return ""
	}
	symbol, _ := look(c.Action)
	var lines []string
	var rows []diff.Row
	for _, r := range diff.Rows(c, diff.Options{Key: key, Mask: mask.Of(m.W)}) {
		rows = append(rows, r.Spread()...)
	}
	for _, r := range rows {
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
		numbered(symbol, "&#"), numbered(m.name(c.Address()), "&#"), numbered(shortened(reason(c, mask.Of(m.W)), mostName), "&#"), fence("diff", lines))
}
