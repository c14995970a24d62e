package engine

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A Path leads to a value in a JSON document. It is written as a JSON list of keys and
// indexes, such as ["router","ipv4",0], so that two paths can be compared; [] is the whole
// document. An index below zero counts from the end. The empty Path is none.
type Path string

// Whole is the path of a document itself.
const Whole Path = "[]"

// NewPath returns the path of some steps: strings are keys, and ints are indexes.
func NewPath(steps ...any) Path {
	var b strings.Builder
	b.WriteByte('[')
	for i, step := range steps {
		if i > 0 {
			b.WriteByte(',')
		}
		switch step := step.(type) {
		case string:
			b.WriteString(quoteJSON(step))
		case int:
			b.WriteString(strconv.Itoa(step))
		default:
			panic(fmt.Sprintf("engine: a step of type %T", step))
		}
	}
	b.WriteByte(']')
	return Path(b.String())
}

// ParsePath reads a path as JSON has it. The empty text is the empty Path.
func ParsePath(text string) (Path, error) {
	if text == "" {
		return "", nil
	}
	v, err := decodeJSON(text)
	list, ok := v.([]any)
	if err != nil || !ok {
		return "", fmt.Errorf("got %q, want a list of keys and indexes", text)
	}
	for i, step := range list {
		switch step := step.(type) {
		case string:
			continue
		case json.Number:
			if n, err := strconv.Atoi(step.String()); err == nil {
				list[i] = n
				continue
			}
		}
		return "", fmt.Errorf("got %v in a path, want a key or an index", step)
	}
	return NewPath(list...), nil
}

// Steps are the keys, which are strings, and the indexes, which are ints.
func (p Path) Steps() []any {
	if p == "" || p == Whole {
		return nil
	}
	v, err := decodeJSON(string(p))
	list, ok := v.([]any)
	if err != nil || !ok {
		panic(fmt.Sprintf("engine: %q is no path", string(p))) // NewPath and ParsePath make none
	}
	for i, step := range list {
		if number, ok := step.(json.Number); ok {
			list[i], _ = strconv.Atoi(number.String())
		}
	}
	return list
}

// Join returns the path that leads on with more steps.
func (p Path) Join(steps ...any) Path { return NewPath(append(p.Steps(), steps...)...) }

// String writes the path for people: router.ipv4[0], and keys that are no plain words in
// brackets and quotes. That of a whole document is empty.
func (p Path) String() string {
	var b strings.Builder
	for _, step := range p.Steps() {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		case string:
			switch {
			case !isPlainKey(step):
				b.WriteString("[" + bracketed(step) + "]")
			case b.Len() > 0:
				b.WriteString("." + step)
			default:
				b.WriteString(step)
			}
		}
	}
	return b.String()
}

// bracketed quotes a key so that a sentence may quote the whole path.
func bracketed(key string) string {
	quoted := quoteJSON(key)
	if inner := quoted[1 : len(quoted)-1]; inner == key && !strings.Contains(key, "'") {
		return "'" + key + "'"
	}
	return quoted
}

// isPlainKey reports whether a key can be read without quotes.
func isPlainKey(key string) bool {
	return key != "" && !strings.ContainsFunc(key, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`."'[]()`, r)
	})
}

// MarshalJSON writes the list.
func (p Path) MarshalJSON() ([]byte, error) {
	if p == "" {
		return []byte("null"), nil
	}
	return []byte(p), nil
}

// UnmarshalJSON reads the list.
func (p *Path) UnmarshalJSON(data []byte) (err error) {
	*p = ""
	if string(data) != "null" {
		*p, err = ParsePath(string(data))
	}
	return err
}
