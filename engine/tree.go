package engine

import (
	"slices"
	"strconv"
	"strings"
)

// A Tree is a JSON value in which texts may hold secrets, and values that are not known
// yet. Each of them is a mark in the text: its number between two characters that stand
// for nothing.
type Tree struct {
	Root  any // as encoding/json has it, with [encoding/json.Number]
	Parts []Part
}

const (
	markBegin = "\uFDD0"
	markEnd   = "\uFDD1"

	markBare = "\uFDD3" // before a mark that stands for a number, without quotes
)

// ParseTree reads a text; nil if that is no JSON object or list.
func ParseTree(t Text) *Tree { return parseTree(t, Text.Marked) }

// parseTree is ParseTree of what is marked in a text.
func parseTree(t Text, marked func(Text, func(Part) string) string) *Tree {
	d := &Tree{}
	text := marked(t, func(p Part) string {
		d.Parts = append(d.Parts, p)
		return markBegin + strconv.Itoa(len(d.Parts)-1) + markEnd
	})
	if len(d.Parts) > 0 && strings.Contains(text, markBare) { // it has such characters already
		return nil
	}
	text = quoteBare(text, len(d.Parts))
	d.Root = decodeContainer(text)
	if d.Root == nil || countMarks(text, d.Root) != len(d.Parts) { // the same
		return nil
	}
	return d
}

// quoteBare puts quotes around the marks that have none: what is not known yet may be a
// number.
func quoteBare(text string, marks int) string {
	if marks == 0 {
		return text
	}
	var b strings.Builder
	inside, escaped := false, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case escaped:
			escaped = false
		case inside && c == '\\':
			escaped = true
		case c == '"':
			inside = !inside
		case !inside && strings.HasPrefix(text[i:], markBegin):
			mark, _, _ := strings.Cut(text[i:], markEnd)
			b.WriteString(`"` + markBare + mark + markEnd + `"`)
			i += len(mark) + len(markEnd) - 1
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// IsBare reports whether a value of a [Tree] is a number that is not known yet, or hidden.
func IsBare(v any) bool {
	s, ok := v.(string)
	return ok && strings.HasPrefix(s, markBare+markBegin)
}

// Text is a value of the tree as a text with parts; nil if it has none.
func (d *Tree) Text(v any) Text {
	s, ok := v.(string)
	if !ok || !strings.Contains(s, markBegin) {
		return nil
	}
	s = strings.TrimPrefix(s, markBare)
	var t Text
	for {
		before, rest, found := strings.Cut(s, markBegin)
		if before != "" {
			t = append(t, Part{Literal: before})
		}
		if !found {
			return t
		}
		number, tail, _ := strings.Cut(rest, markEnd)
		i, err := strconv.Atoi(number)
		if err != nil || i >= len(d.Parts) {
			return nil
		}
		t = append(t, d.Parts[i])
		s = tail
	}
}

// Known is a value with its secrets, and whether all of it is known.
func (d *Tree) Known(v any) (any, bool) {
	t := d.Text(v)
	if t == nil {
		return v, true
	}
	value, known := t.Known()
	if known && IsBare(v) {
		number, err := decodeJSON(value)
		return number, err == nil
	}
	return value, known
}

// Holds reports whether a value of another tree holds one of the secrets, or of the
// credentials as well: it may have been in another place there.
func (d *Tree) Holds(v any, credentials bool) bool {
	s, ok := v.(string)
	return ok && slices.ContainsFunc(d.Parts, func(p Part) bool {
		is := p.Secret != "" || p.Inner().HasSecret() || credentials && (p.Credential != nil || p.Inner().HasCredential())
		return is && p.Literal != "" && strings.Contains(s, p.Literal)
	})
}

// Absent is the value of what is not there; JSON has null for another purpose.
type Absent struct{}

// eachText calls do for each text in a JSON value, until that returns false.
func eachText(v any, do func(string) bool) bool {
	switch v := v.(type) {
	case string:
		return do(v)
	case map[string]any:
		for _, member := range v {
			if !eachText(member, do) {
				return false
			}
		}
	case []any:
		for _, item := range v {
			if !eachText(item, do) {
				return false
			}
		}
	}
	return true
}

// countMarks counts the marks in all texts and keys of a JSON value that a text is.
func countMarks(text string, v any) int {
	if !strings.Contains(text, markBegin) && !strings.Contains(text, `\u`) { // they can be escaped
		return 0
	}
	n := 0
	eachText(v, func(s string) bool { n += strings.Count(s, markBegin); return true })
	eachKey(v, func(s string) { n += strings.Count(s, markBegin) })
	return n
}

// eachKey calls do for each key in a JSON value.
func eachKey(v any, do func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			do(key)
			eachKey(member, do)
		}
	case []any:
		for _, item := range v {
			eachKey(item, do)
		}
	}
}

// mostDepth is how deep a document is that is taken apart.
const mostDepth = 64

// shallow reports whether a JSON value has no more than that many levels.
func shallow(v any, levels int) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			if levels == 0 || !shallow(member, levels-1) {
				return false
			}
		}
	case []any:
		for _, item := range v {
			if levels == 0 || !shallow(item, levels-1) {
				return false
			}
		}
	}
	return true
}

func isContainer(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// decodeContainer reads a text that is a JSON object or list; nil for another one.
func decodeContainer(text string) any {
	if trimmed := strings.TrimLeft(text, " \t\r\n"); trimmed == "" || trimmed[0] != '{' && trimmed[0] != '[' {
		return nil
	}
	v, err := decodeJSON(text)
	if err != nil {
		return nil
	}
	return v
}
