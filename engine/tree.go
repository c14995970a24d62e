package engine

import (
	"maps"
	"reflect"
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
func ParseTree(t Text) *Tree {
	d := &Tree{}
	text := t.Marked(func(p Part) string {
		d.Parts = append(d.Parts, p)
		return markBegin + strconv.Itoa(len(d.Parts)-1) + markEnd
	})
	if strings.Count(text, markBegin) != len(d.Parts) || len(d.Parts) > 0 && strings.Contains(text, markBare) { // it has such characters already
		return nil
	}
	if trimmed := strings.TrimLeft(text, " \t\r\n"); trimmed == "" || trimmed[0] != '{' && trimmed[0] != '[' {
		return nil
	}
	var err error
	if d.Root, err = decodeJSON(quoteBare(text, len(d.Parts))); err != nil {
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

// bare reports whether a value of the tree is a number that is not known yet, or hidden.
func bare(v any) bool {
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
	if known && bare(v) {
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

// A Step is the key of a member, or the index of an item.
type Step struct {
	Key   string
	Index int
	Item  bool
}

// String returns the key as JSON, or the index.
func (s Step) String() string {
	if s.Item {
		return strconv.Itoa(s.Index)
	}
	return quoteJSON(s.Key)
}

// Absent is the value of what is not there; JSON has null for another purpose.
type Absent struct{}

// CompareTrees calls leaf for each value without parts in one of two JSON values, or in
// both, in order. What is not there is [Absent]; so is a nil before. Steps are valid until
// leaf returns.
func CompareTrees(before, after any, leaf func(at []Step, before, after any)) {
	if before == nil {
		before = Absent{}
	}
	compareTrees(before, after, nil, leaf)
}

func compareTrees(before, after any, at []Step, leaf func(at []Step, before, after any)) {
	beforeSteps, afterSteps := stepsOf(before), stepsOf(after)
	switch {
	case len(beforeSteps)+len(afterSteps) == 0:
		leaf(at, before, after)
		return
	case sameKind(before, after):
		for _, step := range union(beforeSteps, afterSteps) {
			compareTrees(child(before, step), child(after, step), append(at, step), leaf)
		}
		return
	}
	if before != (Absent{}) {
		eachPart(before, at, func(v any, at []Step) { compareTrees(v, Absent{}, at, leaf) })
	}
	if after != any(Absent{}) {
		eachPart(after, at, func(v any, at []Step) { compareTrees(Absent{}, v, at, leaf) })
	}
}

// eachPart takes a value apart, or as it is if it has no parts.
func eachPart(v any, at []Step, do func(any, []Step)) {
	list := stepsOf(v)
	if len(list) == 0 {
		do(v, at)
	}
	for _, step := range list {
		do(child(v, step), append(at, step))
	}
}

func stepsOf(v any) []Step {
	var list []Step
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			list = append(list, Step{Key: key})
		}
	case []any:
		for i := range v {
			list = append(list, Step{Index: i, Item: true})
		}
	}
	return list
}

// sameKind reports whether two values are compared part by part: also a container
// with nothing.
func sameKind(a, b any) bool {
	_, absentA := a.(Absent)
	_, absentB := b.(Absent)
	return absentA || absentB || isContainer(a) && reflect.TypeOf(a) == reflect.TypeOf(b)
}

func isContainer(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

func union(a, b []Step) []Step {
	list := slices.Concat(a, b)
	slices.SortFunc(list, func(x, y Step) int {
		if x.Index != y.Index {
			return x.Index - y.Index
		}
		return strings.Compare(x.Key, y.Key)
	})
	return slices.Compact(list)
}

func child(v any, at Step) any {
	switch v := v.(type) {
	case map[string]any:
		if value, ok := v[at.Key]; ok && !at.Item {
			return value
		}
	case []any:
		if at.Item && at.Index < len(v) {
			return v[at.Index]
		}
	}
	return Absent{}
}
