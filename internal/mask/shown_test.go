package mask

import "testing"

func TestShown(t *testing.T) {
	key := Key{Secret: []byte("k")}
	for text, want := range map[string]string{
		"":                                 "",
		"a (secret) b":                     "(secret)",
		"(secret 12ab)":                    "(secret 12ab)",
		"(secret 12ab → 34cd)":             "(secret 12ab → 34cd)",
		key.Hidden("x"):                    key.Hidden("x"),
		HiddenPair("(secret)", "(secret)"): "(secret)",
		"(secret agent)":                   "",
		"(secrets)":                        "",
		"(secret 12abc)":                   "",
		"secret":                           "",
	} {
		if got := Shown(text); got != want {
			t.Errorf("Shown(%q) = %q, want %q", text, got, want)
		}
	}
}
