package diff

import (
	"strconv"
	"strings"

	"slapstar/engine"
)

// A markedJSON is a JSON value in which texts may hold secrets, and values that are
// not known yet. Each of them is a mark in the text: its number between two
// characters that stand for nothing.
type markedJSON struct {
	root  any
	parts []engine.Part
}

const (
	markBegin = "\uFDD0"
	markEnd   = "\uFDD1"
)

// parseJSON reads a text; nil if that is no JSON object or list.
func parseJSON(t engine.Text) *markedJSON {
	d := &markedJSON{}
	text, ok := d.mark(t)
	if !ok {
		return nil
	}
	if d.root, ok = decodeJSON(text); !ok {
		return nil
	}
	return d
}

// mark writes a text with marks. It reports false for one that has such characters
// already.
func (d *markedJSON) mark(t engine.Text) (string, bool) {
	text := t.Marked(func(p engine.Part) string {
		d.parts = append(d.parts, p)
		return markBegin + strconv.Itoa(len(d.parts)-1) + markEnd
	})
	return text, strings.Count(text, markBegin) == len(d.parts)
}

// text is a value of the document as a text with parts; nil if it has none.
func (d *markedJSON) text(v any) engine.Text {
	s, ok := v.(string)
	if !ok || !strings.Contains(s, markBegin) {
		return nil
	}
	var t engine.Text
	for {
		before, rest, found := strings.Cut(s, markBegin)
		if before != "" {
			t = append(t, engine.Part{Literal: before})
		}
		if !found {
			return t
		}
		number, tail, _ := strings.Cut(rest, markEnd)
		i, err := strconv.Atoi(number)
		if err != nil || i >= len(d.parts) {
			return nil
		}
		t = append(t, d.parts[i])
		s = tail
	}
}

// real is a value with its secrets, and whether all of it is known.
func (d *markedJSON) real(v any) (any, bool) {
	t := d.text(v)
	if t == nil {
		return v, true
	}
	return t.Known()
}

func (d *markedJSON) hasSecret(v any) bool { return d.text(v).HasSecret() }

func (d *markedJSON) hasCredential(v any) bool { return d.text(v).HasCredential() }

// show writes a value without its secrets.
func (d *markedJSON) show(v any) string {
	if t := d.text(v); t != nil {
		return textValue(t)
	}
	return leafText(v)
}

// hide writes of a value only what it waits for.
func (d *markedJSON) hide(v any) string {
	if t := d.text(v); t != nil {
		return hiddenValue(t)
	}
	return engine.Masked
}

// holds reports whether a value of the other document holds one of the secrets, or
// of the credentials as well: it may have been in another place there.
func (d *markedJSON) holds(v any, credentials bool) bool {
	s, ok := v.(string)
	if !ok {
		return false
	}
	for _, p := range d.parts {
		if (p.Secret != "" || credentials && p.Credential != nil) && p.Literal != "" && strings.Contains(s, p.Literal) {
			return true
		}
	}
	return false
}
