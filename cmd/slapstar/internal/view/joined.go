package view

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
)

// A Part is the plan, or the drift, of one of several environments, as [Markdown] or [HTML]
// has written it. What is hidden in it is.
type Part struct {
	Title string
	What  string // plan or drift
	Text  []byte // empty: there is none
	Error string // why; may be empty
}

// JoinMarkdown makes one document of plans in Markdown.
func JoinMarkdown(parts []Part) []byte {
	if len(parts) == 0 {
		return []byte("No environment has changed.\n")
	}
	var b bytes.Buffer
	for i, p := range parts {
		if i > 0 {
			b.WriteString("\n")
		}
		b.Write(p.Text)
		if p.Error == "" {
			continue
		}
		if len(p.Text) == 0 {
			fmt.Fprintf(&b, "## %s: there is no %s\n", term.Escape(p.Title), p.What)
		}
		b.WriteString("\n" + fence("text", strings.Split(shortened(term.Escape(p.Error), mostText), "\n")))
	}
	return b.Bytes()
}

// What a page begins and ends with around its plan.
const (
	pageBegins = "<main>\n"
	pageEnds   = "</main>\n</html>\n"
)

// JoinPages makes one page of the pages of plans: the first one with the others behind its
// plan. One search is for all.
func JoinPages(parts []Part) []byte {
	var head string
	var b strings.Builder
	script := fmt.Sprintf("<script>%s</script>\n", pageScript)
	searched := false
	for _, p := range parts {
		before, plan, found := strings.Cut(string(p.Text), pageBegins)
		if !found {
			fmt.Fprintf(&b, "<h1>%s: there is no %s</h1>\n", html.EscapeString(term.Escape(p.Title)), p.What)
		} else if head == "" {
			head = before
		}
		plan = strings.Replace(strings.TrimSuffix(plan, pageEnds), script, "", 1)
		if strings.Contains(plan, pageForm) {
			if searched {
				plan = strings.Replace(plan, pageForm, "<h2>Changes</h2>\n", 1)
			}
			searched = true
		}
		b.WriteString(plan)
		if p.Error != "" {
			fmt.Fprintf(&b, "<section class=\"refused\"><p>%s</p></section>\n", html.EscapeString(term.Escape(p.Error)))
		}
	}
	if head == "" { // there is no plan at all
		head = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>slapstar plan</title>\n"
	}
	if searched {
		b.WriteString(script)
	}
	return []byte(head + pageBegins + b.String() + pageEnds)
}
