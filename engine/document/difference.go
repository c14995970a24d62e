package document

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"slapstar/engine"
	"slapstar/internal/function"
	"slapstar/internal/mask"
)

// A Difference is a leaf of which a plan does something else than what was approved, or a
// change as a whole.
type Difference struct {
	Address         engine.Address
	Origin          engine.Origin // where the resource is declared now, as far as that is known
	Path            string        // of the leaf; empty: the change as a whole
	Approved, Found string        // what each does, for people
	Why             string        // whose the difference is; empty: it is not known
}

func (d *Difference) Error() string {
	s := string(d.Address)
	if at := d.Origin.Position(); at != (engine.Position{}) {
		s = fmt.Sprintf("%v: %s", at, s)
	}
	if d.Path != "" {
		s += ": " + d.Path
	}
	s += fmt.Sprintf(": approved %s, now %s", shortSeals(d.Approved), shortSeals(d.Found))
	if d.Why != "" {
		s += ": " + shortSeals(d.Why)
	}
	return s
}

// A Now says what may be otherwise than in an approved plan.
type Now struct {
	// Published returns what an instance has published by now, if it has: it stands for
	// a value that was not known yet. It may be nil.
	Published engine.Lookup
	Moved     map[string]bool // names of secrets whose values may be others
	Blind     bool            // fingerprints are of different keys, and tell nothing
}

// differences compares what was approved with what would be done now. What is done
// already is no difference.
func differences(approved, now *Plan, n Now) []Difference {
	var list []Difference
	before := map[engine.Address]Change{}
	for _, c := range approved.Changes {
		before[c.Address] = c
	}
	for _, c := range now.Changes {
		list = append(list, changeDifferences(before[c.Address], c, n)...)
	}
	return list
}

// changeDifferences compares one change with the approved one, the zero value if none was.
func changeDifferences(approved, now Change, n Now) []Difference {
	whole := func(what string) []Difference {
		return []Difference{{Address: now.Address, Origin: now.Origin.origin(), Approved: what, Found: string(now.Action)}}
	}
	if approved.Action != now.Action && approved.Action != "" {
		return whole(string(approved.Action))
	}
	if approved.Action == "" && now.Action != engine.Update {
		return whole("nothing of it")
	}
	var list []Difference
	shown := map[string]Attribute{}
	for _, l := range approved.Leaves {
		shown[l.key()] = l
	}
	for _, l := range now.Leaves {
		was, ok := shown[l.key()]
		delete(shown, l.key())
		if d := leafDifference(was, l, ok, n); d != nil {
			d.Address, d.Origin = now.Address, now.Origin.origin()
			list = append(list, *d)
		}
	}
	for _, l := range approved.Leaves { // in order
		if _, left := shown[l.key()]; left && now.Action != engine.Update {
			list = append(list, Difference{Address: now.Address, Origin: now.Origin.origin(), Path: l.label(), Approved: l.shift(), Found: "no change of it"})
		} else if left {
			list = append(list, Difference{Address: now.Address, Origin: now.Origin.origin(), Path: l.label(), Approved: l.shift(), Found: "no change of it", Why: "it is so already, or the files differ"})
		}
	}
	return list
}

// leafDifference compares two leaves; ok says that there was one.
func leafDifference(was, now Attribute, ok bool, n Now) *Difference {
	d := &Difference{Path: now.label(), Approved: "no change of it", Found: now.shift()}
	moved := slices.ContainsFunc(now.Parts, func(p Part) bool { return p.holds(n.Moved) })
	switch {
	case !ok && moved:
		return nil
	case !ok:
		return d
	}
	d.Approved = was.shift()
	if n.Blind {
		was, now = was.blind(), now.blind()
		d.Approved, d.Found = was.shift(), now.shift()
	}
	sameBefore, sameAfter := reflect.DeepEqual(was.Before, now.Before), was.resolved(n) == now.resolved(n)
	if moved && was.withoutSeals() == now.withoutSeals() {
		sameAfter = true
	}
	var why []string
	if !sameAfter {
		why = append(why, "the files differ")
	}
	if !sameBefore {
		why = append(why, "the Master has "+text(now.Before))
	}
	if d.Why = strings.Join(why, ", and "); len(why) == 0 {
		return nil
	}
	return d
}

// fingerprints are those in a text.
var fingerprints = regexp.MustCompile(`\(secret [0-9a-f]{4}\)`)

// blind is a leaf without fingerprints.
func (a Attribute) blind() Attribute {
	hide := func(s *string) *string {
		if s == nil {
			return nil
		}
		text := fingerprints.ReplaceAllString(*s, mask.Masked)
		return &text
	}
	a.Before, a.After, a.Parts = hide(a.Before), hide(a.After), blind(a.Parts)
	return a
}

func blind(parts []Part) []Part {
	list := slices.Clone(parts)
	for i := range list {
		list[i].Literal, list[i].Quoted, list[i].Of = fingerprints.ReplaceAllString(list[i].Literal, mask.Masked), blind(list[i].Quoted), blind(list[i].Of)
	}
	return list
}

// key identifies a leaf in its change: by its place, by where it was, and, where items
// of a list have moved up since, by whether it is gone.
func (a Attribute) key() string {
	gone := a.Before != nil && a.After == nil && len(a.Parts) == 0
	data, _ := json.Marshal([]any{a.Path, a.From, gone && slices.ContainsFunc(a.Path, isNumber)}) // of text and numbers
	return string(data)
}

func isNumber(step any) bool {
	_, ok := step.(string)
	return !ok
}

// label names a leaf for people: parameters by their name alone.
func (a Attribute) label() string {
	path := a.Path
	if len(path) > 1 && path[0] == "parameters" {
		path = path[1:]
	}
	var b strings.Builder
	for _, step := range path {
		switch step := step.(type) {
		case string:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		default: // an index, which is a float64 where it was read
			fmt.Fprintf(&b, "[%v]", step)
		}
	}
	return b.String()
}

// shift writes both sides of a leaf.
func (a Attribute) shift() string {
	if a.Moved && len(a.From) == 0 {
		return "in another order"
	}
	if a.Moved {
		return "moved from " + Attribute{Path: a.From}.label()
	}
	after := text(a.After)
	if len(a.Parts) > 0 {
		after = describe(a.Parts, nil)
	}
	return mask.HiddenPair(shortSeals(text(a.Before)), shortSeals(after))
}

func text(s *string) string {
	if s == nil {
		return "absent"
	}
	return *s
}

// resolved is the new value, with what the Master has now of what was to come.
func (a Attribute) resolved(n Now) string {
	if len(a.Parts) > 0 {
		return describe(a.Parts, n.Published)
	}
	return text(a.After)
}

func (a Attribute) withoutSeals() string {
	return seals.ReplaceAllString(a.resolved(Now{}), engine.Masked)
}

// holds reports whether a part is one of these secrets, or has one in quotes.
func (p Part) holds(secrets map[string]bool) bool {
	return secrets[p.Secret] || slices.ContainsFunc(slices.Concat(p.Quoted, p.Of), func(p Part) bool { return p.holds(secrets) })
}

// describe writes parts; what is to come as the Master has it, if it is published.
func describe(parts []Part, published engine.Lookup) string {
	var b strings.Builder
	for _, p := range parts {
		switch {
		case p.Secret != "" && p.Literal == "":
			b.WriteString(engine.Masked)
		case p.Instance != "":
			if value, ok := p.published(published); ok {
				b.WriteString(value)
				continue
			}
			fmt.Fprintf(&b, "(known after %s: %s)", p.Instance, p.reference().Name())
		case p.Quoted != nil:
			quoted, _ := json.Marshal(describe(p.Quoted, published))
			b.Write(quoted)
		case p.Function != "":
			b.WriteString(p.result(published))
		default:
			b.WriteString(p.Literal)
		}
	}
	return b.String()
}

// published is what has come for a part that was to come.
func (p Part) published(by engine.Lookup) (string, bool) {
	if by == nil {
		return "", false
	}
	t := engine.Refer(p.reference()).Resolve(by)
	return t.Known()
}

// result is what a function gives, where all that it is of is plain text by now, and else
// the function as it is written.
func (p Part) result(published engine.Lookup) string {
	f := function.Function{Name: p.Function, Args: p.Arguments}
	of := describe(p.Of, published)
	if p.plain(published) {
		if result, err := f.Apply(of); err == nil {
			return result
		}
	}
	return f.String() + " of " + of
}

// plain reports whether all that a part is made of is known and shown.
func (p Part) plain(published engine.Lookup) bool {
	if p.Secret != "" || p.Withheld {
		return false
	}
	if p.Instance != "" {
		_, there := p.published(published)
		return there
	}
	return !slices.ContainsFunc(slices.Concat(p.Quoted, p.Of), func(p Part) bool { return !p.plain(published) })
}
