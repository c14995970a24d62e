package credential

import (
	"slices"
	"testing"
)

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

		{"note", "ghp_0123456789abcdefghijklmnopqrstuvwxyz", true},
		{"note", "see github_pat_11AAAAAAA0123456789", true},
		{"note", "glpat-0123456789abcdefghij", true},
		{"note", "AKIAIOSFODNN7EXAMPLE", true},
		{"note", "xoxb-123456789012-abcdefghijkl", true},
		{"note", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", true},
		{"_", `{"a": {"b": ["glpat-0123456789abcdefghij"]}}`, true},
		{"max-password", "x", true},
		{"key", "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n", true},
		{"key", "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\nhush", true},
		{"password", "ssh-ed25519", true},
		{"monitor-setup-url", "https://monitor.example/#page=settings&username=admin&password=monpw-8877", true},
		{"jdbc", "jdbc:mysql://h/db?user=root&password=jdbcpw12", true},
		{"pgp", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nxyz", true},
		{"public-ftp-password", "x", true},
		{"url-password", "x", true},
		{"dbpass", "x", true},
		{"auth", "Basic dXNlcjpiYXNpY3B3", true},
		{"hdr", "Authorization: Bearer 0123456789abcdef0123", true},
		{"dsn", "root:dsnpw@tcp(127.0.0.1:3306)/db", true},
		{"libpq", "host=x user=y password=z", true},
		{"foo", "my_ghp_0123456789abcdefghijklmnop", true},
		{"url", "https://lab.example/?a=1&key=abc", true},
		{"url", "https://lab.example/#p%61ssword=abc", true},
		{"url", "https://lab.example/?user[password]=abc", true},
		{"env", "URL=https://lab.example/?password=abc", true},
		{"hdr", "Authorization: Bearer abcdefghijkl", true},
		{"hdr", "authorization=token abcdefgh", true},
		{"dsn", "root:p@w:/x@unix(/run/db.sock)/db", true},
		{"dsn", "root:dsnpw@/db", true},
		{"libpq", "host=x password='y z'", true},
		{"libpq", "host = x password = y", true},
		{"authorized-key", `command="x --password=hush",no-pty ssh-rsa AAAAB3NzaC1yc2E= me`, true},

		{"repr", "{'password': 'hush-123', 'on': True}", true},
		{"repr", `{"password": "hush-123", "on": True}`, true},
		{"_", `{"password": "hush-123", `, true},
		{"list", `["x", {"api-key": "hush-123"}] and more`, true},
		{"conf", `"password" = "hush-123"`, true},
		{"yaml", "db:\n  - password: hush-123\n", true},
		{"yaml", "password: 'hush 123'\r\n", true},
		{"xml", "<db><password>hush-123</password></db>", true},
		{"xml", `<instance><parameter id="db-password">hush-123</parameter></instance>`, true},
		{"repr", "{'password': True, 'password-policy': 'strict'}", false},
		{"yaml", "db:\n  password: ${db:password}\n  key: value\n  token-url: x\n", false},
		{"note", "The password: it is in the safe", false},
		{"xml", `<key>name</key><password></password><parameter id="user">joe</parameter>`, false},
		{"_", `{"password-policy": "strict", "text": "a 'password': it"}`, false},

		{"host-key", "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAAB3NzaC1yc2E=", false},
		{"url", "https://lab.example/?page=1&public-key=a&key-id=b&token=#key", false},
		{"hdr", "Authorization: Bearer $TOKEN", false},
		{"dsn", "root@tcp(127.0.0.1:3306)/db", false},
		{"note", "Basic authentication, or Bearer authentication-tokens", false},
		{"ssh-key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@lab.example", false},
		{"authorized-key", "# admins\nssh-rsa AAAAB3NzaC1yc2E= a b\n\nsk-ssh-ed25519@openssh.com AAAAGnNr\n", false},
		{"ca-key", "-----BEGIN CERTIFICATE-----\r\nMIIB+/=\r\n-----END CERTIFICATE-----\r\n", false},
		{"key", "-----BEGIN PUBLIC KEY-----\nMII=\n-----END PUBLIC KEY-----", false},
		{"authorized-key", `command="echo \"x\"",no-pty ssh-rsa AAAAB3NzaC1yc2E= me`, false},
		{"host-key", "[::1]:22 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", false},
		{"key-id", "x", false},
		{"primary-key-name", "id", false},
		{"token-endpoint", "https://lab.example/token", false},
		{"secret-rotation-days", "30", false},
		{"password-reset-url", "https://lab.example/reset", false},
		{"bypass", "x", false},
		{"note", "a basic arrangement, key=value and max-tokens=5", false},
		{"password-policy", "strict", false},
		{"passwordPolicy", "strict", false},
		{"key-size", "4096", false},
		{"max-token", "4096", false},
		{"max_tokens", "4096", false},
		{"use-token", "True", false},
		{"note", "ghp_ and glpat- and AKIA begin tokens", false},
		{"note", "eyJ.eyJ.x", false},
		{"_", `{"token-required": "yes", "use-key": true, "key": null, "tokens": []}`, false},
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
		{"_", `{"pass\u0077ord": "x"}`, true},
		{"_", `["a", {"b" : "c", "token"
: "x"}]`, true},
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

// What is in a value besides it, and would be shown where it stands alone.
func TestValues(t *testing.T) {
	for value, want := range map[string][]string{
		"https://lab.example/#page=x&password=p%26w": {"p%26w", "p&w"},
		"mysql://root:p%26w@lab.example/":            {"p&w"},
		"host=x password='a b'":                      {"a b"},
		"root:pw@tcp(127.0.0.1)/db":                  {"pw"},
		"Bearer 0123456789abcdef0123":                {"0123456789abcdef0123"},
		"Authorization: Basic dXNlcjpwYXNz":          {"dXNlcjpwYXNz", "pass"},
	} {
		got := Values(value, true)
		for _, w := range append(want, value) {
			if !slices.Contains(got, w) {
				t.Errorf("Values(%q) = %q, which lacks %q", value, got, w)
			}
		}
	}
}
