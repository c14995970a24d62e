package term

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A scriptRange is a run of characters of one script.
type scriptRange struct {
	from, to rune
	script   string
}

// scriptRanges are those of all scripts, in order.
var scriptRanges = sync.OnceValue(func() []scriptRange {
	var list []scriptRange
	add := func(from, to, stride rune, script string) {
		if stride == 1 {
			list = append(list, scriptRange{from, to, script})
			return
		}
		for r := from; r <= to; r += stride {
			list = append(list, scriptRange{r, r, script})
		}
	}
	for script, table := range unicode.Scripts {
		for _, r := range table.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride), script)
		}
		for _, r := range table.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride), script)
		}
	}
	slices.SortFunc(list, func(a, b scriptRange) int { return cmp.Compare(a.from, b.from) })
	return list
})

const latin = "Latin"

// scriptOf returns the script of a letter; empty: that of any, such as a digit.
func scriptOf(r rune) string {
	if r < 0x80 {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return latin
		}
		return ""
	}
	list := scriptRanges()
	i, found := slices.BinarySearchFunc(list, r, func(s scriptRange, r rune) int {
		switch {
		case s.to < r:
			return -1
		case s.from > r:
			return 1
		}
		return 0
	})
	if !found || list[i].script == "Common" || list[i].script == "Inherited" {
		return ""
	}
	return list[i].script
}

// together are the scripts that one language is written in; Latin goes with each of
// them. Unicode UTS 39 calls a word of one script, or of these, highly restrictive.
var together = [][]string{
	{latin, "Han", "Hiragana", "Katakana"},
	{latin, "Han", "Bopomofo"},
	{latin, "Han", "Hangul"},
}

// oddLetters returns where in a text are letters that do not belong to their word: it
// mixes scripts, and theirs is not the one with the most letters. Of a name a word is
// all up to a blank, a slash or a colon; of other text letters, digits and _ are.
func oddLetters(s string, name bool) map[int]bool {
	if isASCII(s) {
		return nil
	}
	odd := map[int]bool{}
	begin := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\\': // also what was escaped before
			checkWord(odd, s, begin, i)
			size = escapeLength(s[i:])
			begin = i + size
		case endsWord(r, name):
			checkWord(odd, s, begin, i)
			begin = i + size
		}
		i += size
	}
	checkWord(odd, s, begin, len(s))
	return odd
}

func endsWord(r rune, name bool) bool {
	switch {
	case unicode.IsControl(r), unicode.IsSpace(r):
		return true
	case name:
		return r == '/' || r == ':'
	}
	return r != '_' && visible(r) && !unicode.In(r, unicode.L, unicode.N, unicode.M)
}

func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0 }

// checkWord adds the letters of one word that do not belong to it.
func checkWord(odd map[int]bool, s string, from, to int) {
	word := s[from:to]
	if isASCII(word) {
		return
	}
	counts := map[string]int{}
	var scripts []string
	for _, r := range word {
		if script := scriptOf(r); script != "" {
			if counts[script]++; counts[script] == 1 {
				scripts = append(scripts, script)
			}
		}
	}
	if len(counts) < 2 || slices.ContainsFunc(together, func(list []string) bool { return containsAll(list, counts) }) {
		return
	}
	main := slices.MaxFunc(scripts, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[a], counts[b]), cmp.Compare(rank(a), rank(b)))
	})
	for i, r := range word {
		if script := scriptOf(r); script != "" && script != main {
			odd[from+i] = true
		}
	}
}

func containsAll(list []string, counts map[string]int) bool {
	for script := range counts {
		if !slices.Contains(list, script) {
			return false
		}
	}
	return true
}

// rank decides between scripts of as many letters; of two others the first one counts.
func rank(script string) int {
	if script == latin {
		return 1
	}
	return 0
}

// escapeLength is how long what a backslash begins is, as in a string of Go.
func escapeLength(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	length := map[byte]int{'x': 4, 'u': 6, 'U': 10}[s[1]]
	if length == 0 {
		_, size := utf8.DecodeRuneInString(s[1:])
		if s[1] >= 0x80 {
			size = 0 // a backslash in front of a letter
		}
		return 1 + size
	}
	end := 2
	for end < len(s) && end < length && strings.IndexByte("0123456789abcdefABCDEF", s[end]) >= 0 {
		end++
	}
	if end < length {
		return 2
	}
	return length
}
