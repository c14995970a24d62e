package marshal

import (
	"strings"
	"unicode/utf8"
)

// scan decodes a document of the form in which the stock library and this
// package write it. It is several times as fast as encoding/xml, which counts
// where a Master reads five documents a request; ok is false for any other form
// and for what is wrong, which are left to the decoder. The texts share memory
// with the input.
func scan(document string) (v any, ok bool) {
	s := scanner{rest: document}
	s.space()
	if !s.skip("<marshal>") {
		return nil, false
	}
	if v, ok = s.value(1); !ok {
		return nil, false
	}
	s.space()
	if !s.skip("</marshal>") {
		return nil, false
	}
	s.space()
	return v, s.rest == ""
}

type scanner struct {
	rest     string
	elements int
}

func (s *scanner) skip(prefix string) bool {
	var found bool
	s.rest, found = strings.CutPrefix(s.rest, prefix)
	return found
}

func (s *scanner) space() { s.rest = strings.TrimLeft(s.rest, " \t\n") }

// tag reads a start tag. The attributes are what is between its name and its
// end; empty is set for one that ends the element, too.
func (s *scanner) tag() (name, attributes string, empty, ok bool) {
	s.space()
	if !strings.HasPrefix(s.rest, "<") {
		return "", "", false, false
	}
	end := strings.IndexByte(s.rest, '>')
	if end < 0 {
		return "", "", false, false
	}
	inside := s.rest[1:end]
	s.rest = s.rest[end+1:]
	inside, empty = strings.CutSuffix(inside, "/")
	name, attributes, _ = strings.Cut(inside, " ")
	return name, attributes, empty, true
}

func (s *scanner) value(depth int) (any, bool) {
	if s.elements++; s.elements > maxElements || depth > maxDepth {
		return nil, false
	}
	name, attributes, empty, ok := s.tag()
	if !ok {
		return nil, false
	}
	switch name {
	case "none":
		return nil, attributes == "" && empty
	case "string":
		if empty {
			return "", attributes == ""
		}
		text, ok := s.text("</string>")
		return unescape(text), ok && attributes == ""
	case "bool", "int", "long", "float":
		if empty || attributes != "" {
			return nil, false
		}
		text, ok := s.text("</" + name + ">")
		if !ok {
			return nil, false
		}
		v, err := parseScalar(name, text)
		return v, err == nil
	case "tuple":
		items, ok := s.items("</tuple>", empty, depth)
		return Tuple(items), ok && attributes == ""
	case "list":
		items, ok := s.items("</list>", empty, depth)
		return items, ok && isID(attributes)
	case "dictionary":
		dict, ok := s.dictionary(empty, depth)
		return dict, ok && isID(attributes)
	case "object":
		if empty {
			return nil, false
		}
		return s.object(attributes, depth)
	}
	return nil, false
}

// isID reports whether attributes are none or an id that a reference could name.
// There are no references in this form.
func isID(attributes string) bool {
	if attributes == "" {
		return true
	}
	id, ok := strings.CutPrefix(attributes, `id="i`)
	if !ok {
		return false
	}
	id, ok = strings.CutSuffix(id, `"`)
	return ok && id != "" && strings.Trim(id, "0123456789") == ""
}

func (s *scanner) items(end string, empty bool, depth int) ([]any, bool) {
	items := []any{}
	if empty {
		return items, true
	}
	for {
		s.space()
		if s.skip(end) {
			return items, true
		}
		v, ok := s.value(depth + 1)
		if !ok {
			return nil, false
		}
		items = append(items, v)
	}
}

func (s *scanner) dictionary(empty bool, depth int) (map[string]any, bool) {
	dict := map[string]any{}
	if empty {
		return dict, true
	}
	for {
		s.space()
		if s.skip("</dictionary>") {
			return dict, true
		}
		key, ok := s.value(depth + 1)
		name, isText := key.(string)
		if !ok || !isText {
			return nil, false
		}
		if dict[name], ok = s.value(depth + 1); !ok {
			return nil, false
		}
	}
}

func (s *scanner) object(attributes string, depth int) (any, bool) {
	id, rest, _ := strings.Cut(attributes, " ")
	rest, ok := strings.CutPrefix(rest, `module="`+module+`" class="`)
	class, closed := strings.CutSuffix(rest, `"`)
	if !ok || !closed || id == "" || !isID(id) || !knownClass(class) {
		return nil, false
	}
	items, ok := s.items("</object>", false, depth)
	if !ok || len(items) != 2 {
		return nil, false
	}
	args, isTuple := items[0].(Tuple)
	state, isDict := items[1].(map[string]any)
	return &Object{Class: class, Args: args, State: state}, isTuple && isDict
}

// text reads character data up to an end tag. What encoding/xml normalises or
// refuses is left to it.
func (s *scanner) text(end string) (string, bool) {
	length := strings.IndexByte(s.rest, '<')
	if length < 0 {
		return "", false
	}
	raw := s.rest[:length]
	s.rest = s.rest[length:]
	if !s.skip(end) {
		return "", false
	}
	plain := true
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '&':
			plain = false
		case c >= utf8.RuneSelf, c == '\r', c < 0x20 && c != '\n' && c != '\t', c == '>' && i > 1 && raw[i-2:i] == "]]":
			return "", false // the writers use references for all of these
		}
	}
	if plain {
		return raw, true
	}
	return ExpandReferences(raw)
}
