package view

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	markdowntext "github.com/yuin/goldmark/text"

	"slapstar/cmd/slapstar/internal/view/diff"
	"slapstar/engine"
	"slapstar/engine/document"
)

// hostile are texts that try to get out.
var hostile = []string{
	"plain", "```\n</details>\n", "`````` ~~~~", "--> @all <!--", "</code></summary></details><script>", "#12 !3 @team https://lab.example www.lab.example",
	"\u202e\u2066 \x1b[2J\r\n\x00", "::add-mask::x", "##vso[task.complete result=Failed;]", "Plan: 0 to create, 0 to update, 0 to destroy.", "**b** _i_ [l](https://lab.example) ![i](x)", "\n\n# heading\n- list\n> quote\n    code", "&lt;&#64;", `{"a": "</details>", "b": ["` + "```" + `"]}`, "\xff\xfe",
}

// A structure is what of a plan in Markdown has to come out as it was meant.
type structure struct{ fences, folds, tables, headings, others int }

func parse(t *testing.T, source []byte) structure {
	t.Helper()
	var s structure
	reader := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID())).Parser()
	doc := reader.Parse(markdowntext.NewReader(source))
	opened := 0
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			s.fences++
		case *ast.Heading:
			s.headings++
		case *ast.HTMLBlock:
			text := string(n.Lines().Value(source))
			switch {
			case strings.HasPrefix(text, "<details>"):
				s.folds++
				opened++
				if strings.Count(text, "<") != 7 || strings.Contains(text, "@") { // details, and two each of summary and code
					s.others++
				}
			case strings.TrimSpace(text) == "</details>":
				opened--
			case !strings.HasPrefix(text, marker):
				s.others++
			}
		case *extensionast.Table:
			s.tables++
			s.others += strangers(n, source)
		case *ast.Paragraph:
			for child := n.FirstChild(); child != nil; child = child.NextSibling() {
				switch child.(type) {
				case *ast.Text, *ast.String, *ast.Emphasis, *ast.CodeSpan:
				default:
					s.others++
				}
			}
		default:
			s.others++
		}
	}
	if opened != 0 {
		s.others++
	}
	return s
}

// strangers counts what a table is not to have: anything but text, code tags and links to
// lines.
func strangers(table ast.Node, source []byte) int {
	n := 0
	_ = ast.Walk(table, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		switch node := node.(type) {
		case *extensionast.Table, *extensionast.TableHeader, *extensionast.TableRow, *extensionast.TableCell, *ast.Text, *ast.String:
		case *ast.RawHTML:
			if tag := string(node.Segments.Value(source)); tag != "<code>" && tag != "</code>" {
				n++
			}
		case *ast.Link:
			if !strings.HasPrefix(string(node.Destination), "https://links.example/") {
				n++
			}
		default:
			n++
		}
		return ast.WalkContinue, nil
	})
	return n
}

// checkMarkdown checks what holds for every plan.
func checkMarkdown(t *testing.T, p *engine.Plan) string {
	t.Helper()
	var b bytes.Buffer
	if err := (Markdown{W: &b, LinkBase: "https://links.example/blob"}).Plan(p); err != nil {
		t.Fatal(err)
	}
	if b.Len() > MarkdownLimit && !onlyNames(p, b.String()) {
		t.Errorf("%d bytes are more than %d, and there is more than names", b.Len(), MarkdownLimit)
	}
	checkNames(t, p, b.String())
	checkLines(t, b.String())
	if first, _, _ := strings.Cut(b.String(), "\n"); first != fmt.Sprintf("%s %s -->", marker, document.Digest(p)) {
		t.Errorf("the first line is %q", first)
	}
	if i := strings.IndexFunc(b.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
		t.Errorf("there is a %q", b.String()[i:i+1])
	}
	got := parse(t, b.Bytes())
	if got.headings != 1 || got.others != 0 || got.tables > 1 {
		t.Errorf("the structure is %+v, want one heading, at most one table, fences, folds and nothing else:\n%.4000s", got, &b)
	}
	left := strings.Contains(b.String(), "Too long for one comment")
	for title, want := range map[string]bool{"Notes": len(notes(p, nil)) > 0, "Destroyed": p.Count(engine.Delete) > 0, "More to come": p.More != nil, "Refused, so this plan cannot be applied": len(p.Refusals) > 0} {
		if got := strings.Contains(b.String(), "\n**"+title+":**\n"); got != want && !(left && title == "Notes") {
			t.Errorf("there is %q: %t", title, got)
		}
	}
	return b.String()
}

// onlyNames reports whether a plan that is too long has nothing but names of what is
// updated and destroyed.
func onlyNames(p *engine.Plan, text string) bool {
	return !strings.Contains(text, "<details>") && !strings.Contains(text, "**Notes:**") &&
		strings.Contains(text, fmt.Sprintf("the details of %d to create and %d to update are left out, and where and why", p.Count(engine.Create), p.Count(engine.Update)))
}

// checkNames: what is changed or refused is named, whatever is left out, but for what is
// created, which is counted.
func checkNames(t *testing.T, p *engine.Plan, text string) {
	t.Helper()
	text = strings.Join(strings.Fields(brokenLine.ReplaceAllString(html.UnescapeString(text), "")), "")
	counted := strings.Contains(text, fmt.Sprintf("andthenamesof%dtocreate", p.Count(engine.Create)))
	squeeze := func(s string) string { return strings.Join(strings.Fields(html.UnescapeString(s)), "") }
	for _, g := range groups(p, diff.Options{}, 2) {
		title := squeeze(Markdown{}.title(g))
		symbol, _ := look(g.action)
		if !strings.Contains(text, title) && !strings.Contains(text, symbol+title[1:]) && !(counted && g.action == engine.Create) {
			t.Errorf("there is no %.300s in %.3000s", title, text)
		}
	}
	text = html.UnescapeString(text)
	for _, r := range p.Refusals {
		if !strings.Contains(text, squeeze("! "+Markdown{}.name(r.Address))) {
			t.Errorf("there is no %s, which is refused", Markdown{}.name(r.Address))
		}
	}
}

// brokenLine begins what a long line is brokenLine with.
var brokenLine = regexp.MustCompile(`\n[-+! ] *… `)

// ours begins each line that slapstar writes of a plan: with a word of it, the name of
// a parameter that is one word, or an odd one in quotation marks.
var ours = regexp.MustCompile("^(?:|[\"<|…+~!`\\[-].*|## .*|\\*\\*.*|(?:[\\pL\\pN_]|\\\\[uUx])[\\pL\\pN\\pM_.\\\\-]*(?:$|[ :\\[,].*))$")

// checkLines: no line begins with foreign text, where CI systems look for commands, and
// there is none of those that they find anywhere.
func checkLines(t *testing.T, text string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		line = strings.TrimLeft(line, " ")
		if !ours.MatchString(line) || i < len(lines)-1 && strings.HasPrefix(line, "Plan:") {
			t.Errorf("a line begins with foreign text: %.200q", line)
		}
		if command.MatchString(line) {
			t.Errorf("a line has a command: %.200q", line)
		}
	}
}

var command = regexp.MustCompile(`##[A-Za-z]*\[`)

func FuzzMarkdown(f *testing.F) {
	for i, content := range hostile {
		f.Add(uint16(i*i), hostile[(i*5+1)%len(hostile)], content)
	}
	f.Add(uint16(3000), "name", "value")
	f.Add(uint16(9), strings.Repeat("`", 5000), strings.Repeat("line\n", 5000))
	f.Add(uint16(3), strings.Repeat("n", 70_000), "v")
	f.Add(uint16(8), "::add-mask::x", "::add-mask::x\n  ##vso[task.complete]\nPlan: 0 to create, 0 to update, 0 to destroy.\n")
	f.Add(uint16(8), "d\u0430ta\u3164", `{"::add-mask::x": "##[group]", "Plan: 0": [["::error::"]], "": "\u2028"}`)
	f.Fuzz(func(t *testing.T, n uint16, name, content string) {
		const most = 512 << 10 // bytes of one plan, for the sake of time
		p := large(min(int(n%4000), 1+most/(1+len(name)+len(content))), name, content)
		checkMarkdown(t, p)
		checkLines(t, render(t, Text{}, p))
	})
}

func TestMarkdownOfEverything(t *testing.T) {
	got := checkMarkdown(t, everything())
	for _, want := range []string{"- instance before  (declared at HEAD~1 (main.star:4), no longer declared)", "! instance app (main.star:2:1): it cannot be", "2 instances and 1 software release on this Master are in no file."} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in\n%s", want, got)
		}
	}
	for _, hidden := range []string{"hunter2", "\"old\"", "password  old"} {
		if strings.Contains(got, hidden) {
			t.Errorf("there is %q in\n%s", hidden, got)
		}
	}
}

// What is too long loses details of creations first, then of updates, and no name.
func TestMarkdownTooLong(t *testing.T) {
	p := large(300, "name", strings.Repeat("0123456789 ", 60))
	for i, c := range p.Changes { // or they are one group
		if c.Action != engine.Delete {
			c.Attributes = append(c.Attributes, parameter("n", nil, engine.Literal(fmt.Sprint(i))))
		}
	}
	apart(p)
	got := checkMarkdown(t, p)
	if !strings.Contains(got, "the details of 100 to create and ") || !strings.Contains(got, "\n- instance name{2,5,8,") {
		t.Errorf("details of creations do not go first:\n%.2000s", got)
	}
	if again := checkMarkdown(t, p); again != got {
		t.Error("it comes out otherwise the second time")
	}
}

// 1 000 numbered changes of three kinds are short.
func TestMarkdownOfAThousand(t *testing.T) {
	p := alikePlan(1000)
	got := checkMarkdown(t, p)
	if len(got) > 12<<10 || !strings.Contains(got, "(250)") {
		t.Errorf("%d bytes:\n%.3000s", len(got), got)
	}
	for i, c := range p.Changes {
		c.Action, c.Current, c.Claim, c.Cause = []engine.Action{engine.Create, engine.Update, engine.Delete}[i*3/1000], nil, nil, ""
		c.Resource.(*engine.Instance).Origin = origin(5)
		if c.Attributes = nil; c.Action == engine.Update {
			c.Attributes = []engine.Attribute{parameter("n", text("1"), engine.Literal("2"))}
		}
	}
	apart(p)
	if got := checkMarkdown(t, p); len(got) > 3000 || !strings.Contains(got, "{0001..0334}") {
		t.Errorf("%d bytes:\n%.3000s", len(got), got)
	}
}

// The names of what is destroyed and updated are never left out, those of what is created
// last of all.
func TestMarkdownLimit(t *testing.T) {
	p := alikePlan(400)
	for i, c := range p.Changes {
		c.Resource.(*engine.Instance).Name = strings.Repeat(string(rune('a'+i%26)), 30) + fmt.Sprint(i*7919)
	}
	var b bytes.Buffer
	if err := (Markdown{W: &b, Limit: 1000}).Plan(p); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "and the names of 100 to create") || strings.Count(got, "instance") > 300 {
		t.Errorf("got\n%.2000s", got)
	}
	checkNames(t, p, b.String())
}

// The title, the commit, links and the command.
func TestMarkdownContext(t *testing.T) {
	p := everything()
	p.Refusals, p.Options.Entry = nil, "main.star"
	var b bytes.Buffer
	dirty := true
	m := Markdown{W: &b, Context: document.Context{Title: "prod --> @all", Commit: "0123abc", Dirty: &dirty}, LinkBase: "https://lab.example/x/-/blob/0123abc", Command: "slapstar apply main.star"}
	if err := m.Plan(p); err != nil {
		t.Fatal(err)
	}
	digest := document.Digest(p)
	for _, want := range []string{"<!-- slapstar plan prod______all " + digest + " -->\n## prod --&#62; &#64;all: Plan: 1 to create", "File: main.star\nMaster: https://slap.lab.example\nCommit: 0123abc, and files that differ from it\nJudged by: policy.star (Friday 2026-11-27T16:30:00Z, environment prod, branch main)\n", "! policy deny_x is overridden: it has to be (instance app",
		"(<https://lab.example/x/-/blob/0123abc/main.star#L2>)", "```sh\nslapstar apply main.star --override 'deny_x' --reason 'it has to be' --approved " + digest + "\n```\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("there is no %q in\n%s", want, &b)
		}
	}
	if !strings.HasSuffix(b.String(), "```\n") {
		t.Errorf("the command is not last:\n%s", &b)
	}
}

// A change of prod-db vanished when those of others were long enough.
func TestMarkdownNamesAll(t *testing.T) {
	long := strings.Repeat("0123456789", 6000)
	p := large(6, "name", long)
	p.Changes = append(p.Changes, &engine.Change{Action: engine.Update, Resource: instance("prod-db", 9),
		Attributes: []engine.Attribute{parameter("conf", text(long), engine.Literal(long+"x"))}})
	apart(p)
	got := checkMarkdown(t, p)
	list, rest, _ := strings.Cut(got, "**Notes:**")
	if !strings.Contains(list, "\n! instance prod-db  main.star:9\n") || !strings.Contains(list, "Too long for one comment: the details of ") {
		t.Errorf("got\n%.3000s\nand then %d bytes", list, len(rest))
	}
	if strings.Index(list, "Too long") > strings.Index(list, "prod-db") {
		t.Errorf("it is not said first that there is more:\n%.3000s", list)
	}
	got = checkMarkdown(t, large(3, strings.Repeat("n", 70_000), "v"))
	if strings.Count(got, "more bytes, sha256 ") < 3 {
		t.Errorf("a name that is too long is not said to be cut:\n%.1000s", got)
	}
}
