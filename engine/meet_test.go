package engine

import (
	"path"
	"strings"
	"testing"
)

func TestPatternsMeet(t *testing.T) {
	for _, test := range []struct {
		a, b string
		but  string // separated by blanks
		want bool
	}{
		{"shop-*", "shop-*", "", true},
		{"shop-*", "shop-db", "", true},
		{"shop-*", "web-*", "", false},
		{"shop-*", "*-db", "", true},
		{"shop-*", "*-db", "shop-db", true}, // shop-a-db
		{"shop-*", "*-db", "*db", false},
		{"dev-*", "dev-data-*", "", true},
		{"dev-*", "dev-data-*", "dev-data-*", false},
		{"dev-*", "dev-data-*", "dev-data-a*", true},
		{"dev-*", "dev-data-*", "dev-data-[a-y]* dev-data-[^a-y]* dev-data-", false},
		{"web?", "web[0-4]", "", true},
		{"web[5-9]", "web[0-4]", "", false},
		{"web[^5-9]", "web[5-9]", "", false},
		{"web[0-9]", "web[5-9]", "web[5-7]", true},
		{"web[0-9]", "web[5-9]", "web[5-9]", false},
		{"web?", "web", "", false},
		{"*", "*", "?*", false}, // no name is empty
		{"*", "a/b", "", false},
		{"*/*", "a/b", "", true},
		{"a[.-0]b", "a/b", "", true}, // a class takes a slash
		{`web\[0\]`, "web[0]", "", false},
		{`web\[0\]`, "web?0?", "", true},
		{"é*", "?", "", true},
		{"*a*b*c*", "*c*b*a*", "", true},
		{strings.Repeat("*a*b", 250), strings.Repeat("*b*c*a", 160), strings.Repeat("*c*a", 250), true}, // in bounded time
	} {
		but := strings.Fields(test.but)
		if got := PatternsMeet(test.a, test.b, but); got != test.want {
			t.Errorf("%s and %s but %s: got %t", test.a, test.b, but, got)
		}
		if got := PatternsMeet(test.b, test.a, but); got != test.want {
			t.Errorf("%s and %s but %s: got %t", test.b, test.a, but, got)
		}
	}
}

// What both match is found, and nothing breaks it.
func FuzzPatternsMeet(f *testing.F) {
	f.Add("shop-*", "*db", "shop-?b", "shop-db")
	f.Add(`[\]-a]`, "[^]]*", "*", "x")
	f.Fuzz(func(t *testing.T, a, b, but, name string) {
		for _, pattern := range []string{a, b, but} {
			if CheckPattern(pattern) != nil || len(pattern) > 20 {
				t.Skip()
			}
		}
		matches := func(pattern string) bool {
			ok, _ := path.Match(pattern, name)
			return ok
		}
		if name != "" && matches(a) && matches(b) && !matches(but) && !PatternsMeet(a, b, []string{but}) {
			t.Errorf("%q and %q but %q: %q is missed", a, b, but, name)
		}
	})
}
