package lang

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// What is wrong is told in 10 kB, and says that there was more: a file could fill a
// log otherwise, or hide the rest of it.
func TestMessageIsCut(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"fail", `fail("é" * 1000000)`, "main.star:1:1: fail: éé"},
		{"fail with a suggestion", `fail("a (did you mean " + "b" * 1000000 + "?)")`, "main.star:1:1: fail: a"},
		{"another error", `{}["k" * 1000000]`, `main.star:1:3: key "kkk`},
		{"fail in a function", "def f():\n    fail(\"x\" * 20000)\nf()", "main.star:2:5: fail: xx"},
	} {
		sources := &Sources{Read: func(string) ([]byte, error) { return []byte(test.file), nil }, Text: map[string]string{}}
		e, err := New(context.Background(), Source{File: "main.star", Sources: sources}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = e.Entry()
		ours, ok := errors.AsType[*Error](err)
		if !ok {
			t.Fatalf("%s: got %v", test.name, err)
		}
		p := ours.Problems[0]
		if text := err.Error(); !strings.HasPrefix(text, test.want) {
			t.Errorf("%s: got %.100q, want %q at its beginning", test.name, text, test.want)
		}
		all := p.Message + p.Hint
		if len(all) > mostMessage+100 || !utf8.ValidString(all) || !strings.Contains(all, "… cut here: ") || !strings.HasSuffix(all, " more bytes") {
			t.Errorf("%s: got %d bytes that end with %q", test.name, len(all), all[max(0, len(all)-100):])
		}
	}
	if again := short(short(strings.Repeat("a", 1e6))); again != short(strings.Repeat("a", 1e6)) {
		t.Error("what is short is cut again")
	}
}
