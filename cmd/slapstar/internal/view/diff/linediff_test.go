package diff

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"slapstar/engine"
)

// apply is the text that edits make of another, and the one they come from.
func applyEdits(edits []edit) (before, after string) {
	for _, e := range edits {
		lines := strings.Join(e.lines, "")
		if e.sign != engine.Create {
			before += lines
		}
		if e.sign != engine.Delete {
			after += lines
		}
	}
	return before, after
}

func randomLines(r *rand.Rand, n, different int) string {
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "line %d\n", r.IntN(different))
	}
	return b.String()
}

func TestDiffLines(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		n, different := r.IntN(60), 1+r.IntN(40)
		before, after := randomLines(r, n, different), randomLines(r, r.IntN(60), different)
		if i%3 == 0 {
			after = strings.TrimSuffix(after, "\n")
		}
		edits := diffLines(splitLines(before), splitLines(after))
		if gotBefore, gotAfter := applyEdits(edits); gotBefore != before || gotAfter != after {
			t.Fatalf("%q and %q come out as %q and %q", before, after, gotBefore, gotAfter)
		}
		if slices.ContainsFunc(edits, func(e edit) bool { return len(e.lines) == 0 }) {
			t.Errorf("an edit of nothing: %v", edits)
		}
	}
}

func show(rows []Row) string {
	var b strings.Builder
	for _, r := range rows {
		symbol := map[engine.Action]string{engine.NoOp: " ", engine.Create: "+", engine.Update: "~", engine.Delete: "-"}[r.Sign]
		if r.Pair != nil {
			r.Text = r.Pair.String() + r.Text
		}
		b.WriteString(symbol + strings.TrimPrefix(r.Indent, below) + r.Name + r.Text + "\n")
	}
	return b.String()
}

func TestLineRows(t *testing.T) {
	for _, test := range []struct{ name, before, after, text, want string }{
		{"one line of many", "a\nb\nc\nd\ne\nf\ng\nh\ni\n", "a\nb\nc\nd\nE\nf\ng\nh\ni\n", "9 lines", " | a\n | b\n | c\n | d\n-| e\n+| E\n | f\n | g\n | h\n | i\n"},
		{"what is the same is left out", strings.Repeat("x\n", 100) + "a\n", strings.Repeat("x\n", 100) + "b\n", "101 lines", " … 97 lines the same\n | x\n | x\n | x\n-| a\n+| b\n"},
		{"no new line at the end", "a\nb", "a\nb\n", "2 lines", " | a\n-| b  (no new line at the end)\n+| b\n"},
		{"from nothing", "", "a\nb\n", "0 → 2 lines", "+| a\n+| b\n"},
		{"control characters", "a\n\x1b[2J\n", "a\n\u202eb\n", "2 lines", " | a\n-| \\x1b[2J\n+| \\u202eb\n"},
		{"too many", strings.Repeat("a\n", 600), strings.Repeat("b\n", 600), "replaced, 1200 → 1200 bytes, sha256 cf952a70c3c6… → 8e53e61f131f…; slapstar plan --format json shows all", ""},
		{"too long", strings.Repeat("a", 40<<10), strings.Repeat("b", 40<<10), "replaced, 40960 → 40960 bytes, sha256 96839482de03… → 81f7e353c370…; slapstar plan --format json shows all", ""},
	} {
		text, rows := lineRows(test.before, test.after, Options{})
		if got := show(rows); text != test.text || got != test.want {
			t.Errorf("%s: got %q and\n%swant %q and\n%s", test.name, text, got, test.text, test.want)
		}
	}
}

// worstCases are pairs of texts of about 1 MB.
func worstCases() map[string][2]string {
	const size = 1 << 20
	r := rand.New(rand.NewPCG(3, 4))
	short := func() string {
		var b strings.Builder
		for b.Len() < size {
			b.WriteString(string(rune('a'+r.IntN(26))) + "\n")
		}
		return b.String()
	}
	distinct := func(prefix string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, "%s%d\n", prefix, i)
		}
		return b.String()
	}
	shuffled := func(s string) string {
		lines := splitLines(s)
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		return strings.Join(lines, "")
	}
	// Gaps of lines that are there often, between lines that are there once.
	gaps := func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, "unique %d\n", i)
			for range n {
				fmt.Fprintf(&b, "%d\n", r.IntN(5))
			}
		}
		return b.String()
	}
	equal := strings.Repeat("x\n", size/2)
	a, b := short(), short()
	return map[string][2]string{
		"unrelated short lines":    {a, b},
		"unrelated distinct lines": {distinct("a"), distinct("b")},
		"all equal but one":        {equal, equal[:size/2] + "y\n" + equal[size/2:]},
		"all equal but two":        {equal, "y\n" + equal[:size/2] + "y\n" + equal[size/2:] + "z\n"},
		"one line":                 {strings.Repeat("a", size), strings.Repeat("b", size)},
		"one line, end differs":    {strings.Repeat("a", size), strings.Repeat("a", size-1) + "b"},
		"repeated lines":           {strings.Repeat("a\nb\nc\n", size/6), strings.Repeat("a\nc\nb\n", size/6)},
		"alternating":              {strings.Repeat("a\nb\n", size/4), strings.Repeat("b\na\n", size/4)},
		"empty lines":              {strings.Repeat("\n", size), strings.Repeat("\n", size/2) + "x" + strings.Repeat("\n", size/3)},
		"shuffled":                 {distinct("a"), shuffled(distinct("a"))},
		"gaps of 10":               {gaps(10), gaps(10)},
		"gaps of 1000":             {gaps(1000), gaps(1000)},
		"gaps of 4000":             {gaps(4000), gaps(4000)},
	}
}

func BenchmarkWorstDiff(b *testing.B) {
	cases := worstCases()
	for _, name := range []string{"unrelated short lines", "unrelated distinct lines", "all equal but one", "all equal but two", "one line", "one line, end differs",
		"repeated lines", "alternating", "empty lines", "shuffled", "gaps of 10", "gaps of 1000", "gaps of 4000"} {
		pair, ok := cases[name]
		if !ok {
			b.Fatalf("there is no %q", name)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				lineRows(pair[0], pair[1], Options{})
			}
		})
	}
}

// No pair of texts of 1 MB takes half a second; a slow machine that is busy gets
// four times as much here.
func TestWorstDiff(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures")
	}
	for name, pair := range worstCases() {
		begin := time.Now()
		lineRows(pair[0], pair[1], Options{})
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
	}
}
