package engine

import (
	"encoding/json"

	"slapstar/internal/sequence"
)

// An alignment says which items of two lists belong together.
type alignment struct {
	before, after []any
	from          []int  // by index after: the index before; -1: it is new
	moved         []bool // by index after: it is in another order
	gone          []bool // by index before
	by            string // the member that items are found by; empty: none
}

// items compares two lists: objects by a member that identifies them, others by the
// longest common subsequence. A list in which something is hidden is compared place by
// place, unless its items have names.
func (c *comparison) items(before, after []any, at, from *trail) {
	a := newAlignment(before, after)
	switch by := c.identity(before, after); {
	case by != "":
		a.by = by
		c.alignObjects(a)
	case !c.below && c.allPlain(before) && c.allPlain(after) && c.alignEqual(a):
	default:
		a.byPlace()
	}
	next := 0 // index before, of what is gone and not said yet
	sayGone := func(end int) {
		for ; next < end && !c.full; next++ {
			if a.gone[next] {
				place := c.with(from, a.step(before, next))
				c.compare(before[next], Absent{}, place, place)
			}
		}
	}
	ends := a.ends()
	whole := c.asWhole(at, mostCompared-1)
	for j, item := range after {
		if c.full {
			return
		}
		i := a.from[j]
		if i < 0 {
			sayGone(ends[j])
			place := c.with(at, a.step(after, j))
			c.compare(Absent{}, item, place, place)
			continue
		}
		moved := a.moved[j]
		if !moved {
			sayGone(i)
		}
		equal := (whole || moved) && same(before[i], item)
		if equal && !moved {
			continue
		}
		step, was := a.step(after, j), a.step(before, i)
		place := c.with(at, step)
		old := place
		if from != at || step != was {
			old = c.with(from, was)
		}
		if moved {
			c.moved(item, place, old)
		}
		if !equal {
			c.differ(before[i], item, place, old)
		}
	}
	sayGone(len(before))
}

// ends are, by index after, the index before of the next item that stays in its order.
func (a *alignment) ends() []int {
	list := make([]int, len(a.after))
	end := len(a.before)
	for j := len(a.after) - 1; j >= 0; j-- {
		if a.from[j] >= 0 && !a.moved[j] {
			end = a.from[j]
		}
		list[j] = end
	}
	return list
}

func newAlignment(before, after []any) *alignment {
	a := &alignment{before: before, after: after, from: make([]int, len(after)), moved: make([]bool, len(after)), gone: make([]bool, len(before))}
	for j := range a.from {
		a.from[j] = -1
	}
	for i := range a.gone {
		a.gone[i] = true
	}
	return a
}

func (a *alignment) join(i, j int) { a.from[j], a.gone[i] = i, false }

func (a *alignment) byPlace() {
	for j := range min(len(a.before), len(a.after)) {
		a.join(j, j)
	}
}

// step leads to an item.
func (a *alignment) step(list []any, i int) Step {
	s := Step{Index: i, Item: true}
	if a.by != "" {
		s.By = a.by
		s.ID, _ = nameOf(list[i].(map[string]any)[a.by])
	}
	return s
}

// identities are the members by which objects in a list are found, the best one first.
var identities = []string{"name", "id", "reference", "title", "path"}

// identity is the member that each object of two lists has, and no two of one list have
// the same; empty: there is none.
func (c *comparison) identity(before, after []any) string {
	if len(before) == 0 || len(after) == 0 || c.below {
		return ""
	}
	for _, by := range identities {
		if c.identifies(by, before) && c.identifies(by, after) {
			return by
		}
	}
	return ""
}

func (c *comparison) identifies(by string, list []any) bool {
	for _, item := range list { // most lists end here
		object, _ := item.(map[string]any)
		if _, ok := nameOf(object[by]); !ok {
			return false
		}
	}
	seen := make(map[string]bool, len(list))
	for _, item := range list {
		value := item.(map[string]any)[by]
		name, _ := nameOf(value)
		if seen[name] || c.hidden(value) || c.after.Text(value) != nil {
			return false
		}
		seen[name] = true
	}
	return true
}

// nameOf is a text that is not empty, or a number.
func nameOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, v != ""
	case json.Number:
		return v.String(), true
	}
	return "", false
}

func (c *comparison) alignObjects(a *alignment) {
	index := map[string]int{}
	for i := range a.before {
		index[a.step(a.before, i).ID] = i
	}
	var pairs [][2]int
	for j := range a.after {
		if i, ok := index[a.step(a.after, j).ID]; ok {
			a.join(i, j)
			pairs = append(pairs, [2]int{j, i})
		}
	}
	stay := map[int]bool{}
	for _, p := range sequence.Increasing(pairs) {
		stay[p[0]] = true
	}
	for _, p := range pairs {
		a.moved[p[0]] = !stay[p[0]]
	}
	c.pairSimilar(a, 0, len(a.before), 0, len(a.after))
}

func (c *comparison) allPlain(list []any) bool {
	for _, item := range list {
		if !c.plain(item) {
			return false
		}
	}
	return true
}

// alignEqual joins the items that are the same; what is left between two of those is
// joined where it is alike. It reports false where that is too much work.
func (c *comparison) alignEqual(a *alignment) bool {
	numbers := map[string]int{}
	number := func(list []any) ([]int, bool) {
		out := make([]int, len(list))
		for i, item := range list {
			text, ok := c.text(item)
			if !ok {
				return nil, false
			}
			n, ok := numbers[text]
			if !ok {
				n = len(numbers)
				numbers[text] = n
			}
			out[i] = n
		}
		return out, true
	}
	before, ok := number(a.before)
	after, okAfter := number(a.after)
	if !ok || !okAfter {
		return false
	}
	same := sequence.Common(before, after, &c.work)
	for _, p := range same {
		a.join(p[0], p[1])
	}
	a.joinMoved(before, after, len(numbers))
	i, j := 0, 0
	for _, p := range append(same, [2]int{len(before), len(after)}) {
		c.pairSimilar(a, i, p[0], j, p[1])
		a.pairRest(i, p[0], j, p[1])
		i, j = p[0]+1, p[1]+1
	}
	return true
}

// joinMoved joins items that are the same and that there is one of. Their numbers are
// below kinds.
func (a *alignment) joinMoved(before, after []int, kinds int) {
	count, index, fresh := make([]int, kinds), make([]int, kinds), make([]int, kinds)
	for i, n := range before {
		if a.gone[i] {
			count[n]++
			index[n] = i
		}
	}
	for j, n := range after {
		if a.from[j] < 0 {
			fresh[n]++
		}
	}
	for j, n := range after {
		if a.from[j] < 0 && count[n] == 1 && fresh[n] == 1 {
			a.join(index[n], j)
			a.moved[j] = true
		}
	}
}

// pairSimilar joins objects, of those between two places, that share half of their
// members or more.
func (c *comparison) pairSimilar(a *alignment, i, endBefore, j, endAfter int) {
	for ; j < endAfter; j++ {
		object, ok := a.after[j].(map[string]any)
		if !ok || a.from[j] >= 0 {
			continue
		}
		for k := i; k < endBefore; k++ {
			if c.work--; c.work < 0 {
				return
			}
			old, ok := a.before[k].(map[string]any)
			if !ok || !a.gone[k] || !c.plain(old) || !c.plain(object) {
				continue
			}
			if shared := c.shared(old, object); 2*shared >= max(len(old), len(object)) && shared > 0 {
				a.join(k, j)
				i = k + 1 // they keep their order
				break
			}
		}
	}
}

// shared counts members that are the same.
func (c *comparison) shared(a, b map[string]any) int {
	n := 0
	for key, value := range a {
		c.work -= weight(value)
		if other, ok := b[key]; ok && same(value, other) {
			n++
		}
	}
	return n
}

// pairRest joins what is left between two places one by one, if there is as much before
// as after.
func (a *alignment) pairRest(i, endBefore, j, endAfter int) {
	gone, fresh := 0, 0
	for _, is := range a.gone[i:endBefore] {
		if is {
			gone++
		}
	}
	for _, from := range a.from[j:endAfter] {
		if from < 0 {
			fresh++
		}
	}
	if gone != fresh {
		return
	}
	for ; j < endAfter; j++ {
		if a.from[j] >= 0 {
			continue
		}
		for !a.gone[i] {
			i++
		}
		a.join(i, j)
	}
}
