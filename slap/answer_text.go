package slap

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// errorText finds what a Master says in the body of an error: the paragraph of
// an HTML page, the title of a JSON document, or short plain text.
func errorText(header http.Header, body []byte) string {
	switch {
	case isJSON(header):
		var problem struct{ Title, Detail string }
		if json.Unmarshal(body, &problem) == nil {
			return oneLine(problem.Title + " " + problem.Detail)
		}
	case looksLikeHTML(body):
		if kind, value, ok := erp5Error(string(body)); ok {
			return oneLine(kind + ": " + value)
		}
		return pageText(body, "p")
	}
	return oneLine(string(body))
}

// errorType is the code that a JSON document gives an error, such as
// INSTANCE-TREE-NOT-FOUND; a slapproxy says Forbidden.
func errorType(header http.Header, body []byte) string {
	var problem struct{ Type string }
	if isJSON(header) {
		json.Unmarshal(body, &problem) // what is no document has no type
	}
	return oneLine(problem.Type)
}

// erp5Error finds type and value on the error page of a full Master: they come after
// two labels, up to the next tag.
func erp5Error(page string) (kind, value string, ok bool) {
	_, rest, ok := strings.Cut(page, "Error Type:")
	if !ok {
		return "", "", false
	}
	kind, rest, _ = strings.Cut(rest, "<")
	_, rest, _ = strings.Cut(rest, "Error Value:")
	value, _, _ = strings.Cut(rest, "<")
	return strings.TrimSpace(html.UnescapeString(kind)), strings.TrimSpace(html.UnescapeString(value)), true
}

func isJSON(header http.Header) bool {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	return kind == "application/json"
}

func looksLikeHTML(body []byte) bool {
	head := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 512)]))
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}

// pageText returns the text of the first element called tag in an HTML page.
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
				return oneLine(b.String())
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
