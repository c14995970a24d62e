package mask

import (
	"regexp"
	"strings"
)

// shown is what stands for a value that is not shown: [Masked], and what [Key.Hidden] and
// [HiddenPair] make.
var shown = regexp.MustCompile(`\(secret(?: [0-9a-f]{4}(?: → [0-9a-f]{4})?)?\)`)

// Shown returns what in a text stands for a value that is not shown; empty: nothing does.
func Shown(text string) string {
	if !strings.Contains(text, "(secret") {
		return ""
	}
	return shown.FindString(text)
}
