package view

import (
	"bytes"
	"fmt"
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
	"\u202e\u2066 \x1b[2J\r\n\x00", "**b** _i_ [l](https://lab.example) ![i](x)", "\n\n# heading\n- list\n> quote\n    code", "&lt;&#64;", `{"a": "</details>", "b": ["` + "```" + `"]}`, "\xff\xfe",
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
	if b.Len() > markdownLimit {
		t.Errorf("%d bytes are more than %d", b.Len(), markdownLimit)
	}
	if first, _, _ := strings.Cut(b.String(), "\n"); first != fmt.Sprintf("%s %s -->", marker, document.Digest(p)) {
		t.Errorf("the first line is %q", first)
	}
	if i := strings.IndexFunc(b.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
		t.Errorf("there is a %q", b.String()[i:i+1])
	}
	fences := 0
	for _, want := range []bool{len(p.Refusals) > 0, p.More != nil, len(notes(p)) > 0, p.Partial != nil, p.Count(engine.Delete) > 0} {
		if want {
			fences++
		}
	}
	if strings.Contains(b.String(), "**Destroyed:**\n\n**") {
		fences-- // not one name fits
	}
	got := parse(t, b.Bytes())
	if got.fences != fences+got.folds || got.headings != 1 || got.others != 0 {
		t.Errorf("the structure is %+v, want %d fences besides those in folds, one heading and nothing else:\n%.4000s", got, fences, &b)
	}
	left := strings.Contains(b.String(), "Too long for one comment")
	if folds := p.Count(engine.Create) + p.Count(engine.Update); !left && got.folds != folds {
		t.Errorf("%d folds, want %d", got.folds, folds)
	}
	return b.String()
}

func FuzzMarkdown(f *testing.F) {
	for i, content := range hostile {
		f.Add(uint16(i*i), hostile[(i*5+1)%len(hostile)], content)
	}
	f.Add(uint16(3000), "name", "value")
	f.Add(uint16(9), strings.Repeat("`", 5000), strings.Repeat("line\n", 5000))
	f.Add(uint16(3), strings.Repeat("n", 70_000), "v")
	f.Fuzz(func(t *testing.T, n uint16, name, content string) {
		checkMarkdown(t, large(int(n%4000), name, content))
	})
}

func TestMarkdownOfEverything(t *testing.T) {
	got := checkMarkdown(t, everything())
	for _, want := range []string{"- instance before  (declared at HEAD~1 (main.star:4), no longer declared)", "! instance app (main.star:2:1): it cannot be", "2 instances on this Master are in no file."} {
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

// What is too long loses details of creations first, then of updates; names of
// what is destroyed only when there is no room for anything else, and counted.
func TestMarkdownTooLong(t *testing.T) {
	got := checkMarkdown(t, large(300, "name", strings.Repeat("0123456789 ", 60)))
	if !strings.Contains(got, "the details of 100 to create and ") || strings.Count(got, "\n- instance") != 100 {
		t.Errorf("details of creations do not go first:\n%.2000s", got)
	}
	if again := checkMarkdown(t, large(300, "name", strings.Repeat("0123456789 ", 60))); again != got {
		t.Error("it comes out otherwise the second time")
	}
	got = checkMarkdown(t, large(3900, strings.Repeat("n", 50), "v"))
	shown := strings.Count(got, "\n- instance")
	if want := fmt.Sprintf("%d more to destroy, whose names", 1300-shown); shown == 0 || !strings.Contains(got, want) {
		t.Errorf("%d of 1300 destroyed names are shown, and there is no %q", shown, want)
	}
}
