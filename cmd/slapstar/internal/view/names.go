package view

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
)

// Names writes many names in little room and drops none: what differs in one word of
// them stands in braces, numbers that follow each other as a range, as in
// prod-app-{0001..1000} and prod-{alpha,beta}-app. The names are as they are shown; one
// that has braces or commas itself is left alone.
func Names(names []string) []string {
	templates := map[string]int{} // how many names each fits
	words := make([][]word, len(names))
	for i, name := range names {
		if words[i] = wordsOf(name); len(words[i]) > mostWords {
			words[i] = nil
		}
		for _, w := range words[i] {
			templates[w.template(name)]++
		}
	}
	type set struct {
		before, after string
		values        []string
		name          string // of one alone
	}
	var sets []*set
	byTemplate := map[string]*set{}
	for i, name := range names {
		var best *word
		most := 1
		for k := range words[i] {
			w := &words[i][k]
			n := templates[w.template(name)]
			if n > most || n == most && best != nil && w.number && !best.number {
				best, most = w, n
			}
		}
		if best == nil {
			sets = append(sets, &set{name: name})
			continue
		}
		t := best.template(name)
		if byTemplate[t] == nil {
			byTemplate[t] = &set{before: name[:best.begin], after: name[best.end:]}
			sets = append(sets, byTemplate[t])
		}
		byTemplate[t].values = append(byTemplate[t].values, name[best.begin:best.end])
	}
	list := make([]string, len(sets))
	for i, s := range sets {
		switch {
		case s.name != "":
			list[i] = s.name
		case len(s.values) == 1:
			list[i] = s.before + s.values[0] + s.after
		default:
			list[i] = s.before + "{" + strings.Join(ranges(s.values), ",") + "}" + s.after
		}
	}
	return list
}

// mostWords is how many words a name has of which one is looked for that differs.
const mostWords = 40

// A word is a run of letters, or of digits, in a name.
type word struct {
	begin, end int
	number     bool
}

func (w word) template(name string) string { return name[:w.begin] + "{}" + name[w.end:] }

// wordsOf are the words of a name; none of one that could be mistaken.
func wordsOf(name string) []word {
	if strings.ContainsAny(name, "{},\"\\(…") || strings.Contains(name, "..") {
		return nil
	}
	kind := func(r rune) int {
		switch {
		case r >= '0' && r <= '9':
			return 1
		case unicode.IsLetter(r):
			return 2
		}
		return 0
	}
	var list []word
	last := 0
	for i, r := range name {
		k := kind(r)
		switch {
		case k == 0:
		case k == last:
			list[len(list)-1].end = i + len(string(r))
		default:
			list = append(list, word{begin: i, end: i + len(string(r)), number: k == 1})
		}
		last = k
	}
	return list
}

// ranges are values in which numbers of one width that follow each other are one.
func ranges(values []string) []string {
	type number struct {
		value int
		text  string
	}
	var numbers []number
	for _, v := range values {
		n, err := strconv.Atoi(v)
		if err != nil || len(v) > 9 {
			return values
		}
		numbers = append(numbers, number{n, v})
	}
	slices.SortStableFunc(numbers, func(a, b number) int { return cmp.Or(a.value-b.value, len(a.text)-len(b.text)) })
	var list []string
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1].value == numbers[j].value+1 && follows(numbers[j].text, numbers[j+1].text) {
			j++
		}
		switch {
		case j-i >= 2:
			list = append(list, numbers[i].text+".."+numbers[j].text)
		default:
			for _, n := range numbers[i : j+1] {
				list = append(list, n.text)
			}
		}
		i = j + 1
	}
	return list
}

// follows reports whether two numbers are written alike: with one width, or without
// zeros in front.
func follows(a, b string) bool {
	return len(a) == len(b) || a[0] != '0' && b[0] != '0'
}

// Destroyed names all that a plan destroys; empty if that is nothing. Up to ten are
// written in full.
func Destroyed(p *engine.Plan) string {
	var all []string
	byKind := map[string][]string{}
	for _, c := range p.Changes {
		if c.Action == engine.Delete {
			name := term.Name(string(c.Address()))
			kind, _ := splitKind(name)
			all, byKind[kind] = append(all, name), append(byKind[kind], name)
		}
	}
	if len(all) < manyAlike {
		return strings.Join(all, ", ")
	}
	var list []string
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		list = append(list, manyNames(byKind[kind]))
	}
	return strings.Join(list, ", ")
}

// manyNames are the addresses of resources of one kind as one text, with their number.
func manyNames(addresses []string) string {
	kind, _ := splitKind(addresses[0])
	names := make([]string, len(addresses))
	for i, a := range addresses {
		_, names[i] = splitKind(a)
	}
	text := kind + strings.Join(Names(names), ", ")
	if len(addresses) > 1 {
		text += fmt.Sprintf(" (%d)", len(addresses))
	}
	return text
}
