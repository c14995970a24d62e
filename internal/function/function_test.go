package function

import (
	"strings"
	"testing"
)

// Nothing that a function makes is longer than a text may be, however short its text is.
func TestLimits(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	for _, f := range []Function{
		{".replace", []string{"a", strings.Repeat("b", 1000), "-1"}},
		{"re.sub", []string{"a", strings.Repeat("b", 1000), "0"}},
		{"texts.rjust", []string{"100000000", " "}},
		{"texts.indent", []string{strings.Repeat(" ", MaxText)}},
		{"int", nil}, {"float", nil}, {"urls.host", nil}, {"nothing", nil},
	} {
		if _, err := f.Apply(long); err == nil {
			t.Errorf("%s of %d bytes is no error", f.Name, len(long))
		}
	}
}

// A function that may be used of a secret never fails.
func TestWhole(t *testing.T) {
	for name, k := range kinds {
		if !k.whole {
			continue
		}
		for _, text := range []string{"", "a", "\xff", "%zz", strings.Repeat("x", 1000)} {
			if _, err := k.run(text, nil); err != nil {
				t.Errorf("%s of %q: %v", name, text, err)
			}
		}
	}
}
