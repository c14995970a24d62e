package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
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

// MarkdownLimit is how long a plan in Markdown is, in bytes, unless its names alone
// take more; so it has no more characters either, by any way of counting. A comment
// that is refused is seen, and a name that is left out is not.
const MarkdownLimit = 65_535

// Parts of a plan in Markdown.
const (
	mostNotes = 6 << 10
	mostText  = 1000 // of one refusal, or of one note where not all of them fit
	mostName  = 300  // of one name, always
)

// Markdown writes a plan for a merge request: what is refused and destroyed first, then a
// table of all changes, those that are alike in one line, and their details, of which the
// long ones are folded away. All that comes from files or a Master stands in fences or
// between code tags, where it neither means nor notifies anything.
type Markdown struct {
	W        io.Writer
	Brief    bool             // no details
	Context  document.Context // who made the plan, when and of what
	LinkBase string           // URL of the folder of the files, for links to their lines; empty: none
	Command  string           // that carries out this plan, without its digest; empty: none
	Limit    int              // bytes; 0: 65 535
}

// Plan writes a plan.
func (m Markdown) Plan(p *engine.Plan) error {
	digest := document.Digest(p)
	head := m.head(p, digest)
	end := fmt.Sprintf("\nDigest: `%s`\n", digest)
	if m.Command != "" && p.Comparison == nil && p.Pending() && p.CanApply() {
		end += "\nThis carries out exactly this plan:\n\n" + fence("sh", []string{mask.Of(m.W).Text(term.Escape(m.Command)) + policyWords(p, mask.Of(m.W)) + " --approved " + digest})
	}
	most := MarkdownLimit
	if m.Limit > 0 {
		most = m.Limit
	}
	groups := groups(p, diff.Options{Mask: mask.Of(m.W)}, 2)
	slices.SortStableFunc(groups, func(a, b *changeGroup) int { return rank(a) - rank(b) })
	room := most - len(head) - len(end)
	text, all := m.whole(p, groups, room)
	if !all || len(text) > room {
		text = m.short(p, groups, room)
	}
	_, err := mask.WriteOwn(m.W, head+text+end)
	return err
}

// head says which plan it is.
func (m Markdown) head(p *engine.Plan, digest string) string {
	title, word := "", ""
	if m.Context.Title != "" {
		name := shortened(mask.Of(m.W).Text(term.Escape(m.Context.Title)), mostName)
		title = numbered(name, "&#") + ": "
		word = " " + strings.ReplaceAll(strings.Map(inComment, name), "--", "__")
	}
	head := fmt.Sprintf("%s%s %s -->\n## %s%s\n", marker, word, digest, title, heading(p))
	var lines []string
	for _, fact := range facts(p, m.Context) {
		lines = append(lines, fact[0]+": "+shortened(mask.Of(m.W).Text(term.Escape(fact[1])), mostName))
	}
	if by := judgedBy(p, mask.Of(m.W)); by != "" {
		lines = append(lines, "Judged by: "+shortened(by, mostText))
	}
	if len(lines) > 0 {
		head += "\n" + fence("text", lines)
	}
	if rest := strings.TrimSpace(strings.TrimPrefix(Summary(p), heading(p)+".")); rest != "" {
		head += fmt.Sprintf("\n%s\n", rest)
	}
	return head
}

// inComment keeps what cannot end a comment.
func inComment(r rune) rune {
	if r == '_' || r == '-' || r == '.' || r == '/' || unicode.IsLetter(r) || unicode.IsDigit(r) {
		return r
	}
	return '_'
}

// heading is the beginning of the last line of the text view.
func heading(p *engine.Plan) string {
	first, _, _ := strings.Cut(Summary(p), ".")
	return first
}

// whole is a plan of which nothing is left out; it reports false where there is no room for
// all details.
func (m Markdown) whole(p *engine.Plan, groups []*changeGroup, room int) (string, bool) {
	var b strings.Builder
	b.WriteString(m.refusals(p, true) + m.destroyed(groups, true) + m.choice(p) + m.toCome(p) + m.table(groups))
	if m.Brief {
		b.WriteString(m.names("Created and updated", groups, true, engine.Create, engine.Update) + m.noted(p, -1))
		return b.String(), true
	}
	details, left := m.details(groups, room)
	b.WriteString(details + m.noted(p, -1))
	return b.String(), len(left) == 0
}

// short is a plan that is too long: the names of all that changes come first, and
// then what there is room for. When there is not even room for the names, those of
// creations are counted; all others are there, and nothing else.
func (m Markdown) short(p *engine.Plan, groups []*changeGroup, room int) string {
	const forNotice = 400
	room -= forNotice
	all := func(reasons bool, named ...engine.Action) string {
		return m.refusals(p, reasons) + m.destroyed(groups, false) + m.choice(p) + m.toCome(p) +
			m.names("Created and updated", groups, reasons, named...)
	}
	text, why := all(true, engine.Create, engine.Update), ""
	if len(text) > room {
		text, why = all(false, engine.Create, engine.Update), ", and where and why"
	}
	if n := p.Count(engine.Create); len(text) > room && n > 0 {
		text, why = all(false, engine.Update), fmt.Sprintf(", and where and why, and the names of %d to create", n)
	}
	room -= len(text)
	notes, details, left := "", "", map[engine.Action]int{engine.Create: p.Count(engine.Create), engine.Update: p.Count(engine.Update)}
	switch {
	case m.Brief:
		return notice("Too long for one comment: where and why is left out") + text + m.noted(p, max(0, min(mostNotes, room)))
	case room > 0:
		notes = m.noted(p, min(mostNotes, room))
		details, left = m.details(groups, room-len(notes))
	}
	return notice(fmt.Sprintf("Too long for one comment: the details of %d to create and %d to update are left out%s",
		left[engine.Create], left[engine.Update], why)) + text + details + notes
}

func notice(what string) string {
	return "\n**" + what + ". `slapstar plan` shows them.**\n"
}

// signs are those of what colours diffs.
var signs = map[engine.Action]string{engine.Create: "+", engine.Update: "!", engine.Delete: "-", engine.NoOp: " "}

// names are all changes with one of some actions, a line for those that are alike.
func (m Markdown) names(title string, groups []*changeGroup, reasons bool, actions ...engine.Action) string {
	var lines []string
	for _, g := range sameReason(groups) {
		if !slices.Contains(actions, g.action) {
			continue
		}
		line := m.title(g)
		if reasons {
			line += "  " + shortened(g.reason, mostName)
		}
		lines = append(lines, breakLine(line, signs[g.action]+"   ", mostColumns)...)
	}
	return section(title, "diff", lines)
}

// title is the sign and the names of a group. One name may be as long as its author wants.
func (m Markdown) title(g *changeGroup) string {
	if len(g.changes) == 1 {
		return signs[g.action] + " " + m.name(g.changes[0].Address())
	}
	short := make([]string, len(g.names))
	for i, name := range g.names {
		short[i] = shortened(name, mostName)
	}
	return signs[g.action] + " " + manyNames(short)
}

// destroyed names what is destroyed, and what is lost with it.
func (m Markdown) destroyed(groups []*changeGroup, lost bool) string {
	var lines []string
	for _, g := range groups {
		if g.action != engine.Delete {
			continue
		}
		lines = append(lines, breakLine(m.title(g)+"  ("+shortened(g.reason, mostName)+")", "-   ", mostColumns)...)
		if lost && !m.Brief {
			lines = append(lines, m.lines(g)...)
		}
	}
	return section("Destroyed", "diff", lines)
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
	lines := more(p.More, mask.Of(m.W))
	for i := range lines {
		lines[i] = shortened(lines[i], mostText)
	}
	return section("More to come", "text", lines)
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
	return section("Refused, so this plan cannot be applied", "diff", lines) + m.overridden(p)
}

// overridden names what policies deny and what is done nevertheless.
func (m Markdown) overridden(p *engine.Plan) string {
	var lines []string
	for _, line := range overridden(p, mask.Of(m.W)) {
		lines = append(lines, breakLine("! "+shortened(line, mostText), "!   ", mostColumns)...)
	}
	return section("Carried out although a policy denies it", "diff", lines)
}

// noted are the notes of a plan, in that many bytes; less than 0: in any number.
func (m Markdown) noted(p *engine.Plan, room int) string {
	const forFence = 100
	list := notes(p, mask.Of(m.W))
	if room >= 0 {
		list = clip(list, (room-forFence)*9/10) // the rest is for what breaks long lines
	}
	list = brokenLines(list)
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
