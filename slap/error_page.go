package slap

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// The error page of the full Master names the type and the value of a Python exception,
// somewhere in what its skin puts around them:
//
//	<p class="clear"></p>
//	<p>An error was encountered while publishing this resource.</p>
//	<p><strong>Error Type: NotImplementedError</strong><br />
//	<strong>Error Value: 1234_vm1_inProgress</strong><br /></p>
//
// Source: standard_error_message of ERP5, read; never seen on the wire.

// labelled finds one of the two labels in [pageLines]. It ends in a colon, or with its
// line, as in a table.
var (
	typeLabel  = regexp.MustCompile(`(?i)\berror +type *(?:\n* *:|\n)`)
	valueLabel = regexp.MustCompile(`(?i)\berror +value *(?:\n* *:|\n)`)
	identifier = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
)

// exceptionOf returns the type and the value that lines name, which are text without
// markup: a new line is what ends a paragraph, a cell, or the like.
func exceptionOf(lines string) (kind, value string, ok bool) {
	at := typeLabel.FindStringIndex(lines)
	if at == nil {
		return "", "", false
	}
	// A label that ends with its line gives the end of the line back: it counts below.
	text, crossed := field(endOfLabel(lines, at), strings.Count(lines, "\n"))
	names := identifier.FindAllString(text, -1) // <class 'exceptions.KeyError'>, KeyError
	if len(names) == 0 {
		return "", "", false
	}
	if at = valueLabel.FindStringIndex(lines); at != nil {
		if crossed > 0 {
			crossed++ // there may be another element around it
		}
		value, _ = field(endOfLabel(lines, at), crossed)
	}
	return names[len(names)-1], value, true
}

func endOfLabel(lines string, at []int) string {
	return lines[at[0]+len(strings.TrimSuffix(lines[at[0]:at[1]], "\n")):]
}

// field returns the text that follows a label, up to the end of its line or another
// label. If the line is empty, the text is at most so many line ends away: as far as
// that of the other label, since an exception need not have a text.
func field(rest string, most int) (text string, crossed int) {
	for _, label := range []*regexp.Regexp{typeLabel, valueLabel} {
		if at := label.FindStringIndex(rest); at != nil {
			rest = rest[:at[0]]
		}
	}
	for crossed = 0; crossed <= most; crossed++ {
		line, after, more := strings.Cut(rest, "\n")
		if line = strings.TrimSpace(line); line != "" || !more {
			return line, crossed
		}
		rest = after
	}
	return "", crossed
}

// inline are the elements that do not end a line of text.
var inline = map[string]bool{
	"a": true, "abbr": true, "b": true, "big": true, "code": true, "em": true, "font": true, "i": true, "kbd": true, "label": true, "mark": true,
	"q": true, "s": true, "samp": true, "small": true, "span": true, "strong": true, "sub": true, "sup": true, "tt": true, "u": true, "var": true, "wbr": true,
}

// pageLines returns the text of an HTML page, with a new line for each tag that ends
// one. White space is one blank.
func pageLines(body []byte) string {
	var b strings.Builder
	hidden := ""
	z := html.NewTokenizer(bytes.NewReader(body))
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if hidden == "" {
				b.WriteString(strings.Map(blank, string(z.Text())))
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			tag, _ := z.TagName()
			name := string(tag)
			switch {
			case kind == html.StartTagToken && (name == "script" || name == "style" || name == "title"):
				hidden = name
			case kind == html.EndTagToken && name == hidden:
				hidden = ""
			}
			if !inline[name] {
				b.WriteByte('\n')
			}
		}
	}
}

func blank(r rune) rune {
	switch r {
	case '\n', '\r', '\t', '\u00a0', '\u200b':
		return ' '
	}
	return r
}
