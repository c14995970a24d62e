package document

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"slapstar/engine"
)

// sealed starts a seal.
const sealed = engine.Masked + " "

// Seal returns a plan as it is saved: a value that looks like a credential is
// replaced by a seal, by which it can be compared with another under the same salt.
// Nothing is kept of secrets, so nothing is compared.
func Seal(p *engine.Plan, salt []byte) *Plan {
	d := newPlan(p, func(value string) string {
		h := hmac.New(sha256.New, salt)
		h.Write([]byte(value))
		return sealed + hex.EncodeToString(h.Sum(nil))
	})
	d.Digest = Digest(p)
	return d
}

// hideSeals replaces the seals in a text that people read.
func hideSeals(s string) string {
	const digits = 2 * sha256.Size
	for {
		i := strings.Index(s, sealed)
		if i < 0 || len(s) < i+len(sealed)+digits {
			return s
		}
		s = s[:i] + engine.Masked + s[i+len(sealed)+digits:]
	}
}
