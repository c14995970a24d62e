package function

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strings"
	"unicode/utf8"
)

// digest is hashlib.sha256(text) and its like, in hexadecimal digits.
func digest(algorithm func() hash.Hash) func(string, []string) (string, error) {
	return total(func(text string, _ []string) string {
		h := algorithm()
		io.WriteString(h, text) // a hash takes all
		return hex.EncodeToString(h.Sum(nil))
	})
}

// encodeBase64 is base64.encode(text); the argument is "url" for the letters of a URL.
func encodeBase64(text string, args []string) string {
	if len(args) > 0 {
		return base64.URLEncoding.EncodeToString([]byte(text))
	}
	return base64.StdEncoding.EncodeToString([]byte(text))
}

// decodeBase64 is base64.decode(text), of either kind of letters, with its padding or
// without, and with blanks and new lines between. What comes out has to be text.
func decodeBase64(text string, _ []string) (string, error) {
	letters := strings.NewReplacer("-", "+", "_", "/").Replace(strings.Join(strings.Fields(text), ""))
	letters = strings.TrimRight(letters, "=")
	data, err := base64.RawStdEncoding.DecodeString(letters)
	switch {
	case err != nil:
		return "", errors.New("the text is not base64")
	case !utf8.Valid(data):
		return "", errors.New("what it encodes is no text in UTF-8")
	}
	return string(data), nil
}
