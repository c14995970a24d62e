package console

import (
	"regexp"
	"strings"
)

// A cursor is the place in an entry that is being typed: what is open there, and
// the word before it.
type cursor struct {
	text   string // of the entry, up to the cursor
	open   []bracket
	quote  string // the quotes of the string that is open; empty outside of strings
	start  int    // of the word, or of the text in the string
	word   string
	path   string // what stands before the dot before the word, see pathBefore
	dotted bool
}

// A bracket is one that is open.
type bracket struct {
	kind    byte   // ( [ or {
	callee  string // what is called or indexed, see pathBefore; empty for a display
	args    int    // commas before the cursor
	keyword string // of the argument at the cursor
	key     string // in a dictionary, the key of the value at the cursor
	begin   int    // of what is in it, in the text
	item    int    // where the item at the cursor begins
	begins  bool   // nothing of it stands before the word
}

// top is the innermost bracket that is open; outside of all, one that nobody
// sees.
func (c *cursor) top() *bracket {
	if len(c.open) == 0 {
		return &bracket{}
	}
	return &c.open[len(c.open)-1]
}

var lastName = regexp.MustCompile(`[\pL_][\pL\pN_]*$`)

// findCursor reads an entry up to where the cursor is.
func findCursor(text string) cursor {
	c := cursor{text: text}
	var last string // the string before
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; ch {
		case '#':
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return cursor{text: text, start: len(text), quote: "#"}
			}
			i += end
		case '"', '\'':
			end, quote, closed := stringEnd(text, i)
			if !closed {
				c.quote, c.start = quote, i+len(quote)
				c.word = text[c.start:]
				return c
			}
			last, i = text[i+len(quote):end-len(quote)], end-1
		case '(', '[', '{':
			callee := ""
			if ch != '{' {
				callee = pathBefore(text[:i])
			}
			c.open = append(c.open, bracket{kind: ch, callee: callee, begin: i + 1, item: i + 1})
		case ')', ']', '}':
			if len(c.open) > 0 {
				c.open = c.open[:len(c.open)-1]
			}
		case ',':
			t := c.top()
			t.args, t.keyword, t.key, t.item = t.args+1, "", "", i+1
		case ':':
			c.top().key = last
		case '=':
			if name := lastName.FindString(strings.TrimRight(text[:i], " ")); name != "" && !strings.HasPrefix(text[i+1:], "=") {
				c.top().keyword = name
			}
		}
	}
	c.word = lastName.FindString(text)
	c.start = len(text) - len(c.word)
	c.top().begins = len(c.open) > 0 && strings.TrimSpace(text[c.top().item:c.start]) == ""
	if before := strings.TrimRight(text[:c.start], " "); strings.HasSuffix(before, ".") {
		c.dotted, c.path = true, pathBefore(strings.TrimSuffix(before, "."))
	}
	return c
}

// stringEnd finds the end of the string that begins at i.
func stringEnd(text string, i int) (end int, quote string, closed bool) {
	quote = text[i : i+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(text[i:], triple) {
		quote = triple
	}
	for j := i + len(quote); j < len(text); j++ {
		switch {
		case text[j] == '\\':
			j++
		case strings.HasPrefix(text[j:], quote):
			return j + len(quote), quote, true
		case text[j] == '\n' && len(quote) == 1:
			return j, "", true // a mistake, which is none of the completion's business
		}
	}
	return 0, quote, false
}

// pathBefore is the expression that text ends with, if it is made of names, dots
// and calls: slap.registerOpenOrder().request, without what is in parentheses.
func pathBefore(text string) string {
	path := ""
	for {
		text = strings.TrimRight(text, " ")
		switch {
		case strings.HasSuffix(text, ")"):
			open := openingBefore(text)
			if open < 0 {
				return ""
			}
			text, path = text[:open], "()"+path
			continue
		}
		name := lastName.FindString(text)
		if name == "" {
			return ""
		}
		text, path = text[:len(text)-len(name)], name+path
		if !strings.HasSuffix(text, ".") {
			return path
		}
		text, path = strings.TrimSuffix(text, "."), "."+path
	}
}

// openingBefore finds the parenthesis that the one at the end of text closes.
func openingBefore(text string) int {
	var open []int
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"', '\'':
			end, _, closed := stringEnd(text, i)
			if !closed {
				return -1
			}
			i = end - 1
		case '(':
			open = append(open, i)
		case ')':
			if len(open) == 0 {
				return -1
			}
			if i == len(text)-1 {
				return open[len(open)-1]
			}
			open = open[:len(open)-1]
		}
	}
	return -1
}
