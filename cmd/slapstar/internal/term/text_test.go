package term

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSafe(t *testing.T) {
	for _, test := range []struct{ name, text, escaped, cleaned string }{
		{"plain", "shop-db", "shop-db", "shop-db"},
		{"letters", "é 名", "é 名", "é 名"},
		{"a quotation mark", `say "a"`, `say "a"`, `say "a"`},
		{"a sequence of a terminal", "a\x1b[2Jb", `a\x1b[2Jb`, "a\uFFFD[2Jb"},
		{"lines", "a\nb\tc\r", `a\nb\tc\r`, "a\nb\tc\uFFFD"},
		{"turned around", "a\u202eb", `a\u202eb`, "a\uFFFDb"},
		{"no text", "a\xff", `a\xff`, "a\uFFFD"},
	} {
		if got := Escape(test.text); got != test.escaped {
			t.Errorf("%s: Escape: got %q, want %q", test.name, got, test.escaped)
		}
		if got := Clean(test.text); got != test.cleaned {
			t.Errorf("%s: Clean: got %q, want %q", test.name, got, test.cleaned)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		name  string
		text  string
		width int
		want  []string
	}{
		{"no width", "one two", 0, []string{"one two"}},
		{"it fits", "one two", 7, []string{"one two"}},
		{"at a space", "one two three", 8, []string{"one two", "three"}},
		{"at the end of a word", "one two", 3, []string{"one", "two"}},
		{"in a word", "a incomprehensible", 8, []string{"a incomp", "rehensib", "le"}},
		{"wide characters", "名名名", 4, []string{"名名", "名"}},
		{"wider than the width", "名", 1, []string{"名"}},
	} {
		if got := Wrap(test.text, test.width); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func FuzzSafe(f *testing.F) {
	f.Add("a\x1b[2Jb\xff\u202e\n")
	f.Fuzz(func(t *testing.T, s string) {
		for _, safe := range []string{Escape(s), strings.NewReplacer("\n", "", "\t", "").Replace(Clean(s))} {
			if !utf8.ValidString(safe) || Escape(safe) != safe {
				t.Errorf("%q becomes %q", s, safe)
			}
		}
	})
}
