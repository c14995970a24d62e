package engine

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// A pair is a leaf of two JSON documents.
type pair struct {
	at, from      *trail // where it is, and where it was
	before, after any
	moved         bool // nothing but its place, or its key, differs
}

// A comparison compares two JSON documents leaf by leaf. What is hidden is compared with
// the value at the same place only: anything else would answer guesses that a file makes.
type comparison struct {
	after  *Tree
	hidden func(v any) bool // a text is not to be shown
	secret func(s string) bool
	named  func(key string) bool
	keep   func(pair) bool // leaves that are wanted though they do not differ
	keeps  bool            // there may be some
	pairs  []pair

	trails []trail // room for more of them

	work   int  // of alignments, that is left
	full   bool // there are more pairs than anybody reads
	opened bool // a text is open: the texts in it are not opened
	below  bool // a key above says that all of this is hidden
}

// mostPairs is how many leaves may differ in two documents: with more they are one value,
// that is another one.
const mostPairs = 20_000

// mostWork bounds the comparison of two documents, so that the result does not depend on
// the machine: values looked at, bytes written, and cells of alignments.
const mostWork = 3_000_000

// compareTrees returns the leaves in which two documents differ, in order; false if they
// are too many.
func (c *comparison) compareTrees(before, after any) ([]pair, bool) {
	c.work = mostWork
	c.compare(before, after, nil, nil)
	return c.pairs, !c.full
}

// mostCompared is how many levels of a document are compared as a whole first. So no value
// is looked at more often than that.
const mostCompared = 8

// asWhole reports whether what has no more than that many levels is compared as a whole
// first.
func (c *comparison) asWhole(at *trail, levels int) bool { return !c.keeps && at.levels(levels) }

func (c *comparison) compare(before, after any, at, from *trail) {
	if c.asWhole(at, mostCompared) && same(before, after) { // as most of a document is
		return
	}
	c.differ(before, after, at, from)
}

// differ compares two values that were not found to be the same.
func (c *comparison) differ(before, after any, at, from *trail) {
	if c.full {
		return
	}
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok && len(a)+len(b) > 0 {
			c.members(b, a, at, from)
			return
		}
	case []any:
		if a, ok := after.([]any); ok && len(a)+len(b) > 0 {
			c.items(b, a, at, from)
			return
		}
	case string:
		if a, ok := after.(string); ok && c.open(b, a, at, from) {
			return
		}
	}
	if !hasParts(before) && !hasParts(after) {
		c.leaf(pair{at: at, from: from, before: before, after: after})
		return
	}
	c.parts(before, from, func(v any, from *trail) { c.compare(v, Absent{}, from, from) })
	c.parts(after, at, func(v any, at *trail) { c.compare(Absent{}, v, at, at) })
}

func hasParts(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(v) > 0
	case []any:
		return len(v) > 0
	}
	return false
}

// same reports whether two values are the same. What has marks is not.
func same(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key, value := range a {
			if other, ok := b[key]; !ok || !same(value, other) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i, value := range a {
			if !same(value, b[i]) {
				return false
			}
		}
		return true
	}
	return !isContainer(b) && a == b
}

// weight is how many values a value is made of.
func weight(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			n += weight(member)
		}
	case []any:
		for _, item := range v {
			n += weight(item)
		}
	}
	return n
}

// parts takes a value apart, or as it is if it has no parts.
func (c *comparison) parts(v any, at *trail, do func(any, *trail)) {
	switch v := v.(type) {
	case Absent:
		return
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			c.under(key, func() { do(v[key], c.with(at, Step{Key: key})) })
		}
	case []any:
		for i, item := range v {
			do(item, c.with(at, Step{Index: i, Item: true}))
		}
	}
	if !hasParts(v) {
		do(v, at)
	}
}

// under does something with what a key names.
func (c *comparison) under(key string, do func()) {
	was := c.below
	c.below = was || c.named(key)
	do()
	c.below = was
}

func (c *comparison) leaf(p pair) {
	if value, known := c.after.Known(p.after); !p.moved && known && same(p.before, value) && !c.keep(p) {
		return
	}
	if c.full = len(c.pairs) == mostPairs; c.full {
		return
	}
	c.pairs = append(c.pairs, p)
}

// members compares two objects.
func (c *comparison) members(before, after map[string]any, at, from *trail) {
	keys, gone, fresh := split(before, after, c.asWhole(at, mostCompared-1))
	renamed := c.renamed(before, after, gone, fresh)
	taken := map[string]bool{}
	for _, old := range renamed {
		taken[old] = true
	}
	keys = slices.Concat(keys, gone, fresh)
	slices.Sort(keys)
	for _, key := range keys {
		b, was := before[key]
		a, is := after[key]
		old, again := renamed[key]
		switch step := (Step{Key: key}); {
		case taken[key]:
		case again:
			c.moved(a, c.with(at, step), c.with(from, Step{Key: old}))
		default:
			if !was {
				b = Absent{}
			}
			if !is {
				a = Absent{}
			}
			place := c.with(at, step)
			old := place
			if from != at {
				old = c.with(from, step)
			}
			c.under(key, func() { c.differ(b, a, place, old) })
		}
	}
}

// split returns the keys that two objects have, without those of the same value if whole
// is set, the ones that only the first has, and the ones that only the second has. The
// last two are in order.
func split(before, after map[string]any, whole bool) (both, gone, fresh []string) {
	shared := 0
	for key, b := range before {
		a, ok := after[key]
		switch {
		case !ok:
			gone = append(gone, key)
			continue
		case !whole || !same(b, a):
			both = append(both, key)
		}
		shared++
	}
	for key := range after {
		if len(fresh) == len(after)-shared {
			break
		}
		if _, ok := before[key]; !ok {
			fresh = append(fresh, key)
		}
	}
	slices.Sort(gone)
	slices.Sort(fresh)
	return both, gone, fresh
}

// moved adds a value that is at another place, or under another key. One with parts is
// not repeated.
func (c *comparison) moved(v any, at, from *trail) {
	p := pair{at: at, from: from, before: v, after: v, moved: true}
	if isContainer(v) {
		p.before, p.after = Absent{}, Absent{}
	}
	c.leaf(p)
}

// leastRenamed is how many characters a value has, as JSON, that is known again under
// another key.
const leastRenamed = 4

// renamed are new keys with the keys that had the same value, where no other has it.
func (c *comparison) renamed(before, after map[string]any, gone, fresh []string) map[string]string {
	if len(gone) == 0 || len(fresh) == 0 {
		return nil
	}
	olds, news := c.byText(before, gone), c.byText(after, fresh)
	list := map[string]string{}
	for text, key := range news {
		if old := olds[text]; key != "" && old != "" {
			list[key] = old
		}
	}
	return list
}

// byText are keys by their values as JSON; an empty key where two have the same. What is
// hidden, or goes for many values, is left out.
func (c *comparison) byText(members map[string]any, keys []string) map[string]string {
	list := map[string]string{}
	for _, key := range keys {
		v := members[key]
		if c.named(key) || !c.plain(v) {
			continue
		}
		text, ok := c.text(v)
		if !ok || len(text) < leastRenamed || text == "true" || text == "false" || text == "null" {
			continue
		}
		if _, twice := list[text]; twice {
			key = ""
		}
		list[text] = key
	}
	return list
}

// plain reports whether all of a value may be shown, so that it may be compared with
// values at other places. It costs what the value weighs, wherever the answer is found.
func (c *comparison) plain(v any) bool {
	if c.work -= weight(v); c.work < 0 || c.below {
		return false
	}
	return c.allShown(v)
}

func (c *comparison) allShown(v any) bool {
	if c.hidden(v) {
		return false
	}
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			if c.named(key) || !c.allShown(member) {
				return false
			}
		}
	case []any:
		for _, item := range v {
			if !c.allShown(item) {
				return false
			}
		}
	}
	return true
}

// text is a value as JSON with sorted members, as long as there is work left: by it values
// are told apart.
func (c *comparison) text(v any) (string, bool) {
	if c.work < 0 {
		return "", false
	}
	text := ""
	switch v := v.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = `"` + v + `"` // nothing else begins so
	default:
		data, err := json.Marshal(v)
		if err != nil {
			return "", false
		}
		text = string(data)
	}
	c.work -= len(text)
	return text, true
}

// open compares two texts that are JSON documents by their values. It reports false for
// others, for those that differ in the way they are written alone, and where a text as a
// whole is hidden and none of the values in it is.
func (c *comparison) open(before, after string, at, from *trail) bool {
	if c.opened || before == after || c.below {
		return false
	}
	b, a := decodeContainer(before), decodeContainer(after)
	if b == nil || a == nil || countMarks(before, b) > 0 || countMarks(after, a) != strings.Count(after, markBegin) || c.spread(before, b) || c.spread(after, a) || !shallow(b, mostDepth) || !shallow(a, mostDepth) {
		return false
	}
	known := len(c.pairs)
	step := Step{Open: true}
	c.opened = true
	c.compare(b, a, c.with(at, step), c.with(from, step))
	c.opened = false
	return len(c.pairs) > known
}

// spread reports whether a text that holds a secret is a document in which no value does.
func (c *comparison) spread(text string, v any) bool {
	return c.secret(text) && eachText(v, func(s string) bool { return !c.secret(s) })
}
