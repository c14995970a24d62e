package view

import (
	"fmt"
	"io"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/engine/document"
)

// marker begins the first line of a plan in Markdown, which nobody sees: what
// posts a plan finds its earlier one by it. The digest follows.
const marker = "<!-- slapstar plan"

// markdownLimit is how long a plan in Markdown is at most, in bytes; so it has no
// more characters either, by any way of counting.
const markdownLimit = 65_535

// Parts of markdownLimit that a list may take.
const (
	mostDestroyed = 44 << 10
	mostRemarks   = 6 << 10 // each of refusals and notes
)

// Markdown writes a plan for a merge request. What is destroyed, refused or noted
// is always in sight, the details of the rest are folded away. All that comes from
// files or a Master stands in fences or between code tags, where it neither means
// nor notifies anything.
type Markdown struct {
	W     io.Writer
	Brief bool // no details and no notes
}

// Plan writes a plan.
func (m Markdown) Plan(p *engine.Plan) error {
	digest := document.Digest(p)
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s -->\n## %s\n", marker, digest, heading(p))
	if rest := strings.TrimSpace(strings.TrimPrefix(Summary(p), heading(p)+".")); rest != "" {
		fmt.Fprintf(&b, "\n%s\n", rest)
	}
	if p.Partial != nil {
		b.WriteString("\n" + fence("text", clip([]string{partial(p.Partial)}, mostRemarks)))
	}
	b.WriteString(destroyed(p))
	m.remarks(&b, p)
	end := fmt.Sprintf("\nDigest: `%s`\n", digest)
	if m.Brief {
		b.WriteString(brief(p, markdownLimit-b.Len()-len(end)))
	} else {
		b.WriteString(folds(p, markdownLimit-b.Len()-len(end)))
	}
	b.WriteString(end)
	_, err := io.WriteString(m.W, b.String())
	return err
}

// heading is the beginning of the last line of the text view.
func heading(p *engine.Plan) string {
	first, _, _ := strings.Cut(Summary(p), ".")
	return first
}

// destroyed names what goes, a line each. What does not fit is counted.
func destroyed(p *engine.Plan) string {
	var lines []string
	size, left := 0, 0
	for _, c := range p.Changes {
		if c.Action != engine.Delete {
			continue
		}
		line := fmt.Sprintf("- %s  (%s)", address(c.Address()), reason(c))
		if size+len(line) > mostDestroyed {
			left++
			continue
		}
		size += len(line) + 1
		lines = append(lines, line)
	}
	if len(lines)+left == 0 {
		return ""
	}
	s := "\n**Destroyed:**\n"
	if len(lines) > 0 {
		s += "\n" + fence("diff", lines)
	}
	if left > 0 {
		s += fmt.Sprintf("\n**%d more to destroy, whose names do not fit in here. Read this plan elsewhere: `slapstar plan` shows all of it.**\n", left)
	}
	return s
}

func (m Markdown) remarks(b *strings.Builder, p *engine.Plan) {
	var refused []string
	for _, r := range p.Refusals {
		refused = append(refused, "! "+refusal(r))
		if r.Hint != "" {
			refused = append(refused, "  hint: "+term.Escape(r.Hint))
		}
	}
	if len(refused) > 0 {
		b.WriteString("\n**Refused, so this plan cannot be applied:**\n\n" + fence("diff", clip(refused, mostRemarks)))
	}
	if p.More != nil {
		b.WriteString("\n**More to come:**\n\n" + fence("text", clip([]string{more(p.More)}, mostRemarks)))
	}
	if list := notes(p); len(list) > 0 && !m.Brief {
		b.WriteString("\n**Notes:**\n\n" + fence("text", clip(list, mostRemarks)))
	}
}

// clip keeps the lines that fit, and says how many do not.
func clip(lines []string, most int) []string {
	var kept []string
	for i, line := range lines {
		if most -= len(line) + 1; most < 0 {
			return append(kept, fmt.Sprintf("… %s more; slapstar plan shows them", term.Counted(len(lines)-i, "line")))
		}
		kept = append(kept, line)
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
