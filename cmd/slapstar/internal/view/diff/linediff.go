package diff

import (
	"github.com/sergi/go-diff/diffmatchpatch"

	"slapstar/engine"
	"slapstar/internal/sequence"
)

// An edit is a run of lines that stay, come or go.
type edit struct {
	sign  engine.Action // NoOp, Create or Delete
	lines []string
}

// The comparison is bounded by work and never by time: the same texts give the
// same result on any machine. go-diff takes the square of the lines in the worst
// case, so it gets what lies between lines that both texts have just once; what
// is too long even then counts as replaced.
const (
	diffWork  = 24_000_000 // of lines squared, in one comparison
	diffDepth = 12
)

// A comparison is the state of one diffLines.
type comparison struct {
	before, after []string
	edits         []edit
	work          int
	changed       int // lines; beyond mostEdits nothing is looked for any more
}

// diffLines compares texts that are cut into lines.
func diffLines(before, after []string) []edit {
	numbers := map[string]int{}
	number := func(lines []string) []int {
		list := make([]int, len(lines))
		for i, line := range lines {
			n, ok := numbers[line]
			if !ok {
				n = len(numbers)
				numbers[line] = n
			}
			list[i] = n
		}
		return list
	}
	c := &comparison{before: before, after: after, work: diffWork}
	c.compare(number(before), number(after), 0)
	return c.edits
}

// compare takes lines from the front of both texts. Lines that both begin or end
// with are the same; the others are compared.
func (c *comparison) compare(a, b []int, depth int) {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	c.take(engine.NoOp, n)
	a, b = a[n:], b[n:]
	end := 0
	for end < len(a) && end < len(b) && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	c.middle(a[:len(a)-end], b[:len(b)-end], depth)
	c.take(engine.NoOp, end)
}

func (c *comparison) middle(a, b []int, depth int) {
	lines := len(a) + len(b)
	if len(a) == 0 || len(b) == 0 || c.changed > mostEdits {
		c.replace(a, b)
		return
	}
	if depth < diffDepth {
		if anchors := sequence.Anchors(a, b); len(anchors) > 0 {
			i, j := 0, 0
			for _, at := range anchors {
				c.compare(a[i:at[0]], b[j:at[1]], depth+1)
				c.take(engine.NoOp, 1)
				i, j = at[0]+1, at[1]+1
			}
			c.compare(a[i:], b[j:], depth+1)
			return
		}
	}
	if lines > 1<<15 || lines*lines > c.work {
		c.replace(a, b)
		return
	}
	c.work -= lines * lines
	for _, d := range lineDiff(a, b) {
		sign := map[diffmatchpatch.Operation]engine.Action{
			diffmatchpatch.DiffEqual: engine.NoOp, diffmatchpatch.DiffDelete: engine.Delete, diffmatchpatch.DiffInsert: engine.Create,
		}[d.Type]
		c.take(sign, len([]rune(d.Text)))
	}
}

// lineDiff has go-diff compare lines as characters.
func lineDiff(a, b []int) []diffmatchpatch.Diff {
	runes := map[int]rune{}
	convert := func(list []int) []rune {
		text := make([]rune, len(list))
		for i, n := range list {
			r, ok := runes[n]
			if !ok {
				r = rune(len(runes) + 1) // fewer than there are before the surrogates
				runes[n] = r
			}
			text[i] = r
		}
		return text
	}
	d := diffmatchpatch.New()
	d.DiffTimeout = 0
	return d.DiffMainRunes(convert(a), convert(b), false)
}

func (c *comparison) replace(a, b []int) {
	c.take(engine.Delete, len(a))
	c.take(engine.Create, len(b))
}

// take moves lines from the front of the texts to the edits.
func (c *comparison) take(sign engine.Action, n int) {
	if n == 0 {
		return
	}
	if sign != engine.NoOp {
		c.changed += n
	}
	from := c.before
	if sign == engine.Create {
		from = c.after
	}
	lines := from[:n:n]
	if sign != engine.Create {
		c.before = c.before[n:]
	}
	if sign != engine.Delete {
		c.after = c.after[n:]
	}
	if last := len(c.edits) - 1; last >= 0 && c.edits[last].sign == sign {
		c.edits[last].lines = append(c.edits[last].lines, lines...)
		return
	}
	c.edits = append(c.edits, edit{sign, lines})
}
