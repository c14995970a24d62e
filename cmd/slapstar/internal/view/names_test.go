package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	var numbered []string
	for i := range 1000 {
		numbered = append(numbered, fmt.Sprintf("prod-app-%04d", i+1))
	}
	for _, test := range []struct {
		names []string
		want  string
	}{
		{numbered, "prod-app-{0001..1000}"},
		{[]string{"prod-alpha-app", "prod-beta-app"}, "prod-{alpha,beta}-app"},
		{[]string{"a1", "a2", "a3", "a5", "a7", "a8"}, "a{1..3,5,7,8}"},
		{[]string{"a9", "a10", "a11"}, "a{9..11}"},
		{[]string{"a08", "a9", "a10"}, "a{08,9,10}"},
		{[]string{"a-1-x", "a-2-x", "b-1-x"}, "a-{1,2}-x, b-1-x"},
		{[]string{"one", "two"}, "{one,two}"},
		{[]string{"a{1..3}", "a1", "a2"}, "a{1..3}, a{1,2}"},
		{[]string{"db"}, "db"},
		{[]string{"https://lab.example/s.cfg on COMP-1", "https://lab.example/s.cfg on COMP-2"}, "https://lab.example/s.cfg on COMP-{1,2}"},
	} {
		if got := strings.Join(Names(test.names), ", "); got != test.want {
			t.Errorf("%.100q: got %s, want %s", test.names, got, test.want)
		}
	}
}

// expand writes names in full again.
func expand(s string) []string {
	before, rest, found := strings.Cut(s, "{")
	if !found {
		return []string{s}
	}
	inside, after, _ := strings.Cut(rest, "}")
	var list []string
	for _, part := range strings.Split(inside, ",") {
		from, to, isRange := strings.Cut(part, "..")
		if !isRange {
			list = append(list, before+part+after)
			continue
		}
		var first, last int
		fmt.Sscan(strings.TrimLeft(from, "0"), &first)
		fmt.Sscan(strings.TrimLeft(to, "0"), &last)
		for n := first; n <= last; n++ {
			list = append(list, before+fmt.Sprintf("%0*d", len(from), n)+after)
		}
	}
	return list
}

// No name is lost, and none comes that there is not.
func FuzzNames(f *testing.F) {
	f.Add("a1 a2 a3 b-x-1 b-y-1 b-z-1 a01 a02 7 8 9 10 x")
	f.Fuzz(func(t *testing.T, text string) {
		names := strings.Fields(text)
		slices.Sort(names)
		names = slices.Compact(names)
		if strings.ContainsAny(text, "{},\"\\(…") || strings.Contains(text, "..") {
			return
		}
		var got []string
		for _, s := range Names(names) {
			got = append(got, expand(s)...)
		}
		slices.Sort(got)
		if !slices.Equal(got, names) {
			t.Errorf("got %q, want %q", got, names)
		}
	})
}
