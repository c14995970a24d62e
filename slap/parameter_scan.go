package slap

import (
	"strings"

	"slapstar/slap/marshal"
)

// scanParameters reads parameter XML of the form in which Masters write it. It
// is fifty times as fast as encoding/xml, which counts when an account of ten
// thousand instances is read at once; ok is false for any other form, which
// is left to encoding/xml. The texts share memory with the input.
func scanParameters(text string) (p Parameters, ok bool) {
	s := scanner{rest: text}
	s.skip("<?xml version='1.0' encoding='utf-8'?>")
	s.space()
	p = Parameters{}
	if s.skip("<instance/>") {
		s.space()
		return p, s.rest == ""
	}
	if !s.skip("<instance>") {
		return nil, false
	}
	for {
		s.space()
		if s.skip("</instance>") {
			s.space()
			return p, s.rest == ""
		}
		if !s.skip(`<parameter id="`) {
			return nil, false
		}
		id, ok := s.value('"')
		if !ok {
			return nil, false
		}
		value := ""
		if !s.skip("/>") {
			if !s.skip(">") {
				return nil, false
			}
			if value, ok = s.value('<'); !ok || !s.skip("/parameter>") {
				return nil, false
			}
		}
		if _, again := p[id]; again {
			return nil, false
		}
		p[id] = value
	}
}

type scanner struct{ rest string }

func (s *scanner) skip(prefix string) bool {
	var found bool
	s.rest, found = strings.CutPrefix(s.rest, prefix)
	return found
}

func (s *scanner) space() { s.rest = strings.TrimLeft(s.rest, " \t\r\n") }

// value reads text up to a delimiter, which is consumed. What encoding/xml
// normalises or refuses is left to it.
func (s *scanner) value(delimiter byte) (string, bool) {
	end := strings.IndexByte(s.rest, delimiter)
	if end < 0 {
		return "", false
	}
	raw := s.rest[:end]
	s.rest = s.rest[end+1:]
	if strings.ContainsAny(raw, "<\r") || strings.Contains(raw, "]]>") || marshal.CheckText(raw) != nil {
		return "", false
	}
	if !strings.Contains(raw, "&") {
		return raw, true
	}
	return marshal.ExpandReferences(raw)
}
