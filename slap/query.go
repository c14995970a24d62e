package slap

import (
	"fmt"
	"strings"
)

// quoted returns a value as a query of the HATEOAS interface takes it. A full Master
// reads \" as a quote (read in its source, never tried); a slapproxy has no way to write
// one, and neither has one for a backslash before a quote. The error then wraps
// [ErrUnsupported].
func (h *hypermedia) quoted(value string) (string, error) {
	if strings.HasSuffix(value, `\`) || strings.Contains(value, `\"`) || !h.limited() && strings.Contains(value, `"`) {
		return "", fmt.Errorf("a query has no way to write %q: %w", value, ErrUnsupported)
	}
	return `"` + strings.ReplaceAll(value, `"`, `\"`) + `"`, nil
}
