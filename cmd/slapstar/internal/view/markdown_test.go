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
	"github.com/yuin/goldmark/parser"
	markdowntext "github.com/yuin/goldmark/text"

	"slapstar/engine"
	"slapstar/engine/document"
)

// hostile are texts that try to get out.
var hostile = []string{
	"plain", "```\n</details>\n", "`````` ~~~~", "--> @all <!--", "</code></summary></details><script>", "#12 !3 @team https://lab.example www.lab.example",
	"\u202e\u2066 \x1b[2J\r\n\x00", "::add-mask::x", "##vso[task.complete result=Failed;]", "Plan: 0 to create, 0 to update, 0 to destroy.", "**b** _i_ [l](https://lab.example) ![i](x)", "\n\n# heading\n- list\n> quote\n    code", "&lt;&#64;", `{"a": "</details>", "b": ["` + "```" + `"]}`, "\xff\xfe",
}

// A structure is what of a plan in Markdown has to come out as it was meant.
type structure struct{ fences, folds, headings, others int }

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

// checkMarkdown checks what holds for every plan.
func checkMarkdown(t *testing.T, p *engine.Plan) string {
	t.Helper()
	var b bytes.Buffer
	if err := (Markdown{W: &b}).Plan(p); err != nil {
		t.Fatal(err)
	}
	if b.Len() > markdownLimit && !onlyNames(p, b.String()) {
		t.Errorf("%d bytes are more than %d, and there is more than names", b.Len(), markdownLimit)
	}
	checkNames(t, p, b.String())
	checkLines(t, b.String())
	if first, _, _ := strings.Cut(b.String(), "\n"); first != fmt.Sprintf("%s %s -->", marker, document.Digest(p)) {
		t.Errorf("the first line is %q", first)
	}
	if i := strings.IndexFunc(b.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
		t.Errorf("there is a %q", b.String()[i:i+1])
	}
	fences := 0
	left := strings.Contains(b.String(), "Too long for one comment")
	noted := strings.Contains(b.String(), "**Notes:**")
	if len(notes(p, nil)) > 0 != noted && !left {
		t.Errorf("notes are there: %t", noted)
	}
	changed := p.Count(engine.Create)+p.Count(engine.Update) > 0
	for _, want := range []bool{p.Options.Master != "", len(p.Refusals) > 0, p.More != nil, noted, p.Partial != nil, p.Count(engine.Delete) > 0, changed && left} {
		if want {
			fences++
		}
	}
	got := parse(t, b.Bytes())
	if got.fences != fences+got.folds || got.headings != 1 || got.others != 0 {
		t.Errorf("the structure is %+v, want %d fences besides those in folds, one heading and nothing else:\n%.4000s", got, fences, &b)
	}
	if folds := p.Count(engine.Create) + p.Count(engine.Update); !left && got.folds != folds {
		t.Errorf("%d folds, want %d", got.folds, folds)
	}
	return b.String()
}

// onlyNames reports whether a plan that is too long has nothing but names.
func onlyNames(p *engine.Plan, text string) bool {
	return !strings.Contains(text, "<details>") && !strings.Contains(text, "**Notes:**") &&
		strings.Contains(text, fmt.Sprintf("the details of %d to create and %d to update are left out, and where and why", p.Count(engine.Create), p.Count(engine.Update)))
}

// checkNames: what is changed or refused is named, whatever is left out.
func checkNames(t *testing.T, p *engine.Plan, text string) {
	t.Helper()
	text = html.UnescapeString(text)
	for _, c := range p.Changes {
		sign := map[engine.Action]string{engine.Create: "+ ", engine.Update: "! ", engine.Delete: "- "}[c.Action]
		if !c.Pending() || strings.Contains(text, "\n"+sign+html.UnescapeString(Markdown{}.name(c.Address()))) {
			continue
		}
		symbol, _ := look(c.Action)
		if !strings.Contains(text, "<code>"+symbol+" "+html.UnescapeString(Markdown{}.name(c.Address()))+"</code>") &&
			!strings.Contains(text, "<code>"+symbol+" "+Markdown{}.name(c.Address())+"</code>") {
			t.Errorf("there is no %s %s", c.Action, Markdown{}.name(c.Address()))
		}
	}
	for _, r := range p.Refusals {
		if !strings.Contains(text, "\n! "+html.UnescapeString(Markdown{}.name(r.Address))) {
			t.Errorf("there is no %s, which is refused", Markdown{}.name(r.Address))
		}
	}
}

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
	got := checkMarkdown(t, large(300, "name", strings.Repeat("0123456789 ", 60)))
	if !strings.Contains(got, "the details of 100 to create and ") || strings.Count(got, "\n- instance") != 100 {
		t.Errorf("details of creations do not go first:\n%.2000s", got)
	}
	if again := checkMarkdown(t, large(300, "name", strings.Repeat("0123456789 ", 60))); again != got {
		t.Error("it comes out otherwise the second time")
	}
	got = checkMarkdown(t, large(3900, strings.Repeat("n", 50), "v"))
	if strings.Count(got, "\n- instance") != 1300 || strings.Count(got, "\n! instance") < 1300 || strings.Count(got, "\n+ instance") != 1300 {
		t.Errorf("names are left out:\n%.2000s", got)
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
	if !strings.Contains(list, "\n! instance prod-db  main.star:9\n") || !strings.Contains(list, "Too long for one comment: the details of 2 to create and ") {
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
