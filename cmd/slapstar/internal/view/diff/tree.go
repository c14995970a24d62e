package diff

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
	"slapstar/slap/credential"
)

// mostLeaves is how many values of one document are shown.
const mostLeaves = 200

// A tree compares two JSON documents, leaf by leaf.
type tree struct {
	after *engine.Tree
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
	after := &engine.Tree{}
	if a.Before != nil {
		d := engine.ParseTree(engine.Literal(*a.Before))
		if d == nil {
			return nil, false
		}
		before = d.Root
	}
	if a.After != nil {
		if after = engine.ParseTree(a.After); after == nil {
			return nil, false
		}
	}
	if a.After == nil || a.Before == nil && a.Name != "_" {
		return nil, false
	}
	t := &tree{after: after, Options: o}
	engine.CompareTrees(before, after.Root, func(at []engine.Step, before, after any) { t.leaf(before, after, spotOf(at)) })
	width := 0
	for i := range t.rows {
		t.rows[i].Name = o.Mask.Text(t.rows[i].Name)
		width = max(width, term.Columns(t.rows[i].Name))
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
	steps      []engine.Step
}

func spotOf(at []engine.Step) spot {
	p := spot{steps: at}
	for _, step := range at {
		if step.Item {
			p.path += fmt.Sprintf("[%d]", step.Index)
			continue
		}
		name := term.Word(step.Key)
		if name[0] != '"' && strings.Contains(step.Key, ".") {
			name = `"` + name + `"`
		}
		if p.path != "" {
			name = "." + name
		}
		p.path += name
		p.credential = p.credential || credential.Key(step.Key)
	}
	return p
}

// leaf adds a row for two values that have no parts, unless they are the same.
func (t *tree) leaf(before, after any, at spot) {
	if same := t.after.Text(after); same.Withheld() != "" {
		if text, ok := before.(string); ok && same.CouldBe(text) {
			t.rows = append(t.rows, Row{Sign: engine.NoOp, Indent: "    ", Name: at.path, Text: t.show(after, at) + notCompared})
			return
		}
	}
	whole, known := t.after.Known(after)
	if known && reflect.DeepEqual(before, whole) {
		return
	}
	if len(t.rows) == mostLeaves && !t.Whole {
		t.more++
		return
	}
	_, isNew := before.(engine.Absent)
	_, isGone := after.(engine.Absent)
	old, now := t.leafText(before), t.show(after, at)
	secret := t.after.Text(after).HasSecret()
	shown, _ := whole.(string)
	r := Row{Sign: engine.Update, Indent: "    ", Name: at.path, Text: old + " → " + now}
	switch {
	case secret, t.after.Holds(before, !t.ShowSecrets), t.holds(before), t.holds(whole),
		!t.ShowSecrets && (t.after.Text(after).HasCredential() || at.looksCredential(before) || at.looksCredential(whole)):
		old = t.key(at).Hidden(plain(before))
		if !secret && !isGone {
			now = t.hide(after, at)
		}
		r.Text = hiddenPair(old, now)
		shown = ""
	}
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

// key is that of the fingerprints of a leaf.
func (t *tree) key(at spot) mask.Key {
	key := t.Key
	for _, step := range at.steps {
		key = key.At(step.String())
	}
	return key
}

// at are the options for a leaf.
func (t *tree) at(at spot) Options {
	o := t.Options
	o.Key = t.key(at)
	return o
}

// show writes a value without its secrets.
func (t *tree) show(v any, at spot) string {
	if text := t.after.Text(v); text != nil {
		return t.at(at).textValue(text)
	}
	return t.leafText(v)
}

// hide writes of a value only what it waits for.
func (t *tree) hide(v any, at spot) string {
	if text := t.after.Text(v); text != nil {
		return t.at(at).hiddenValue(text)
	}
	return t.key(at).Hidden(plain(v))
}

// plain is a text as it is, and another value as JSON.
func plain(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	data, _ := json.Marshal(v) // it was read from JSON
	return string(data)
}

// holds reports whether a value is, or holds, a secret of the run.
func (t *tree) holds(v any) bool {
	s, ok := v.(string)
	return ok && t.Mask.Holds(s)
}

func (p spot) looksCredential(v any) bool {
	switch v := v.(type) {
	case engine.Absent, bool, nil:
		return false
	case string:
		return p.credential && !credential.Open(v) || credential.Value(v)
	}
	return p.credential
}

// leafText writes a value without parts as JSON, texts without their quotes where
// nothing can be mistaken.
func (o Options) leafText(v any) string {
	if s, ok := v.(string); ok && !json.Valid([]byte(s)) {
		return o.value(s)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return o.Mask.Text(term.Escape(string(data)))
}
