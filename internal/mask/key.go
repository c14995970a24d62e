package mask

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// A Key makes fingerprints of values that are not shown, so that people can see whether
// two of them are the same. The zero value makes none.
type Key struct {
	Secret []byte
	Shown  bool // values are what stands for them already: they were read from a plan
	Stable bool // the operator gave it: a digest covers the values of secrets by it
}

// Sum returns the HMAC-SHA256 of a value, in hexadecimal digits.
func (k Key) Sum(value string) string {
	h := hmac.New(sha256.New, k.Secret)
	h.Write([]byte(value))
	return hex.EncodeToString(h.Sum(nil))
}

// At returns the key of one place: the fingerprints of one value at two places differ, or
// a file could put guesses beside a credential. At(a, b) is At(a).At(b).
func (k Key) At(place ...string) Key {
	if len(k.Secret) == 0 {
		return k
	}
	for _, step := range place {
		h := hmac.New(sha256.New, k.Secret)
		h.Write([]byte(step))
		k.Secret = h.Sum(nil)
	}
	return k
}

// fingerprintDigits are enough to tell the few values apart that stand beside each
// other, and too few to search for a value.
const fingerprintDigits = 4

// Fingerprint returns the first digits of the sum; without a secret nothing.
func (k Key) Fingerprint(value string) string {
	if len(k.Secret) == 0 {
		return ""
	}
	return k.Sum(value)[:fingerprintDigits]
}

// maskBegin begins what stands for a value that is not shown, with its fingerprint.
const maskBegin = "(secret "

// Hidden returns what stands for a value that is not shown.
func (k Key) Hidden(value string) string {
	if k.Shown && (value == Masked || strings.HasPrefix(value, maskBegin)) {
		return value
	}
	if len(k.Secret) == 0 {
		return Masked
	}
	return maskBegin + k.Fingerprint(value) + ")"
}

// HiddenPair joins what stands for two values that differ: two fingerprints share their
// brackets.
func HiddenPair(before, after string) string {
	old, isOld := strings.CutPrefix(before, maskBegin)
	now, isNew := strings.CutPrefix(after, maskBegin)
	if isOld && isNew && strings.Index(old, ")") == len(old)-1 && strings.Index(now, ")") == len(now)-1 {
		return maskBegin + strings.TrimSuffix(old, ")") + " → " + now
	}
	return before + " → " + after
}
