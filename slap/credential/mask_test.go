package credential

import (
	"encoding/json"
	"strings"
	"testing"
)

// A document keeps what is no credential.
func TestMask(t *testing.T) {
	for _, test := range []struct{ key, value, want string }{
		{"size", "1", "1"},
		{"password", "hush", "(secret)"},
		{"_", `{"db": {"password": "hush", "port": 1.0}, "list": [1, "a"]}`, `{"db": {"password": "(secret)", "port": 1.0}, "list": [1, "a"]}`},
		{"_", `{"token":{"deep":["x",2,true,null]},"n":1}`, `{"token":{"deep":["(secret)","(secret)",true,null]},"n":1}`},
		{"_", `[{"url": "ftp://me:x@h/"}, {"url" : "ftp://h/"}]`, `[{"url": "(secret)"}, {"url" : "ftp://h/"}]`},
		{"credentials", `{"user": "u", "nested": {"a": 1}}`, `{"user": "(secret)", "nested": {"a": "(secret)"}}`},
		{"_", `{"a": "ghp_0123456789abcdefghij", "b": "c"}`, `{"a": "(secret)", "b": "c"}`},
		{"_", `{"ssh-key": "ssh-ed25519 AAAAC3Nz me", "key-size": 4096, "password-policy": {"min": 8}, "api-key": "k"}`,
			`{"ssh-key": "ssh-ed25519 AAAAC3Nz me", "key-size": 4096, "password-policy": {"min": 8}, "api-key": "(secret)"}`},
		{"_", `{"ghp_0123456789abcdefghij": 1}`, "(secret)"},
		{"password", `{"a": `, "(secret)"},
		{"password", `{} {}`, "{} {}"},
		{"password", `"a"`, "(secret)"},
	} {
		if got := Mask(test.key, test.value, "(secret)"); got != test.want {
			t.Errorf("Mask(%q, %q) = %q, want %q", test.key, test.value, got, test.want)
		}
	}
}

// FuzzMask: what is masked is a document if it was one, and has nothing left that
// looks like a credential.
func FuzzMask(f *testing.F) {
	for _, seed := range []string{`{"password": "x", "a": [1, "http://a:b@c/"]}`, `[{"key": {"a": {}}}]`, "ghp_0123456789", `{"a":1}{"password":2}`, `{"key": "True", "x": "\ud800"}`} {
		f.Add("key", seed)
		f.Add("_", seed)
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		got := Mask(key, value, "(secret)")
		if json.Valid([]byte(value)) && strings.ContainsAny(strings.TrimSpace(value)[:1], "{[") && !json.Valid([]byte(got)) {
			t.Errorf("Mask(%q, %q) = %q", key, value, got)
		}
		if got != value && hasToken(got) {
			t.Errorf("Mask(%q, %q) = %q, which has a token", key, value, got)
		}
	})
}
