package document

import (
	"regexp"

	"slapstar/engine"
	"slapstar/internal/mask"
)

// Seal returns a plan as it is saved: a value that is a secret, or looks like a
// credential, is replaced by a seal, by which it can be compared with another under the
// same salt.
func Seal(p *engine.Plan, salt []byte) *Plan {
	key := mask.Key{Secret: salt}
	d := newPlan(p, key, func(key mask.Key, value string) string { return "(secret " + key.Sum(value) + ")" })
	d.Digest = Digest(p)
	return d
}

// seals are those in a text, with the digits that people see.
var seals = regexp.MustCompile(`\(secret ([0-9a-f]{4})[0-9a-f]{60}\)`)

// shortSeals shortens the seals in a text that people read.
func shortSeals(s string) string { return seals.ReplaceAllString(s, "(secret $1)") }
