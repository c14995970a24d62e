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
		if likeness := levenshtein.Similarity(got, w, nil); likeness > most {
			best, most = w, likeness
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// Suggest adds the hint for a likely slip to an error, if there is one.
func Suggest(err error, got string, wanted []string) error {
	if hint := DidYouMean(got, wanted); hint != "" {
		return Hint(err, hint)
	}
	return err
}
