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
		{"a sequence of a terminal", "a\x1b[2Jb", `a\x1b[2Jb`, `a\x1b[2Jb`},
		{"lines", "a\nb\tc\r", `a\nb\tc\r`, "a\nb\tc\\r"},
		{"a backslash", `a\d`, `a\d`, `a\d`},
		{"a backslash beside what is escaped", "a\\u202e\u202e", `a\\u202e\u202e`, `a\u202e\u202e`},
		{"turned around", "a\u202eb", `a\u202eb`, `a\u202eb`},
		{"no text", "a\xff", `a\xff`, `a\xff`},

		{"a filler of Hangul", "a\u3164b", `a\u3164b`, `a\u3164b`},
		{"a leading filler", "a\u115fb", `a\u115fb`, `a\u115fb`},
		{"Braille without dots", "a\u2800b", `a\u2800b`, `a\u2800b`},
		{"a variation selector", "a\ufe0fb\U000e0100", `a\ufe0fb\U000e0100`, `a\ufe0fb\U000e0100`},
		{"no width", "a\u200bb\u2060", `a\u200bb\u2060`, `a\u200bb\u2060`},
		{"a tag", "a\U000e0041", `a\U000e0041`, `a\U000e0041`},
		{"private", "a\ue000", `a\ue000`, `a\ue000`},
		{"unassigned", "a\u0378", `a\u0378`, `a\u0378`},
		{"a blank that is none", "a\u00a0b", `a\u00a0b`, `a\u00a0b`},
		{"letters with marks", "e\u0301 e\u0323\u0302", "e\u0301 e\u0323\u0302", "e\u0301 e\u0323\u0302"},
		{"stacked marks", "e" + strings.Repeat("\u0301", 5), "e\u0301\u0301\u0301\\u0301\\u0301", "e\u0301\u0301\u0301\\u0301\\u0301"},
		{"a mark on nothing", "\u0301a \u0301", `\u0301a \u0301`, `\u0301a \u0301`},
		{"struck through", "p\u0336", `p\u0336`, `p\u0336`},
		{"a mark around", "p\u20e0", `p\u20e0`, `p\u20e0`},

		{"another script", "сервер", "сервер", "сервер"},
		{"two scripts in two words", "IP-адрес сервера: prod", "IP-адрес сервера: prod", "IP-адрес сервера: prod"},
		{"one letter of another script", "d\u0430tabase", `d\u0430tabase`, `d\u0430tabase`},
		{"one Latin letter", "сеpвер", `се\x70вер`, `се\x70вер`},
		{"Greek", "pr\u03bfd", `pr\u03bfd`, `pr\u03bfd`},
		{"scripts of one language", "サーバー名db ひらがな 서버db", "サーバー名db ひらがな 서버db", "サーバー名db ひらがな 서버db"},
		{"of two languages", "ひ서", `ひ\uc11c`, `ひ\uc11c`},
		{"a line and a word", "line\nстрока\tword", `line\nстрока\tword`, "line\nстрока\tword"},
		{"letters of mathematics", "\U0001d429rod", `\U0001d429rod`, `\U0001d429rod`},
		{"wide letters", "ｐrod", `\uff50rod`, `\uff50rod`},
		{"phonetic letters", "d\u0251ta", `d\u0251ta`, `d\u0251ta`},

		{"blanks", "a" + strings.Repeat(" ", 24) + "b", "a" + strings.Repeat(" ", 24) + "b", "a" + strings.Repeat(" ", 24) + "b"},
		{"many blanks", "a" + strings.Repeat(" ", 25) + "b", `a\{25 blanks}b`, "a" + strings.Repeat(" ", 25) + "b"},
		{"very many blanks", strings.Repeat(" ", 200) + "b", `\{200 blanks}b`, `\{200 blanks}b`},
		{"many tabs", "a\t\t\t\t\t\t\tb", `a\t\t\t\t\t\t\tb`, `a\{7 blanks}b`},
		{"a command of Azure", "a ##vso[task.setvariable]b", `a #\x23vso[task.setvariable]b`, `a #\x23vso[task.setvariable]b`},
		{"an old command of GitHub", "##[add-mask]b", `#\x23[add-mask]b`, `#\x23[add-mask]b`},
		{"a heading", "## [a](b) ##", "## [a](b) ##", "## [a](b) ##"},
	} {
		if got := Escape(test.text); got != test.escaped {
			t.Errorf("%s: Escape: got %q, want %q", test.name, got, test.escaped)
		}
		if got := Clean(test.text); got != test.cleaned {
			t.Errorf("%s: Clean: got %q, want %q", test.name, got, test.cleaned)
		}
	}
}

func TestNames(t *testing.T) {
	for _, test := range []struct{ text, name, word, leading string }{
		{"shop-db", "shop-db", "shop-db", "shop-db"},
		{"", "", `""`, ""},
		{"café_2.名", "café_2.名", "café_2.名", "café_2.名"},
		{"shop-\u0430\u0440\u0435", `shop-\u0430\u0440\u0435`, `shop-\u0430\u0440\u0435`, "shop-\u0430\u0440\u0435"},
		{"prod\u2010db", `prod\u2010db`, `"prod\u2010db"`, "prod\u2010db"},
		{"a b/c", "a b/c", `"a b/c"`, "a b/c"},
		{"::add-mask::x", "::add-mask::x", `"::add-mask::x"`, `"::add-mask::x"`},
		{"Plan: 0 to create", "Plan: 0 to create", `"Plan: 0 to create"`, `"Plan: 0 to create"`},
		{"-a", "-a", `"-a"`, `"-a"`},
		{"a\"\\b", `a"\b`, `"a\"\\b"`, `a"\b`},
		{"\nx", `\nx`, `"\nx"`, `"\nx"`},
		{"sub/main.star", "sub/main.star", `"sub/main.star"`, "sub/main.star"},
	} {
		if got := Name(test.text); got != test.name {
			t.Errorf("Name(%q): got %s, want %s", test.text, got, test.name)
		}
		if got := Word(test.text); got != test.word {
			t.Errorf("Word(%q): got %s, want %s", test.text, got, test.word)
		}
		if got := Leading(test.text); got != test.leading {
			t.Errorf("Leading(%q): got %s, want %s", test.text, got, test.leading)
		}
	}
}

// A second line of foreign text does not begin a line either.
func TestLines(t *testing.T) {
	const want = "slapstar: a\n  | ::add-mask::x\n  |\n  | Plan: 0 to create\n"
	if got := Lines("slapstar: ", "  | ", "a\n::add-mask::x\n\nPlan: 0 to create"); got != want {
		t.Errorf("got %q, want %q", got, want)
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
	for _, seed := range []string{"a\x1b[2Jb\xff\u202e\n", "сеpвер\nвер\t\\u0435р", "e\u0301\u0301\u0301\u0301 \u0336", strings.Repeat(" ", 60) + "###vso[", `\{60 blanks}е`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		oneLine := strings.NewReplacer("\n", "", "\t", "")
		for name, safe := range map[string]string{"Escape": Escape(s), "Quote": Quote(s), "Name": Name(s), "Word": Word(s), "Leading": Leading(s), "Clean": oneLine.Replace(Clean(s))} {
			if !utf8.ValidString(safe) || strings.ContainsFunc(safe, func(r rune) bool { return !visible(r) }) {
				t.Errorf("%s: %q becomes %q", name, s, safe)
			}
		}
		if !strings.Contains(s, `\`) { // the second time it would be in the way
			if again := Escape(Escape(s)); again != Escape(s) {
				t.Errorf("%q becomes %q, and then %q", s, Escape(s), again)
			}
			if again := Name(Name(s)); again != Name(s) {
				t.Errorf("%q becomes the name %q, and then %q", s, Name(s), again)
			}
		}
		for line := range strings.Lines(Lines("> ", "> ", s)) {
			if !strings.HasPrefix(line, ">") {
				t.Errorf("%q has the line %q", s, line)
			}
		}
	})
}
