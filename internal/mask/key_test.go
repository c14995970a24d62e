package mask

import "testing"

// A fingerprint tells whether two values at one place are the same, and nothing about
// values at two places: there a file could put guesses.
func TestKey(t *testing.T) {
	k := Key{Secret: []byte("key")}
	if a, b := k.At("x", "y").Hidden("v"), k.At("x").At("y").Hidden("v"); a != b || a == k.At("x").Hidden("v") {
		t.Errorf("got %s and %s", a, b)
	}
	if got := (Key{}).At("x").Hidden("v"); got != Masked {
		t.Errorf("without a key: got %s", got)
	}
	if got := HiddenPair("(secret 0123)", "(secret 4567)"); got != "(secret 0123 → 4567)" {
		t.Errorf("got %s", got)
	}
	if got := HiddenPair("(secret 0123)", "<(secret 4567)>"); got != "(secret 0123) → <(secret 4567)>" {
		t.Errorf("got %s", got)
	}
}
