package diff

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/slap/credential"
)

// mostLeaves is how many values of one document are shown.
const mostLeaves = 200

// A tree compares two JSON documents, leaf by leaf.
type tree struct {
	after *markedJSON
	Options
	rows []Row
	more int // leaves that are not shown
}

// documentRows compares the JSON documents of a parameter: both sides, or the
// one that there is of the parameter _. It reports whether they are documents.
func documentRows(a engine.Attribute, o Options) ([]Row, bool) {
	whole := credential.Key(a.Name) // the name of the parameter says it of all that is in it
	if whole && !o.ShowSecrets {
		return nil, false
	}
	var before any
	after := &markedJSON{}
	if a.Before != nil {
		d := parseJSON(engine.Literal(*a.Before))
		if d == nil {
			return nil, false
		}
		before = d.root
	}
	if a.After != nil {
		if after = parseJSON(a.After); after == nil {
			return nil, false
		}
	}
	if a.After == nil || a.Before == nil && a.Name != "_" {
		return nil, false
	}
	t := &tree{after: after, Options: o}
	t.compare(before, after.root, spot{})
	width := 0
	for _, r := range t.rows {
		width = max(width, term.Columns(r.Name))
	}
	width = min(width, 40)
	for i := range t.rows {
		t.rows[i].Name = term.Pad(t.rows[i].Name, width) + "  "
	}
	if t.more > 0 {
		text := fmt.Sprintf("… %s more", term.Counted(t.more, "value"))
		if value, known := a.After.Known(); known && !a.HoldsSecret() {
			text += o.digest(value)
		}
		t.rows = append(t.rows, Row{Sign: engine.NoOp, Indent: below, Text: text + "; " + Elsewhere, Prose: true})
	}
	return t.rows, true
}

// A spot is where in a document a value is.
type spot struct {
	path       string
	credential bool // a key on the way looks like that of a credential
}

func (p spot) member(key string) spot {
	name := term.Word(key)
	if name[0] != '"' && strings.Contains(key, ".") {
		name = `"` + name + `"`
	}
	if p.path != "" {
		name = p.path + "." + name
	}
	return spot{name, p.credential || credential.Key(key)}
}

func (p spot) item(i int) spot {
	p.path += fmt.Sprintf("[%d]", i)
	return p
}

// nothing is the value of what is absent; JSON has null for another purpose.
type nothing struct{}

// compare adds a row for each leaf that differs. A nil root is that of no document.
func (t *tree) compare(before, after any, at spot) {
	if at.path == "" && before == nil {
		before = nothing{}
	}
	beforeKeys, afterKeys := keys(before), keys(after)
	switch {
	case len(beforeKeys)+len(afterKeys) == 0:
		t.leaf(before, after, at)
		return
	case sameKind(before, after):
		for _, key := range union(beforeKeys, afterKeys) {
			t.compare(child(before, key), child(after, key), step(at, before, after, key))
		}
		return
	}
	if before != (nothing{}) {
		t.each(before, at, func(v any, at spot) { t.compare(v, nothing{}, at) })
	}
	if after != any(nothing{}) {
		t.each(after, at, func(v any, at spot) { t.compare(nothing{}, v, at) })
	}
}

// each takes a value apart, or as it is if it has no parts.
func (t *tree) each(v any, at spot, f func(any, spot)) {
	list := keys(v)
	if len(list) == 0 {
		f(v, at)
	}
	for _, key := range list {
		f(child(v, key), step(at, v, v, key))
	}
}

// A link is the key of a member or the index of an item.
type link struct {
	key   string
	index int
}

func keys(v any) []link {
	var list []link
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			list = append(list, link{key: key})
		}
	case []any:
		for i := range v {
			list = append(list, link{index: i})
		}
	}
	return list
}

// sameKind reports whether two values are compared part by part: also a container
// with nothing.
func sameKind(a, b any) bool {
	_, absentA := a.(nothing)
	_, absentB := b.(nothing)
	return absentA || absentB || isContainer(a) && reflect.TypeOf(a) == reflect.TypeOf(b)
}

func isContainer(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

func union(a, b []link) []link {
	list := slices.Concat(a, b)
	slices.SortFunc(list, func(x, y link) int {
		if x.index != y.index {
			return x.index - y.index
		}
		return strings.Compare(x.key, y.key)
	})
	return slices.Compact(list)
}

func child(v any, at link) any {
	switch v := v.(type) {
	case map[string]any:
		if value, ok := v[at.key]; ok {
			return value
		}
	case []any:
		if at.index < len(v) {
			return v[at.index]
		}
	}
	return nothing{}
}

func step(at spot, before, after any, key link) spot {
	for _, v := range []any{before, after} {
		if _, ok := v.([]any); ok {
			return at.item(key.index)
		}
	}
	return at.member(key.key)
}

// leaf adds a row for two values that have no parts, unless they are the same.
func (t *tree) leaf(before, after any, at spot) {
	if same := t.after.text(after); same.Withheld() != "" {
		if text, ok := before.(string); ok && same.CouldBe(text) {
			t.rows = append(t.rows, Row{Sign: engine.NoOp, Indent: "    ", Name: at.path, Text: t.after.show(after) + notCompared})
			return
		}
	}
	whole, known := t.after.real(after)
	if known && reflect.DeepEqual(before, whole) {
		return
	}
	if len(t.rows) == mostLeaves && !t.Whole {
		t.more++
		return
	}
	_, isNew := before.(nothing)
	_, isGone := after.(nothing)
	old, now := leafText(before), t.after.show(after)
	secret := t.after.hasSecret(after)
	shown, _ := whole.(string)
	switch {
	case secret, t.after.holds(before, !t.ShowSecrets), t.holds(before), t.holds(whole),
		!t.ShowSecrets && (t.after.hasCredential(after) || at.looksCredential(before) || at.looksCredential(whole)):
		old = engine.Masked
		if !secret && !isGone {
			now = t.after.hide(after)
		}
		if !isNew && !isGone {
			now += ", changed"
		}
		shown = ""
	}
	r := Row{Sign: engine.Update, Indent: "    ", Name: at.path, Text: old + " → " + now}
	if known {
		r.Value = shown
	}
	switch {
	case isNew:
		r.Sign, r.Text = engine.Create, now
	case isGone:
		r.Sign, r.Text = engine.Delete, old
	}
	t.rows = append(t.rows, r)
}

// holds reports whether a value is, or holds, a secret of the run.
func (t *tree) holds(v any) bool {
	s, ok := v.(string)
	return ok && t.Mask.Holds(s)
}

func (p spot) looksCredential(v any) bool {
	switch v := v.(type) {
	case nothing, bool, nil:
		return false
	case string:
		return p.credential && !credential.Open(v) || credential.Value(v)
	}
	return p.credential
}

// leafText writes a value without parts as JSON, texts without their quotes where
// nothing can be mistaken.
func leafText(v any) string {
	if s, ok := v.(string); ok && !json.Valid([]byte(s)) {
		return value(s)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return term.Escape(string(data))
}

// decodeJSON reads one object or list, with the digits of its numbers.
func decodeJSON(s string) (any, bool) {
	trimmed := strings.TrimLeft(s, " \t\r\n")
	if trimmed == "" || trimmed[0] != '{' && trimmed[0] != '[' {
		return nil, false
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil, false
	}
	_, err := d.Token()
	return v, err == io.EOF
}
