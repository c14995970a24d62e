package engine

import (
	"slices"
	"unicode/utf8"
)

// PatternsMeet reports whether there is a name that two patterns match and none of the
// others does. The patterns are as [CheckPattern] takes them. Where that takes too long to
// tell, which no patterns do that somebody would write, they are said to meet.
func PatternsMeet(a, b string, but []string) bool {
	automata := []automaton{compile(a), compile(b)}
	for _, pattern := range but {
		automata = append(automata, compile(pattern))
	}
	m := meeting{automata: automata, seen: map[string]bool{}}
	begin := make([]reached, len(automata))
	for i, a := range automata {
		begin[i] = a.close(reached{0})
	}
	return m.search(begin)
}

// mostSearch bounds how long is looked for a name, in comparisons.
const mostSearch = 20_000_000

// A token is what one or more characters of a name have to be.
type token struct {
	star    bool // any text without a slash
	any     bool // one character but a slash
	negated bool
	ranges  [][2]rune // one character of these, where it is neither star nor any
}

// matches reports whether one character is what the token asks for.
func (t token) matches(r rune) bool {
	if t.star || t.any {
		return r != '/'
	}
	inside := slices.ContainsFunc(t.ranges, func(span [2]rune) bool { return span[0] <= r && r <= span[1] })
	return inside != t.negated
}

// An automaton is a pattern as [path.Match] reads it.
type automaton []token

// reached is how far a pattern may have come: indices of its tokens, in order.
type reached []int

// compile reads a pattern that [CheckPattern] takes.
func compile(pattern string) automaton {
	var a automaton
	next := func() (r rune) {
		r, n := utf8.DecodeRuneInString(pattern)
		pattern = pattern[n:]
		return r
	}
	literal := func(r rune) rune {
		if r == '\\' {
			return next()
		}
		return r
	}
	for pattern != "" {
		switch r := next(); r {
		case '*':
			a = append(a, token{star: true})
		case '?':
			a = append(a, token{any: true})
		case '[':
			var t token
			if t.negated = pattern[0] == '^'; t.negated {
				next()
			}
			for pattern[0] != ']' || t.ranges == nil {
				low := literal(next())
				high := low
				if pattern[0] == '-' {
					next()
					high = literal(next())
				}
				t.ranges = append(t.ranges, [2]rune{low, high})
			}
			next()
			a = append(a, t)
		default:
			r = literal(r)
			a = append(a, token{ranges: [][2]rune{{r, r}}})
		}
	}
	return a
}

// close adds what is reached without a character: behind a star.
func (a automaton) close(p reached) reached {
	for i := 0; i < len(p); i++ {
		if at := p[i]; at < len(a) && a[at].star && !slices.Contains(p, at+1) {
			p = append(p, at+1)
		}
	}
	slices.Sort(p)
	return p
}

// step returns where one more character leads to.
func (a automaton) step(p reached, r rune) reached {
	var to reached
	for _, at := range p {
		if at == len(a) || !a[at].matches(r) {
			continue
		}
		if !a[at].star {
			at++
		}
		if !slices.Contains(to, at) {
			to = append(to, at)
		}
	}
	return a.close(to)
}

// A meeting looks for a name that the first two of its automata take and no other does.
type meeting struct {
	automata []automaton
	seen     map[string]bool
}

func (m meeting) search(begin []reached) bool {
	letters, work := m.letters(), 0
	m.seen[key(begin)] = true
	for queue := [][]reached{begin}; len(queue) > 0; queue = queue[1:] {
		for _, r := range letters {
			to := make([]reached, len(m.automata))
			for i, a := range m.automata {
				to[i] = a.step(queue[0][i], r)
				work += 10 + len(to[i])*len(to[i])
			}
			if len(to[0]) == 0 || len(to[1]) == 0 {
				continue
			}
			if m.found(to) {
				return true
			}
			if k := key(to); !m.seen[k] {
				m.seen[k] = true
				queue = append(queue, to)
			}
		}
		if work > mostSearch {
			return true
		}
	}
	return false
}

func (m meeting) found(at []reached) bool {
	for i, a := range m.automata {
		if slices.Contains(at[i], len(a)) != (i < 2) {
			return false
		}
	}
	return true
}

// letters stand for all characters: between two neighbours no pattern tells characters
// apart.
func (m meeting) letters() []rune {
	list := []rune{0x1, '/', '/' + 1}
	for _, a := range m.automata {
		for _, t := range a {
			for _, span := range t.ranges {
				list = append(list, span[0], span[1]+1)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// key is a combination as a text.
func key(all []reached) string {
	var b []byte
	for _, p := range all {
		for _, at := range p {
			b = append(b, byte(at), byte(at>>8))
		}
		b = append(b, 0xff, 0xff)
	}
	return string(b)
}
