package diff

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
)

// A Pair is two values that differ in a part. All of it is escaped.
type Pair struct {
	Head     string // what both begin with; of more than a little, its end after an ellipsis
	Old, New string // what differs
	Tail     string
}

// String marks the part that differs.
func (p *Pair) String() string { return p.Head + "[" + p.Old + "→" + p.New + "]" + p.Tail }

// Bounds of how two values are shown.
const (
	oneLine     = 72 // columns of both, which stand on the line of their name
	mostContext = 28 // columns of what is the same, on either side
	mostPart    = 60 // columns of each part that differs, which stand on one line
)

// pair writes two texts of one line: on the line of their name if they are short, by the
// part that differs, or one below the other.
func (o Options) pair(l engine.Leaf, before, after string, row *Row) []Row {
	old, now := o.old(l), o.shown(l)
	if old == now || term.Columns(old)+term.Columns(now) <= oneLine {
		row.Text = o.leafValues(l, false)
		return nil
	}
	if len(before)+len(after) > mostCompared {
		row.Text = replaced(before, after, o)
		return nil
	}
	head, tail := shared(old, now)
	p := Pair{Head: cutHead(old[:head]), Old: old[head : len(old)-tail], New: now[head : len(now)-tail], Tail: cutTail(old[len(old)-tail:])}
	switch part := max(len(p.Old), len(p.New)); {
	case head+tail == 0 || part > max(len(old), len(now))*2/3:
		p = Pair{Old: old, New: now}
	case term.Columns(p.Old) <= mostPart && term.Columns(p.New) <= mostPart:
		row.Pair = &p
		return nil
	}
	if len(p.Old)+len(p.New) > mostShown {
		row.Text = replaced(before, after, o)
		return nil
	}
	return p.lines(row.Value)
}

// lines are the values one below the other.
func (p *Pair) lines(value string) []Row {
	return []Row{
		{Sign: engine.Delete, Indent: below, Name: gutter, Text: p.Head + p.Old + p.Tail, Line: true},
		{Sign: engine.Create, Indent: below, Name: gutter, Text: p.Head + p.New + p.Tail, Line: true, Value: value},
	}
}

// Spread returns a row as it is read without a terminal: of two values that differ in a
// part, each has a line.
func (r Row) Spread() []Row {
	if r.Pair == nil {
		return []Row{r}
	}
	list := r.Pair.lines(r.Value)
	r.Text, r.Pair = strings.TrimLeft(r.Text, " "), nil
	return append([]Row{r}, list...)
}

// shared returns how many bytes two texts begin and end with together, up to the edge of
// a word, or up to the first character that differs in a word that nobody reads.
func shared(a, b string) (head, tail int) {
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	head = back(head, func(n int, edge edge) bool { return edge(a, n) && edge(b, n) })
	tail = back(tail, func(n int, edge edge) bool { return edge(a, len(a)-n) && edge(b, len(b)-n) })
	return head, tail
}

// An edge is where a text can be cut.
type edge func(s string, i int) bool

// back returns how many of n bytes can be cut off at an edge: that of a word, if it is near.
func back(n int, at func(int, edge) bool) int {
	word, inside := n, n
	for word > 0 && !at(word, atEdge) {
		word--
	}
	for inside > 0 && !at(inside, inWordToo) {
		inside--
	}
	if inside-word > mostPart {
		return inside
	}
	return word
}

// inWordToo reports whether a text can be cut there: not inside of a character or an escape.
func inWordToo(s string, i int) bool {
	if i == 0 || i == len(s) {
		return true
	}
	next, _ := utf8.DecodeRuneInString(s[i:])
	return utf8.RuneStart(s[i]) && !unicode.In(next, unicode.M) && !strings.Contains(s[max(0, i-longestEscape):i], `\`)
}

const longestEscape = len(`\U0010ffff`)

// atEdge reports whether a text can be cut there: not inside of a character, a word, or
// an escape.
func atEdge(s string, i int) bool {
	if i == 0 || i == len(s) {
		return true
	}
	if !utf8.RuneStart(s[i]) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(s[:i])
	next, _ := utf8.DecodeRuneInString(s[i:])
	return last != '\\' && !unicode.In(next, unicode.M) && !(inWord(last) && inWord(next))
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// separators are where a text is cut if one is near.
const (
	separators = "/ ,;:&?"
	mostEdge   = 12 // bytes
)

// cutHead keeps the end of what is the same.
func cutHead(s string) string {
	n, width := len(s), 0
	for n > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:n])
		if width += term.Columns(string(r)); width > mostContext {
			if i := strings.IndexAny(s[n:], separators); i >= 0 && i < mostEdge {
				n += i
			}
			return "…" + s[n:]
		}
		n -= size
	}
	return s
}

func cutTail(s string) string {
	width := 0
	for i, r := range s {
		if width += term.Columns(string(r)); width > mostContext {
			if j := strings.LastIndexAny(s[:i], separators); j >= 0 && i-j <= mostEdge {
				i = j + 1
			}
			return s[:i] + "…"
		}
	}
	return s
}
