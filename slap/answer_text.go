package slap

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// A said is what a Master says in the body of an error.
type said struct {
	kind  string // the type of an exception, or a code such as INSTANCE-TREE-NOT-FOUND; may be empty
	value string // its text, or a message; may be empty
	page  bool   // whether it is the error page of a full Master
}

// whatIsSaid reads the body of an error: the labels of the error page of a full Master,
// the first paragraph with a text of another page, a JSON document, or short plain
// text.
func whatIsSaid(header http.Header, body []byte) said {
	if isJSON(header) {
		var problem struct{ Type, Title, Detail string }
		if json.Unmarshal(body, &problem) == nil {
			s := said{kind: oneLine(problem.Type), value: oneLine(problem.Title + " " + problem.Detail)}
			if problem.Type == "unknown-error" || problem.Type == "" {
				s.raised()
			}
			return s
		}
	}
	markup := bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
	lines := string(body)
	if markup {
		lines = pageLines(body)
	}
	if kind, value, ok := exceptionOf(lines); ok {
		return said{oneLine(kind), oneLine(value), true}
	}
	s := said{value: oneLine(string(body))}
	if markup {
		s.value = pageText(body, "p")
	}
	s.raised()
	return s
}

// exception is how an exception is told in one line.
var exception = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_.]*(?:Error|Exception))(?:: *(.*))?$`)

// raised takes the type of an exception off the text.
func (s *said) raised() {
	if m := exception.FindStringSubmatch(s.value); m != nil {
		s.kind, s.value = m[1][strings.LastIndexByte(m[1], '.')+1:], m[2]
	}
}

func isJSON(header http.Header) bool {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	return kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")
}

func looksLikeHTML(body []byte) bool {
	head := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 512)]))
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}

// pageText returns the text of the first element called tag in an HTML page that has one.
func pageText(body []byte, tag string) string {
	z := html.NewTokenizer(bytes.NewReader(body))
	var b strings.Builder
	inside := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return oneLine(b.String())
		case html.StartTagToken:
			name, _ := z.TagName()
			inside = inside || string(name) == tag
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == tag {
				if text := oneLine(b.String()); text != "" {
					return text
				}
				inside = false
			}
		case html.TextToken:
			if inside {
				b.Write(z.Text())
			}
		}
	}
}

// describeBody says in a few words what an unexpected body is. It quotes nothing
// but the title of a web page: elsewhere there may be parameters.
func describeBody(body []byte) string {
	switch {
	case len(body) == 0:
		return "an empty answer"
	case looksLikeHTML(body):
		if title := pageText(body, "title"); title != "" {
			return "a web page titled “" + title + "”"
		}
		return "a web page"
	}
	return fmt.Sprintf("%d bytes of something else", len(body))
}

// oneLine folds white space, drops what could steer a terminal, and cuts what
// is too long for a message.
func oneLine(s string) string {
	const mostBytes = 8192
	s = s[:min(len(s), mostBytes)]
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	const most = 300
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}
