package view

import (
	"crypto/sha256"
	_ "embed" // the style and the script of the page
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view/diff"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/mask"
)

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// HTML writes a plan as a page that needs nothing else: for an artifact of CI. What is
// hidden elsewhere is hidden here. The page runs its own script only, and loads nothing.
type HTML struct {
	W       io.Writer
	Context document.Context // who made the plan, when and of what
}

// Plan writes a plan.
func (h HTML) Plan(p *engine.Plan) error {
	hidden := mask.Of(h.W)
	groups := groups(p, diff.Options{Mask: hidden}, 2)
	slices.SortStableFunc(groups, func(a, b *changeGroup) int { return rank(a) - rank(b) })
	title := heading(p)
	if h.Context.Title != "" {
		title = hidden.Text(term.Escape(h.Context.Title)) + ": " + title
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '%s'; script-src '%s'">
<title>%s</title>
<style>%s</style>
<main>
<h1>%s</h1>
`, sourceHash(pageStyle), sourceHash(pageScript), html.EscapeString(title), pageStyle, html.EscapeString(title))
	h.facts(&b, p)
	h.refusals(&b, p)
	if len(groups) > 0 {
		b.WriteString(pageForm)
	}
	for i, g := range groups {
		open := g.action == engine.Delete || len(g.rows) <= mostInSight && len(groups) <= mostOpen
		h.group(&b, g, changeID(i), open)
	}
	list(&b, "Notes", notes(p, hidden))
	if len(groups) > 0 {
		h.picture(&b, groups)
		fmt.Fprintf(&b, "<script>%s</script>\n", pageScript)
	}
	b.WriteString("</main>\n</html>\n")
	_, err := mask.WriteOwn(h.W, b.String())
	return err
}

// rank puts what is destroyed first.
func rank(g *changeGroup) int {
	if g.action == engine.Delete {
		return 0
	}
	return 1
}

// picture draws what waits for what, and says it in words.
func (h HTML) picture(b *strings.Builder, groups []*changeGroup) {
	p := newPicture(groups, mask.Of(h.W))
	fmt.Fprintf(b, "<h2 id=\"order\">What waits for what</h2>\n<div class=\"picture\" tabindex=\"0\" role=\"region\" aria-labelledby=\"order\">%s</div>\n", p.svg())
	if words := p.words(); len(words) > 0 {
		b.WriteString("<details class=\"words\"><summary>The same in words</summary>\n<ul>\n")
		items(b, words)
		b.WriteString("</ul>\n</details>\n")
	}
}

const pageForm = `<h2>Changes</h2>
<form hidden role="search">
<input type="search" name="search" aria-label="Search in changes" placeholder="Search">
<label><input type="checkbox" name="create" checked> + create</label>
<label><input type="checkbox" name="update" checked> ~ update</label>
<label><input type="checkbox" name="destroy" checked> - destroy</label>
<button type="button" id="all">Open or close all</button>
<output id="count" aria-live="polite"></output>
</form>
`

// sourceHash is how a policy names the one style or script that it takes.
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// facts say which plan it is.
func (h HTML) facts(b *strings.Builder, p *engine.Plan) {
	b.WriteString("<dl>\n")
	for _, fact := range append(facts(p, h.Context), [2]string{"Digest", document.Digest(p)}) {
		if fact[1] != "" {
			fmt.Fprintf(b, "<dt>%s</dt><dd>%s</dd>\n", fact[0], html.EscapeString(mask.Of(h.W).Text(term.Escape(fact[1]))))
		}
	}
	if by := judgedBy(p, mask.Of(h.W)); by != "" {
		fmt.Fprintf(b, "<dt>Judged by</dt><dd>%s</dd>\n", html.EscapeString(by))
	}
	b.WriteString("</dl>\n")
	if rest := strings.TrimSpace(strings.TrimPrefix(Summary(p), heading(p)+".")); rest != "" {
		fmt.Fprintf(b, "<p>%s</p>\n", html.EscapeString(rest))
	}
}

// refusals, and what else is to be seen first.
func (h HTML) refusals(b *strings.Builder, p *engine.Plan) {
	hidden := mask.Of(h.W)
	if len(p.Refusals) > 0 {
		b.WriteString("<section class=\"refused\">\n")
		var lines []string
		for _, r := range p.Refusals {
			line := "! " + refusal(r, hidden)
			if r.Hint != "" {
				line += "; hint: " + hidden.Text(term.Escape(r.Hint))
			}
			lines = append(lines, line)
		}
		list(b, "Refused, so this plan cannot be applied", lines)
		b.WriteString("</section>\n")
	}
	if lines := overridden(p, hidden); len(lines) > 0 {
		b.WriteString("<section class=\"refused\">\n")
		list(b, "Carried out although a policy denies it", lines)
		b.WriteString("</section>\n")
	}
	var lines []string
	if p.Partial != nil {
		lines = append(lines, partial(p.Partial, hidden))
	}
	lines = append(lines, more(p.More, hidden)...)
	list(b, "More", lines)
}

func list(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "<h2>%s</h2>\n<ul>\n", title)
	items(b, lines)
	b.WriteString("</ul>\n")
}

func items(b *strings.Builder, lines []string) {
	for _, line := range lines {
		fmt.Fprintf(b, "<li>%s</li>\n", html.EscapeString(line))
	}
}

// mostOpen is how many groups there may be of which the short ones are open at first.
const mostOpen = 50

// group writes changes that are alike.
func (h HTML) group(b *strings.Builder, g *changeGroup, id string, opened bool) {
	symbol, _ := look(g.action)
	open := ""
	gist := ""
	if text := g.gist(); text != "" && !opened {
		gist = "<span>" + html.EscapeString(text) + "</span>"
	}
	if opened {
		open = " open"
	}
	fmt.Fprintf(b, "<details class=\"change %s\" id=\"%s\" data-action=\"%s\" data-count=\"%d\"%s><summary><b>%s %s</b>%s<small>%s</small></summary><div class=\"rows\">\n", g.action, id, g.action, len(g.changes), open, symbol, html.EscapeString(g.head()), gist, html.EscapeString(g.reason))
	for _, r := range g.rows {
		sign, _ := look(r.Sign)
		class := "row"
		if r.Sign != engine.NoOp {
			class += " " + string(r.Sign)
		}
		if r.Line {
			class += " line"
		}
		text := html.EscapeString(r.Text)
		if p := r.Pair; p != nil {
			text = fmt.Sprintf("%s<del>%s</del><ins>%s</ins>%s", html.EscapeString(p.Head), html.EscapeString(p.Old), html.EscapeString(p.New), html.EscapeString(p.Tail)) + text
		}
		fmt.Fprintf(b, "<div class=\"%s\"><i>%s</i> %s%s%s</div>\n", class, sign, r.Indent, html.EscapeString(r.Name), text)
	}
	b.WriteString("</div></details>\n")
}
