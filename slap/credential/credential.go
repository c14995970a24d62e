// Package credential guesses whether a parameter is a credential, so that its
// value is not shown unasked. It looks at words in the key, and at the form of the
// value. Of a JSON document it can name the parts that are. It is a guess: a value
// that is known to be secret is marked as one elsewhere.
//
// The package knows nothing of Masters, instances, plans, or where a value is shown.
package credential

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// words in the key of a parameter say that its value is a credential. They are
// whole words, so that "keyboard" and "tokenizer" do not count.
var words = map[string]bool{
	"password": true, "passwords": true, "passwd": true, "passphrase": true, "pwd": true, "pw": true, "pass": true, "psk": true,
	"secret": true, "secrets": true, "token": true, "tokens": true, "credential": true, "credentials": true,
	"key": true, "apikey": true, "privatekey": true, "authorization": true,
}

// openWords take back a key: it is a public one, or only names something. A password that
// is called public stays one.
var (
	openWords = map[string]bool{"public": true, "pub": true, "fingerprint": true, "url": true}
	keyWords  = map[string]bool{"key": true}
)

// facets take it back at the end of a key: the value says something about a
// credential, such as password-policy.
var facets = map[string]bool{
	"policy": true, "policies": true, "rule": true, "rules": true, "size": true, "length": true, "len": true, "bits": true, "type": true,
	"kind": true, "algorithm": true, "ttl": true, "lifetime": true, "expiry": true, "expiration": true, "rotation": true, "timeout": true,
	"limit": true, "count": true, "usage": true, "format": true, "enabled": true, "required": true, "file": true, "path": true,
	"id": true, "ids": true, "name": true, "names": true, "url": true, "uri": true, "endpoint": true, "endpoints": true, "days": true, "fingerprint": true,
}

// limits take it back in front of what can be counted, such as max-tokens. The
// password of somebody called Max stays one.
var (
	limits  = map[string]bool{"max": true, "maximum": true, "min": true, "minimum": true, "num": true, "number": true, "total": true}
	counted = map[string]bool{"token": true, "tokens": true, "key": true, "keys": true}
)

var (
	wordBreak = regexp.MustCompile(`[^\pL\pN]+`)
	camelHump = regexp.MustCompile(`(\p{Ll}|\pN)(\p{Lu})`)
	urlInText = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+`)
)

// Parameter reports whether a parameter looks like a credential, by its key or by
// its value.
func Parameter(key, value string) bool { return Key(key) && !Open(value) || Value(value) }

// stems: each of the words contains one. Most keys contain none, which is quicker to
// see than their words.
var stems = []string{"pass", "pw", "psk", "secret", "token", "credential", "key", "authorization"}

// hasStem reports whether a key contains one of the stems, in letters of either case.
func hasStem(key string) bool {
	for i := range len(key) {
		if key[i] >= utf8.RuneSelf { // letters such as the Kelvin sign have a lower case, too
			lower := strings.ToLower(key)
			return slices.ContainsFunc(stems, func(stem string) bool { return strings.Contains(lower, stem) })
		}
	}
	for i := range len(key) {
		switch key[i] | 0x20 { // the lower case of a letter
		case 'p', 's', 't', 'c', 'k', 'a':
			for _, stem := range stems {
				if len(key)-i >= len(stem) && strings.EqualFold(key[i:i+len(stem)], stem) {
					return true
				}
			}
		}
	}
	return false
}

// Key reports whether the key of a parameter names a credential: it has a word such
// as password, token, key or secret, and none that takes this back.
func Key(key string) bool {
	if !hasStem(key) {
		return false
	}
	all := wordBreak.Split(strings.ToLower(camelHump.ReplaceAllString(key, "${1} ${2}")), -1)
	found, isKey, open := false, false, false
	for i, word := range all {
		switch {
		case openWords[word]:
			open = true
		case i > 0 && counted[word] && limits[all[i-1]]:
		case keyWords[word]:
			isKey = true
		case words[word], strings.HasSuffix(word, "password"), strings.HasSuffix(word, "passwd"), strings.HasSuffix(word, "pass") && !passes[word]:
			found = true
		}
	}
	return (found || isKey && !open) && !facets[all[len(all)-1]]
}

// passes end like a password and are none.
var passes = map[string]bool{"bypass": true, "compass": true, "encompass": true, "overpass": true, "underpass": true, "surpass": true, "trespass": true}

// Value reports whether a value looks like a credential or holds one: a URL with
// user information, a private key, a token by its look, or a JSON document in which a
// member looks so, or another text that writes one as the value of a name.
func Value(value string) bool {
	return looks(value) || inDocument(value) || len(value) >= leastToken && len(described(value)) > 0
}

// leastToken is how long a text is that is a credential without one of "=@: " in it: the
// shortest token has as many letters.
const leastToken = len("ghp_12345678")

// looks is Value for what a text says by itself.
func looks(value string) bool {
	if len(value) < leastToken && !strings.ContainsAny(value, "=@: ") {
		return false
	}
	if strings.Contains(value, "-----BEGIN ") && strings.Contains(value, "PRIVATE KEY") || hasToken(value) || len(authorizing(value)) > 0 || len(assigned(value)) > 0 {
		return true
	}
	if !strings.Contains(value, "://") {
		return false
	}
	for _, text := range urlInText.FindAllString(value, -1) {
		if u, err := url.Parse(text); err == nil && u.User != nil {
			return true
		} else if err != nil && strings.Contains(text, "@") { // a password that is not escaped
			return true
		}
		if len(inURL(text)) > 0 {
			return true
		}
	}
	return false
}

// inDocument looks into a value that is a JSON document.
func inDocument(value string) bool {
	if !strings.HasPrefix(strings.TrimSpace(value), "{") && !strings.HasPrefix(strings.TrimSpace(value), "[") {
		return false
	}
	if !strings.Contains(value, `\`) && !mayHold(value) {
		return false
	}
	var document any
	return json.Unmarshal([]byte(value), &document) == nil && inJSON(document)
}

// mayHold looks at the texts of a document without escapes, which costs less than reading
// it: none of them is a key or a value of the kind that is looked for.
func mayHold(document string) bool {
	for {
		_, rest, found := strings.Cut(document, `"`)
		text, after, closed := strings.Cut(rest, `"`)
		if !found || !closed {
			return false
		}
		if document = strings.TrimLeft(after, " \t\r\n"); strings.HasPrefix(document, ":") {
			if Key(text) {
				return true
			}
		} else if Value(text) {
			return true
		}
	}
}

// inJSON looks into a JSON document.
func inJSON(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			if Key(key) && !openJSON(member) || inJSON(member) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, inJSON)
	case string:
		return Value(v)
	}
	return false
}

// Values returns what is not to be seen of a value that looks like a credential: the
// value, or, of a JSON document, the values in it that look so, all of them if whole is
// set; as well what in a URL, a header or a connection string is the credential.
func Values(value string, whole bool) []string {
	var document any
	if json.Unmarshal([]byte(value), &document) == nil {
		switch document.(type) {
		case map[string]any, []any:
			return leaves(document, whole)
		}
	}
	list := slices.Concat([]string{value}, authorizing(value), assigned(value), described(value))
	for _, text := range urlInText.FindAllString(value, -1) {
		list = append(list, inURL(text)...)
		if u, err := url.Parse(text); err == nil && u.User != nil {
			if password, ok := u.User.Password(); ok {
				list = append(list, password)
			}
		}
	}
	return list
}

func leaves(v any, whole bool) []string {
	var list []string
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			list = append(list, leaves(member, whole || Key(key))...)
		}
	case []any:
		for _, item := range v {
			list = append(list, leaves(item, whole)...)
		}
	case string:
		if whole && !Open(v) || Value(v) {
			list = Values(v, whole)
		}
	}
	return list
}

// openJSON reports whether a member is no credential, whatever its key is.
func openJSON(v any) bool {
	switch v := v.(type) {
	case bool, nil:
		return true
	case string:
		return Open(v)
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool { return !openJSON(item) })
	}
	return false
}
