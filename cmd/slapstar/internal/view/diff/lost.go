package diff

import (
	"maps"
	"slices"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/slap"
)

// mostUsers is how many users of what is destroyed are named.
const mostUsers = 20

// Lost returns what is lost with an instance that is destroyed: what it is, where it runs,
// what it has published, by its keys, and who used that.
func Lost(c *engine.Change, o Options) []Row {
	current := c.Current
	if current == nil {
		return nil
	}
	var rows []Row
	add := func(name, text string) {
		if text != "" {
			rows = append(rows, Row{Sign: engine.NoOp, Name: term.Pad(name, len("software_release")) + "  ", Text: o.Mask.Text(text)})
		}
	}
	add("software_release", term.Escape(current.SoftwareRelease))
	if current.SoftwareType != slap.DefaultType {
		add("software_type", term.Escape(current.SoftwareType))
	}
	add("node", term.Name(current.Computer))
	add("state", term.Escape(current.State))
	add("published", joined(slices.Sorted(maps.Keys(current.ConnectionParameters))))
	add("used by", joined(c.UsedBy))
	add("probably by", joined(c.Perhaps))
	return rows
}

func joined(names []string) string {
	shown := make([]string, 0, len(names))
	for i, name := range names {
		if i == mostUsers {
			shown = append(shown, "and "+term.Counted(len(names)-i, "other"))
			break
		}
		shown = append(shown, term.Word(name))
	}
	return strings.Join(shown, ", ")
}
