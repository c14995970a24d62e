package diff

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"slapstar/slap/credential"
)

// describe says what a certificate or a public key is: nobody reads them. It is empty for
// another text.
func describe(text string) string {
	switch {
	case strings.Contains(text, "-----BEGIN "):
		return describePEM(text)
	case strings.HasPrefix(text, "ssh-"), strings.HasPrefix(text, "ecdsa-"), strings.HasPrefix(text, "sk-"):
		return describeSSH(text)
	}
	return ""
}

// describePEM describes the first block, if all of them are certificates or public keys.
func describePEM(text string) string {
	first, n := "", 0
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		what := describeBlock(block)
		if what == "" {
			return ""
		}
		if n++; n == 1 {
			first = what
		}
	}
	if n == 0 || strings.TrimSpace(string(rest)) != "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	if n > 1 {
		return fmt.Sprintf("%s, and %d more, sha256 of all %s", first, n-1, hex.EncodeToString(sum[:6]))
	}
	return first
}

func describeBlock(block *pem.Block) string {
	sum := sha256.Sum256(block.Bytes)
	fingerprint := "sha256 " + hex.EncodeToString(sum[:10])
	switch block.Type {
	case "CERTIFICATE":
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return ""
		}
		subject := c.Subject.String()
		if subject == "" && len(c.DNSNames) > 0 {
			subject = strings.Join(c.DNSNames, ", ")
		}
		return fmt.Sprintf("certificate %s, until %s, %s", subject, c.NotAfter.UTC().Format("2006-01-02"), fingerprint)
	case "PUBLIC KEY", "RSA PUBLIC KEY":
		return "public key, " + fingerprint
	}
	return ""
}

func describeSSH(text string) string {
	fields := strings.Fields(text)
	if len(fields) < 2 || strings.Contains(strings.TrimSpace(text), "\n") {
		return ""
	}
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil || len(blob) < 32 {
		return ""
	}
	sum := sha256.Sum256(blob)
	what := fmt.Sprintf("%s key, SHA256:%s", fields[0], base64.RawStdEncoding.EncodeToString(sum[:]))
	if len(fields) > 2 {
		what += ", " + strings.Join(fields[2:], " ")
	}
	return what
}

// leastEncoded is how long a text in base64 is that is opened: a shorter one may be a
// word.
const leastEncoded = 16

// decoded opens two values that are base64 of text, unless what is in them looks like a
// credential.
func decoded(before, after string) (old, now string, ok bool) {
	if old, ok = decode(before); !ok {
		return "", "", false
	}
	now, ok = decode(after)
	return old, now, ok
}

func decode(s string) (string, bool) {
	s = strings.NewReplacer("\n", "", "\r", "").Replace(s)
	if len(s) < leastEncoded || len(s)%4 != 0 {
		return "", false
	}
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil || !utf8.Valid(data) {
		return "", false
	}
	text := string(data)
	odd := strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) })
	return text, !odd && !credential.Value(text)
}
