package view

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view/diff"
	"slapstar/engine"
	"slapstar/internal/mask"
)

const (
	mostInSight = 10  // lines of the details of a change that are not folded away
	mostDetails = 120 // lines of details in sight
	mostColumns = 100 // of a line of details
	mostRows    = 60  // of the table
	mostCell    = 120 // bytes of a cell that says what differs
)

// details are those of what is created and updated, as far as there is room: details of
// creations are left out first, the last ones before the others. It counts what is left
// out. Short ones stand in one fence, long ones are folded away each.
func (m Markdown) details(groups []*changeGroup, room int) (string, map[engine.Action]int) {
	kept := map[*changeGroup]string{}
	left := map[engine.Action]int{}
	const forFence = 40
	room -= forFence
	for _, action := range []engine.Action{engine.Update, engine.Create} {
		for _, g := range groups {
			if g.action != action {
				continue
			}
			text := m.detail(g)
			if len(text) > room {
				left[action] += len(g.changes)
				continue
			}
			room -= len(text)
			kept[g] = text
		}
	}
	var inSight []string
	var folds strings.Builder
	for _, g := range groups {
		switch text, ok := kept[g]; {
		case !ok:
		case strings.HasPrefix(text, "\n<details>"):
			folds.WriteString(text)
		default:
			inSight = append(inSight, strings.TrimSuffix(text, "\n"))
		}
	}
	if len(inSight) == 0 {
		return folds.String(), left
	}
	text := fence("diff", inSight)
	if n := strings.Count(text, "\n"); n > mostDetails {
		text = fmt.Sprintf("<details><summary>Details in %d lines</summary>\n\n%s\n</details>\n", n, text)
	}
	return "\n" + text + folds.String(), left
}

// detail is the line and the details of a group, or a fold of them.
func (m Markdown) detail(g *changeGroup) string {
	lines := m.lines(g)
	head := m.title(g)
	reason := shortened(g.reason, mostName)
	if len(lines) <= mostInSight {
		first := breakLine(head, signs[g.action]+"   ", mostColumns)
		first = append(first[:len(first)-1], joined(first[len(first)-1], reason)...)
		return strings.Join(append(first, lines...), "\n") + "\n"
	}
	summary := head
	if len(g.changes) > 1 {
		summary = signs[g.action] + " " + shortened(strings.TrimPrefix(head, signs[g.action]+" "), mostName)
	}
	symbol, _ := look(g.action)
	summary = symbol + summary[1:]
	if len(head) > mostName { // all of the names are inside
		lines = append(breakLine(head, signs[g.action]+"   ", mostColumns), lines...)
	}
	return fmt.Sprintf("\n<details><summary><code>%s</code> <code>%s</code></summary>\n\n%s\n</details>\n", numbered(summary, "&#"), numbered(reason, "&#"), fence("diff", lines))
}

// joined puts a reason after a line, or below it.
func joined(line, reason string) []string {
	if term.Columns(line)+2+term.Columns(reason) <= mostColumns {
		return []string{line + "  " + reason}
	}
	return append([]string{line}, breakLine("    … "+reason, "    ", mostColumns)...)
}

// lines are the details of a group. The sign is in the first column, where what colours
// diffs looks for it, also of what continues a long line.
func (m Markdown) lines(g *changeGroup) []string {
	var list []string
	for _, row := range g.rows {
		for _, r := range row.Spread() {
			sign := signs[r.Sign]
			hang := sign + strings.Repeat(" ", 3+len(r.Indent))
			if r.Line {
				hang = sign + "   " + r.Indent + "| "
			}
			list = append(list, breakLine(strings.TrimRight(sign+"   "+r.Indent+r.Name+r.Text, " "), hang, mostColumns)...)
		}
	}
	if len(list) == 0 && g.action == engine.Update {
		list = []string{"    nothing but what goes without saying"}
	}
	return list
}

// breakLine breaks a long line into some, each after the first one after hang, which ends
// with what shows that: none begins with text that is not slapstar's.
func breakLine(line, hang string, width int) []string {
	var list []string
	hang += "… "
	for rest := line; ; {
		if term.Columns(rest) <= width || len(list) == mostBroken {
			return append(list, rest)
		}
		head := term.Wrap(cutBytes(rest, 8*width), width)[0]
		list = append(list, head)
		rest = hang + strings.TrimPrefix(rest[len(head):], " ")
	}
}

// brokenLines breaks those that are too long.
func brokenLines(lines []string) []string {
	var list []string
	for _, line := range lines {
		list = append(list, breakLine(line, "  ", mostColumns)...)
	}
	return list
}

// mostBroken is into how many lines one is broken.
const mostBroken = 64

// table has a line for each group: what is done to which, what differs first, and where
// it is declared.
func (m Markdown) table(groups []*changeGroup) string {
	if len(groups) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n| | Resource | Change | Where and why |\n|-|-|-|-|\n")
	for i, g := range groups {
		if i == mostRows {
			fmt.Fprintf(&b, "| | %d more | | |\n", len(groups)-i)
			break
		}
		symbol, _ := look(g.action)
		name := shortened(strings.TrimPrefix(m.title(g), signs[g.action]+" "), mostName)
		if isSoftware(g.changes[0]) && len(g.changes) == 1 {
			name = shortened("software "+softwareName(g.changes[0], mask.Of(m.W)), mostName)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", numbered(symbol, "&#"), code(name), code(g.gist()), m.where(g))
	}
	return b.String()
}

// code is text between code tags, where none of it means anything.
func code(s string) string {
	if s == "" {
		return ""
	}
	return "<code>" + numbered(s, "&#") + "</code>"
}

// gist is what differs first, and how much more does.
func (g *changeGroup) gist() string {
	var first *diff.Row
	more := 0
	for i, r := range g.rows {
		switch {
		case r.Line, r.Prose, r.Text == "" && r.Pair == nil && first == nil:
		case first == nil:
			first = &g.rows[i]
		default:
			more++
		}
	}
	if first == nil || g.action != engine.Update {
		return ""
	}
	text := strings.TrimSpace(first.Name) + "  "
	if first.Pair != nil {
		text += first.Pair.String()
	}
	text = cutBytes(text+first.Text, mostCell)
	if more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// cutBytes cuts a text that details have in full.
func cutBytes(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// where is the reason of a group, as a link to the line if there is a base for it.
func (m Markdown) where(g *changeGroup) string {
	// Where every line has it, the cause need not say all that it may be.
	text := code(shortened(strings.Replace(g.reason, string(engine.Differs), "differs", 1), mostName))
	at := g.changes[0].Resource.Declared().Position()
	if m.LinkBase == "" || at.File == "" || path.IsAbs(at.File) || strings.Contains(at.File, "..") {
		return text
	}
	u := strings.TrimSuffix(m.LinkBase, "/") + "/" + (&url.URL{Path: at.File}).EscapedPath()
	return fmt.Sprintf("[%s](<%s#L%d>)", text, strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", "\\", "%5C", "\n", "").Replace(u), at.Line)
}
