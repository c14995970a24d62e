package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view/diff"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/mask"
)

// marker begins the first line of a plan in Markdown, which nobody sees: what
// posts a plan finds its earlier one by it. The digest follows.
const marker = "<!-- slapstar plan"

// markdownLimit is how long a plan in Markdown is, in bytes, unless its names alone
// take more; so it has no more characters either, by any way of counting. A comment
// that is refused is seen, and a name that is left out is not.
const markdownLimit = 65_535

// Parts of markdownLimit.
const (
	mostNotes = 6 << 10
	mostText  = 1000 // of one refusal, or of one note where not all of them fit
	mostName  = 300  // of one name, always
)

// Markdown writes a plan for a merge request. What changes is always named, and what
// is destroyed, refused or noted is in sight; the details of the rest are folded away.
// All that comes from files or a Master stands in fences or between code tags, where
// it neither means nor notifies anything.
type Markdown struct {
	W     io.Writer
	Brief bool // no details and no notes
}

// Plan writes a plan.
func (m Markdown) Plan(p *engine.Plan) error {
	digest := document.Digest(p)
	head := fmt.Sprintf("%s %s -->\n## %s\n", marker, digest, heading(p))
	if p.Options.Master != "" {
		head += "\n" + fence("text", []string{"Master: " + shortened(mask.Of(m.W).Text(term.Escape(p.Options.Master)), mostName)})
	}
	if rest := strings.TrimSpace(strings.TrimPrefix(Summary(p), heading(p)+".")); rest != "" {
		head += fmt.Sprintf("\n%s\n", rest)
	}
	end := fmt.Sprintf("\nDigest: `%s`\n", digest)
	text := m.whole(p)
	if room := markdownLimit - len(head) - len(end); len(text) > room {
		text = m.short(p, room)
	}
	_, err := mask.WriteOwn(m.W, head+text+end)
	return err
}

// heading is the beginning of the last line of the text view.
func heading(p *engine.Plan) string {
	first, _, _ := strings.Cut(Summary(p), ".")
	return first
}

// whole is a plan of which nothing is left out.
func (m Markdown) whole(p *engine.Plan) string {
	var b strings.Builder
	b.WriteString(m.choice(p) + m.names("Destroyed", p, true, engine.Delete) + m.refusals(p, true) + m.toCome(p))
	if m.Brief {
		b.WriteString(m.names("Created and updated", p, true, engine.Create, engine.Update))
		return b.String()
	}
	b.WriteString(m.noted(p, -1))
	for _, c := range p.Changes {
		if b.Len() <= markdownLimit { // else it is too long anyhow
			b.WriteString(m.fold(c, p.Options.Key))
		}
	}
	return b.String()
}

// short is a plan that is too long: the names of all that changes come first, and
// then what there is room for. When there is not even room for the names, all of them
// are there, and nothing else.
func (m Markdown) short(p *engine.Plan, room int) string {
	const forNotice = 400
	room -= forNotice
	all := func(reasons bool) string {
		return m.names("Destroyed", p, reasons, engine.Delete) + m.names("Created and updated", p, reasons, engine.Create, engine.Update) +
			m.refusals(p, reasons) + m.choice(p) + m.toCome(p)
	}
	text, why := all(true), ""
	if len(text) > room {
		text, why = all(false), ", and where and why"
	}
	room -= len(text)
	notes, details, left := "", "", map[engine.Action]int{engine.Create: p.Count(engine.Create), engine.Update: p.Count(engine.Update)}
	switch {
	case m.Brief:
		return notice("Too long for one comment: where and why is left out") + text
	case room > 0:
		notes = m.noted(p, min(mostNotes, room))
		details, left = m.folds(p, room-len(notes))
	}
	return notice(fmt.Sprintf("Too long for one comment: the details of %d to create and %d to update are left out%s",
		left[engine.Create], left[engine.Update], why)) + text + notes + details
}

func notice(what string) string {
	return "\n**" + what + ". `slapstar plan` shows them.**\n"
}

// names are all changes with one of some actions, a line each.
func (m Markdown) names(title string, p *engine.Plan, reasons bool, actions ...engine.Action) string {
	var lines []string
	for _, c := range p.Changes {
		if !slices.Contains(actions, c.Action) {
			continue
		}
		line := map[engine.Action]string{engine.Create: "+ ", engine.Update: "! ", engine.Delete: "- "}[c.Action] + m.name(c.Address())
		switch why := shortened(reason(c, mask.Of(m.W)), mostName); {
		case !reasons:
		case c.Action == engine.Delete:
			line += "  (" + why + ")"
		default:
			line += "  " + why
		}
		lines = append(lines, line)
	}
	return section(title, "diff", lines)
}

// section is a fence below its title; empty without lines.
func section(title, language string, lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return fmt.Sprintf("\n**%s:**\n\n%s", title, fence(language, lines))
}

// name is the address of a resource, which may be as long as its author wants.
func (m Markdown) name(a engine.Address) string {
	return shortened(address(a, mask.Of(m.W)), mostName)
}

// shortened cuts a text that is too long, and says which one it was.
func shortened(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n := most * 2 / 3
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return fmt.Sprintf("%s… %d more bytes, %s", s[:n], len(s)-n, diff.Digest(s))
}

func (m Markdown) choice(p *engine.Plan) string {
	if p.Partial == nil {
		return ""
	}
	return "\n" + fence("text", []string{shortened(partial(p.Partial, mask.Of(m.W)), mostText)})
}

func (m Markdown) toCome(p *engine.Plan) string {
	if p.More == nil {
		return ""
	}
	return section("More to come", "text", []string{shortened(more(p.More, mask.Of(m.W)), mostText)})
}

// refusals names what is refused, with the reasons if they are wanted.
func (m Markdown) refusals(p *engine.Plan, reasons bool) string {
	hidden := mask.Of(m.W)
	var lines []string
	for _, r := range p.Refusals {
		if !reasons {
			lines = append(lines, "! "+m.name(r.Address))
			continue
		}
		lines = append(lines, "! "+m.name(r.Address)+shortened(strings.TrimPrefix(refusal(r, hidden), address(r.Address, hidden)), mostText))
		if r.Hint != "" {
			lines = append(lines, "  hint: "+shortened(hidden.Text(term.Escape(r.Hint)), mostText))
		}
	}
	return section("Refused, so this plan cannot be applied", "diff", lines)
}

// noted are the notes of a plan, in that many bytes; less than 0: in any number.
func (m Markdown) noted(p *engine.Plan, room int) string {
	const forFence = 100
	list := notes(p, mask.Of(m.W))
	if room >= 0 {
		list = clip(list, room-forFence)
	}
	return section("Notes", "text", list)
}

// clip keeps the lines that fit, and says how many do not; nil if not even that fits.
func clip(lines []string, most int) []string {
	const forRest = 60
	var kept []string
	left := 0
	if most -= forRest; most < 0 {
		return nil
	}
	for _, line := range lines {
		line = shortened(line, mostText)
		if len(line)+1 > most {
			left++
			continue
		}
		most -= len(line) + 1
		kept = append(kept, line)
	}
	if left > 0 {
		kept = append(kept, fmt.Sprintf("… %s more; slapstar plan shows them", term.Counted(left, "line")))
	}
	return kept
}

// fence makes a code block of lines that holds whatever is in them: its ends are
// longer than any run of backticks.
func fence(language string, lines []string) string {
	text := strings.Join(lines, "\n")
	longest, run := 2, 0
	for _, r := range text {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	ends := strings.Repeat("`", longest+1)
	return ends + language + "\n" + text + "\n" + ends + "\n"
}
