package marshal

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// ExpandReferences replaces the predefined entities and the character references
// of XML text. ok is false for any other reference, and for a character that is
// none in XML.
func ExpandReferences(raw string) (text string, ok bool) {
	var b strings.Builder
	b.Grow(len(raw))
	for {
		before, after, found := strings.Cut(raw, "&")
		b.WriteString(before)
		if !found {
			return b.String(), true
		}
		name, rest, found := strings.Cut(after, ";")
		if !found {
			return "", false
		}
		raw = rest
		switch name {
		case "amp":
			b.WriteByte('&')
		case "lt":
			b.WriteByte('<')
		case "gt":
			b.WriteByte('>')
		case "quot":
			b.WriteByte('"')
		case "apos":
			b.WriteByte('\'')
		default:
			number, isNumber := strings.CutPrefix(name, "#")
			n, err := strconv.ParseUint(number, 10, 32)
			if !isNumber || err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) || CheckText(string(rune(n))) != nil {
				return "", false
			}
			b.WriteRune(rune(n))
		}
	}
}
