package lang

import (
	"fmt"

	"github.com/agext/levenshtein"
)

// DidYouMean returns a question for a likely slip in a name, such as did you mean
// "started"?; else nothing.
func DidYouMean(got string, wanted []string) string {
	best, most := "", 0.6
	for _, w := range wanted {
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
