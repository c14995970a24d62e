package slap

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// secretWords are the words in the name of a parameter that say that its value
// is a credential: whole words, so that "keyboard" and "tokenizer" are none.
var secretWords = map[string]bool{
	"password": true, "passwords": true, "passwd": true, "passphrase": true, "pwd": true, "pw": true, "pass": true, "psk": true,
	"secret": true, "secrets": true, "token": true, "tokens": true, "credential": true, "credentials": true,
	"key": true, "apikey": true, "privatekey": true, "authorization": true,
}

// openWords take that back: a public key, or a key that only names something.
var openWords = map[string]bool{"public": true, "pub": true, "fingerprint": true, "url": true}

var (
	wordBreak = regexp.MustCompile(`[^\pL\pN]+`)
	camelHump = regexp.MustCompile(`(\p{Ll}|\pN)(\p{Lu})`)
	urlInText = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+`)
)

// LooksSecret reports whether a parameter looks like a credential, so that its
// value is not to be shown unasked: by its key (password, token, key, secret and
// the like), or by its value, which is or holds a URL with user information, a
// private key, or a JSON document in which a member looks so. It is a guess: what
// is known to be a secret is marked as one.
func LooksSecret(key, value string) bool {
	return secretName(key) || secretValue(value)
}

// stems are in every one of the secret words: most names have none of them, which is
// quicker to see than their words.
var stems = []string{"pass", "pw", "psk", "secret", "token", "credential", "key", "authorization"}

func secretName(key string) bool {
	lower := strings.ToLower(key)
	if !slices.ContainsFunc(stems, func(stem string) bool { return strings.Contains(lower, stem) }) {
		return false
	}
	found := false
	for _, word := range wordBreak.Split(strings.ToLower(camelHump.ReplaceAllString(key, "${1} ${2}")), -1) {
		switch {
		case openWords[word]:
			return false
		case secretWords[word], strings.HasSuffix(word, "password"), strings.HasSuffix(word, "passwd"):
			found = true
		}
	}
	return found
}

func secretValue(value string) bool {
	if strings.Contains(value, "-----BEGIN ") && strings.Contains(value, "PRIVATE KEY-----") {
		return true
	}
	if !strings.Contains(value, "://") {
		return secretDocument(value)
	}
	for _, text := range urlInText.FindAllString(value, -1) {
		if u, err := url.Parse(text); err == nil && u.User != nil {
			return true
		} else if err != nil && strings.Contains(text, "@") { // a password that is not escaped
			return true
		}
	}
	return secretDocument(value)
}

// secretDocument looks into a value that is a JSON document.
func secretDocument(value string) bool {
	if !strings.HasPrefix(strings.TrimSpace(value), "{") && !strings.HasPrefix(strings.TrimSpace(value), "[") {
		return false
	}
	var document any
	return json.Unmarshal([]byte(value), &document) == nil && secretMember(document)
}

// secretMember looks into a JSON document.
func secretMember(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			if secretName(key) || secretMember(member) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if secretMember(item) {
				return true
			}
		}
	case string:
		return secretValue(v)
	}
	return false
}
