package slapstar_test

import (
	"bytes"
	"fmt"
	"go/scanner"
	"go/token"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// TestLinks follows the relative links of all Markdown pages, to a file and to
// a heading of a page. A page or a Go file that is named as code is looked for as
// well.
func TestLinks(t *testing.T) {
	for _, file := range sources(t, ".md") {
		for _, link := range links(t, file) {
			if err := follow(file, link.target); err != nil {
				t.Errorf("%s:%d: %v", file, link.line, err)
			}
		}
	}
}

// TestNamedPages looks for the Markdown pages that comments name, from the
// folder of the file, the top of the repository, or docs.
func TestNamedPages(t *testing.T) {
	for _, file := range sources(t, ".go", ".star", ".py") {
		for _, comment := range comments(t, file) {
			for _, page := range pages(comment.text) {
				if err := find(file, page); err != nil {
					t.Errorf("%s:%d: %v", file, comment.line, err)
				}
			}
		}
	}
}

// sources lists the files with one of the suffixes, relative to the top of the
// repository.
func sources(t *testing.T, suffixes ...string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(file string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && file != "." && strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		if !entry.IsDir() && slices.Contains(suffixes, filepath.Ext(file)) {
			files = append(files, filepath.ToSlash(file))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A link is a reference in a page: a target relative to the page.
type link struct {
	line   int
	target string
}

// namedPage is a path of a page, with the heading in it, if that is named.
var namedPage = regexp.MustCompile(`[\w./-]*\w\.md\b(#[\w-]+)?`)

// namedFile is a page or a Go file with its folder, as code: a name without a folder
// may be that of a file to write.
var namedFile = regexp.MustCompile(`^[\w./-]*/[\w.-]*\w\.(go|md(#[\w-]+)?)$`)

func links(t *testing.T, file string) []link {
	t.Helper()
	source := read(t, file)
	var found []link
	err := ast.Walk(parse(source), func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch node := node.(type) {
		case *ast.Link:
			found = append(found, link{lineOf(source, node), string(node.Destination)})
		case *ast.Image:
			found = append(found, link{lineOf(source, node), string(node.Destination)})
		case *ast.CodeSpan:
			if code := content(source, node); namedFile.MatchString(code) && find(file, code) != nil {
				found = append(found, link{lineOf(source, node), code})
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// follow reports what is wrong with a link of a page.
func follow(page, target string) error {
	address, err := url.Parse(target)
	if err != nil || address.Scheme != "" || address.Host != "" {
		return err
	}
	file := page
	if address.Path != "" {
		file = path.Join(path.Dir(page), address.Path)
	}
	return exists(file, address.Fragment)
}

// find looks for a page where people who name one may mean it.
func find(file, page string) error {
	name, heading, _ := strings.Cut(page, "#")
	for _, folder := range []string{path.Dir(file), ".", "docs"} {
		if candidate := path.Join(folder, name); exists(candidate, "") == nil {
			return exists(candidate, heading)
		}
	}
	return fmt.Errorf("%s: not found beside the file, at the top of the repository or in docs", name)
}

// exists reports whether there is a file and, unless it is empty, a heading in it.
func exists(file, heading string) error {
	if strings.HasPrefix(file, "../") {
		return fmt.Errorf("%s is outside of the repository", file)
	}
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("%s: not found", file)
	}
	if heading == "" || path.Ext(file) != ".md" {
		return nil
	}
	source, err := os.ReadFile(file)
	if err == nil && !slices.Contains(anchors(source), heading) {
		err = fmt.Errorf("%s: no heading #%s", file, heading)
	}
	return err
}

// namedAnchor is an anchor that a page sets itself.
var namedAnchor = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)

// anchors lists what a link to a page may end in: its headings in the form that
// forges give them, and the anchors that it sets itself.
func anchors(source []byte) []string {
	var found []string
	for _, match := range namedAnchor.FindAllSubmatch(source, -1) {
		found = append(found, string(match[1]))
	}
	times := map[string]int{}
	_ = ast.Walk(parse(source), func(node ast.Node, entering bool) (ast.WalkStatus, error) { // the function never fails
		if heading, ok := node.(*ast.Heading); ok && entering {
			slug := slug(content(source, heading))
			if n := times[slug]; n > 0 {
				found = append(found, fmt.Sprintf("%s-%d", slug, n))
			} else {
				found = append(found, slug)
			}
			times[slug]++
		}
		return ast.WalkContinue, nil
	})
	return found
}

func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSpace(heading))
}

func parse(source []byte) ast.Node {
	return goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
}

// content is the text of a node without its marks.
func content(source []byte, node ast.Node) string {
	var b strings.Builder
	_ = ast.Walk(node, func(node ast.Node, entering bool) (ast.WalkStatus, error) { // the function never fails
		if text, ok := node.(*ast.Text); ok && entering {
			b.Write(text.Segment.Value(source))
			if text.SoftLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// lineOf is the line of the first text in a node or, without any, that of the
// block around it.
func lineOf(source []byte, node ast.Node) int {
	offset := -1
	_ = ast.Walk(node, func(node ast.Node, entering bool) (ast.WalkStatus, error) { // the function never fails
		if text, ok := node.(*ast.Text); ok && offset < 0 {
			offset = text.Segment.Start
		}
		return ast.WalkContinue, nil
	})
	for ; offset < 0 && node != nil; node = node.Parent() {
		if node.Type() == ast.TypeBlock && node.Lines().Len() > 0 {
			offset = node.Lines().At(0).Start
		}
	}
	return 1 + bytes.Count(source[:max(offset, 0)], []byte("\n"))
}

// A comment is one line of a comment.
type comment struct {
	line int
	text string
}

func comments(t *testing.T, file string) []comment {
	t.Helper()
	source := read(t, file)
	if path.Ext(file) != ".go" {
		return hashComments(string(source))
	}
	var found []comment
	files := token.NewFileSet()
	var s scanner.Scanner
	s.Init(files.AddFile(file, -1, len(source)), source, nil, scanner.ScanComments)
	for pos, tok, literal := s.Scan(); tok != token.EOF; pos, tok, literal = s.Scan() {
		if tok != token.COMMENT {
			continue
		}
		first := files.Position(pos).Line
		for i, text := range strings.Split(literal, "\n") {
			found = append(found, comment{first + i, strings.TrimPrefix(text, "//")})
		}
	}
	return found
}

// hashComments takes a # in a string for a comment, too.
func hashComments(source string) []comment {
	var found []comment
	for i, line := range strings.Split(source, "\n") {
		if _, text, ok := strings.Cut(line, "#"); ok {
			found = append(found, comment{i + 1, text})
		}
	}
	return found
}

// address is a page of somebody else.
var address = regexp.MustCompile(`\w+://\S+`)

func pages(comment string) []string {
	return namedPage.FindAllString(address.ReplaceAllString(comment, ""), -1)
}
