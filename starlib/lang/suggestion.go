package lang

import (
	"fmt"

	"github.com/agext/levenshtein"
)

// longestSlip is how long a name may be for a slip to be looked for, in bytes.
const longestSlip = 250

// DidYouMean returns a question for a likely slip in a name, such as did you mean
// "started"?; else nothing.
func DidYouMean(got string, wanted []string) string {
	best, most := "", 0.6
	if len(got) > longestSlip { // the time grows with the product of the lengths
		return ""
	}
	for _, w := range wanted {
		if len(w) > 2*longestSlip {
			continue
		}
		likeness := levenshtein.Similarity(got, w, nil)
		if isSwap(got, w) {
			likeness = 0.9
		}
		if likeness > most {
			best, most = w, likeness
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// isSwap reports whether two names differ in the order of two neighbours.
func isSwap(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) - 1 {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		}
	}
	return false
}

// Suggest adds the hint for a likely slip to an error, if there is one.
func Suggest(err error, got string, wanted []string) error {
	if hint := DidYouMean(got, wanted); hint != "" {
		return Hint(err, hint)
	}
	return err
}
