package credential

import "testing"

func TestParameter(t *testing.T) {
	for _, c := range []struct {
		key, value string
		want       bool
	}{
		{"password", "x", true},
		{"mysql-root-password", "x", true},
		{"rootPassword", "x", true},
		{"adminpassword", "x", true},
		{"passwd", "x", true},
		{"pw", "x", true},
		{"wifi-psk", "x", true},
		{"api_key", "x", true},
		{"apiKey", "x", true},
		{"private-key", "x", true},
		{"PBS_TOKEN", "x", true},
		{"client_secret", "x", true},
		{"url", "mysql://root:hush@[2001:db8::1]:3306/", true},
		{"url", "see https://token@lab.example/x", true},
		{"url", "mysql://root:hu#sh%@[::1]:3306/", true},
		{"cert", "-----BEGIN RSA PRIVATE KEY-----\nMII", true},
		{"_", `{"db": {"password": "x"}}`, true},
		{"_", `[{"url": "ftp://me:x@h/"}]`, true},

		{"url", "mysql://[2001:db8::1]:3306/", false},
		{"url", "https://lab.example/~user@home/", false},
		{"mail", "admin@lab.example", false},
		{"keyboard", "fr", false},
		{"tokenizer", "x", false},
		{"public-key", "ssh-ed25519 AAAA", false},
		{"monkey", "x", false},
		{"kpws", "x", false},
		{"_", `{"url": "http://[::1]/", "n": 3}`, false},
		{"_", `{"password": `, false}, // no document
		{"", "", false},
	} {
		if got := Parameter(c.key, c.value); got != c.want {
			t.Errorf("Parameter(%q, %q) = %t, want %t", c.key, c.value, got, c.want)
		}
	}
}

// Every secret word has one of the stems that are looked for first.
func TestStems(t *testing.T) {
	for word := range words {
		if !Key("x-" + word) {
			t.Errorf("%q is not found", word)
		}
	}
}
