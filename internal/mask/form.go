package mask

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// mostLine is from how many bytes on a line of a secret of several lines counts as one:
// who writes a text line by line would show all of it.
const mostLine = 16

// formsOf are a value, and what it looks like after programs have written it: each at
// least Inside bytes long.
func formsOf(value string) []string {
	plain := append([]string{value, strings.TrimSpace(value)}, lines(value)...)
	var list []string
	for _, text := range plain {
		list = append(list, escaped(text)...)
		list = append(list, encoded(text)...)
	}
	forms := list[:0]
	for _, form := range list {
		if len(form) >= Inside {
			forms = append(forms, form)
		}
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// lines are those of a value of several lines. A line such as -----BEGIN PRIVATE
// KEY----- tells nothing.
func lines(value string) []string {
	if !strings.Contains(value, "\n") {
		return nil
	}
	var list []string
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); len(line) >= mostLine && !strings.HasPrefix(line, "-----") {
			list = append(list, line)
		}
	}
	return list
}

// escaped are the forms in which other text is as readable as before.
func escaped(s string) []string {
	inJSON := quoteJSON(s, false)
	quoted := strconv.Quote(s)
	quoted = quoted[1 : len(quoted)-1]
	list := []string{
		s, inJSON, quoteJSON(s, true), inASCII(inJSON),
		slashes(inJSON), slashes(inASCII(inJSON)),
		quoteJSON(inJSON, false), quoteJSON(quoteJSON(s, true), true), quoteJSON(inASCII(inJSON), false), // JSON in JSON
		quoteJSON(slashes(inJSON), false), quoteJSON(slashes(inASCII(inJSON)), false), slashes(quoteJSON(slashes(inASCII(inJSON)), false)),
		quoted, strings.ReplaceAll(quoted, `\"`, `"`), printable(s),
		html.EscapeString(s),
	}
	var b bytes.Buffer
	if xml.EscapeText(&b, []byte(s)) == nil {
		list = append(list, b.String())
	}
	inURL := []string{url.PathEscape(s), strings.TrimPrefix(url.UserPassword("", s).String(), ":")}
	for _, keep := range unescaped {
		form := percent(s, keep)
		inURL = append(inURL, form, strings.ReplaceAll(form, "%20", "+"))
	}
	for _, form := range inURL {
		list = append(list, form, lowerHex(form))
	}
	return list
}

// unescaped are the characters besides letters, digits and -_. that programs keep when
// they percent-encode: Python's quote (2 and 3), with safe="" as well, and JavaScript's
// URLSearchParams, encodeURIComponent and encodeURI. Some of them write + for a space.
var unescaped = []string{"/", "/~", "", "~", "*", "~!*'()", "~;/?:@&=+$,#!*'()"}

// slashes is JSON as PHP has it.
func slashes(inJSON string) string { return strings.ReplaceAll(inJSON, "/", `\/`) }

func quoteJSON(s string, forHTML bool) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(forHTML)
	if e.Encode(s) != nil {
		return s
	}
	text := strings.TrimSuffix(b.String(), "\n")
	return text[1 : len(text)-1]
}

// inASCII is JSON as programs write it that know no other letters.
func inASCII(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, "\\u%04x", unit)
		}
	}
	return b.String()
}

// printable is what is left for a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// percent encodes a text byte for byte, all but letters, digits, -_. and those to keep.
func percent(s, keep string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-_."+keep, c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// lowerHex is a percent-encoded text with the digits of other programs.
func lowerHex(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], bytes.ToLower(b[i+1:i+3]))
		}
	}
	return string(b)
}

// encoded are the digits that base64 has for a text, whatever stands before and after
// it: three forms, by the place where it begins.
func encoded(s string) []string {
	var list []string
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			digits := encoding.EncodeToString(append(make([]byte, before), s...))
			first, end := (before*8+5)/6, (before+len(s))*8/6
			list = append(list, digits[first:end])
		}
	}
	return list
}
