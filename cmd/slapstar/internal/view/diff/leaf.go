package diff

import (
	"encoding/json"
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
)

// leafRows writes a leaf after its name: on that line, or below it.
func (o Options) leafRows(l engine.Leaf, head Row) []Row {
	note := o.note(l)
	value, known := l.Text().Known()
	before, isText := l.IsText()
	hide := l.HoldsSecret() || l.Sensitive() && !o.ShowSecrets || before != nil && o.Mask.Holds(*before) || known && o.Mask.Holds(value)
	if hide || l.After.Hidden() {
		for _, step := range l.At {
			o.Key = o.Key.At(step.String())
		}
	}
	if known && l.After != nil && !l.Sensitive() && !hide {
		head.Value = value
	}
	rows := []Row{head}
	row := &rows[0]
	switch {
	case l.Moved:
		row.Text = o.movedText(l)
	case l.Same():
		row.Text = o.shown(l)
	case hide, !known && l.After != nil, !isText, l.NotCompared:
		row.Text = o.leafValues(l, hide)
	default:
		rows = append(rows, o.texts(l, before, value, row)...)
	}
	switch {
	case row.Text == "" && row.Pair == nil:
		row.Text = strings.TrimLeft(note, " ")
	default:
		row.Text += note
	}
	return rows
}

// note is what is said after a value.
func (o Options) note(l engine.Leaf) string {
	note := ""
	if l.Product != "" {
		note = "  product." + o.Mask.Text(term.Name(l.Product))
		if l.Locked {
			note += ", locked"
		}
	}
	if l.MayChange != "" {
		note += fmt.Sprintf(" (may change: %s is updated too)", o.Mask.Text(term.Name(l.MayChange)))
	}
	return note
}

// texts writes the known text of a leaf: what it says of a certificate, its lines, the
// part that differs, or both values.
func (o Options) texts(l engine.Leaf, before *string, after string, row *Row) []Row {
	gone := l.After == nil
	switch {
	case before != nil && !gone:
		if old, now := describe(*before), describe(after); old != "" && now != "" && old != now {
			return []Row{o.lineRow(engine.Delete, old, false), o.lineRow(engine.Create, now, false)}
		}
		if old, now, ok := decoded(*before, after); ok {
			text, list := lineRows(old, now, o)
			row.Text = "base64 of " + text
			return list
		}
		switch {
		case hasLines(*before), hasLines(after):
			text, list := lineRows(*before, after, o)
			row.Text = text
			return list
		}
		return o.pair(l, *before, after, row)
	case before == nil && describe(after) != "":
		row.Text = o.Mask.Text(term.Escape(describe(after)))
	case gone && before != nil && describe(*before) != "":
		row.Text = o.Mask.Text(term.Escape(describe(*before)))
	case before == nil && hasLines(after):
		text, list := newLines(after, o)
		row.Text = text
		return list
	case gone && before != nil && hasLines(*before) && l.At != nil:
		text, list := lineRows(*before, "", o)
		row.Text = text
		return list
	default:
		row.Text = o.leafValues(l, false)
	}
	return nil
}

// leafValues writes both sides of a leaf on one line; hide leaves out what they are.
func (o Options) leafValues(l engine.Leaf, hide bool) string {
	var before, after string
	if l.Before != nil {
		before = o.old(l)
	}
	if l.After != nil {
		after = o.shown(l)
	}
	if hide {
		if l.Before != nil {
			before = o.Key.Hidden(plain(l, *l.Before))
		}
		if l.After != nil && !l.After.Guarded() {
			after = o.hiddenValue(l.Text())
		}
	}
	switch {
	case l.NotCompared:
		return after + notCompared
	case l.Before == nil:
		return after
	case l.After == nil:
		return before
	case hide:
		return hiddenPair(before, after)
	case before == after: // in this writing
		before, after = o.Mask.Text(term.Quote(*l.Before)), o.Mask.Text(term.Quote(l.After.Display()))
	}
	return before + " → " + after
}

// movedText says where a leaf comes from. An item may have the index that it had, though
// others are before and behind it now, as in a list that was turned around.
func (o Options) movedText(l engine.Leaf) string {
	from, named := "in another order", len(l.At) > 0 && l.At[len(l.At)-1].By != ""
	if len(l.From) > 0 {
		last := l.From[len(l.From)-1]
		from, named = "renamed from "+o.Mask.Text(term.Word(last.Key)), last.By != ""
		if last.Item {
			from = fmt.Sprintf("moved from [%d]", last.Index)
		}
	}
	if l.After == nil || named {
		return from
	}
	value := o.shown(l)
	if text, known := l.Text().Known(); known && !l.HoldsSecret() && !l.Sensitive() && describe(text) != "" {
		value = o.Mask.Text(term.Escape(describe(text)))
	}
	if term.Columns(value) > mostMoved {
		value = term.Cut(value, mostMoved)
	}
	return value + "  " + from
}

// mostMoved is how many columns of a value are shown that is known already.
const mostMoved = 60

// shown is the new value of a leaf without its secrets.
func (o Options) shown(l engine.Leaf) string {
	t := l.Text()
	if value, known := t.Known(); known && !t.Guarded() {
		return o.scalar(l, value, len(l.After) == 1 && l.After[0].Quoted != nil || isJSONText(l, l.After))
	}
	return o.Mask.Text(term.Escape(t.DisplayWith(o.Key)))
}

func (o Options) old(l engine.Leaf) string {
	return o.scalar(l, plain(l, *l.Before), isJSONText(l, engine.Literal(*l.Before)))
}

// scalar writes a value: inside of a document, a text keeps its quotes where it could be
// taken for something else.
func (o Options) scalar(l engine.Leaf, value string, text bool) string {
	switch {
	case l.At == nil, text && !json.Valid([]byte(value)):
		return o.value(value)
	case text:
		return o.Mask.Text(term.Escape(quoteJSON(value)))
	}
	return o.Mask.Text(term.Escape(value))
}

// isJSONText reports whether a value of a document is a text.
func isJSONText(l engine.Leaf, t engine.Text) bool {
	value, known := t.Known()
	return l.At != nil && known && strings.HasPrefix(value, `"`)
}

// plain is the text that a value of a document is, or the value as JSON.
func plain(l engine.Leaf, value string) string {
	var text string
	if l.At != nil && strings.HasPrefix(value, `"`) && json.Unmarshal([]byte(value), &text) == nil {
		return text
	}
	return value
}

func quoteJSON(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}
