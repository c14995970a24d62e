package credential

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// token is a text that a service gives out as a credential and that can be told by
// its look: tokens of GitHub, GitLab, Amazon, Slack, and signed JSON (JWT).
var token = regexp.MustCompile(`(?:^|[^0-9A-Za-z])(?:gh[pousr]_[0-9A-Za-z]{8,}|github_pat_[0-9A-Za-z_]{8,}|gl(?:pat|dt|rtr?|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[0-9A-Za-z_-]{8,}|(?:AKIA|ASIA)[0-9A-Z]{12,}|xox[a-z]-[0-9A-Za-z-]{8,}|xapp-[0-9A-Za-z-]{8,}|` +
	`eyJ[0-9A-Za-z_-]{5,}\.eyJ[0-9A-Za-z_-]{2,}\.[0-9A-Za-z_-]*)`)

// tokenStarts: each token has one of them. Most texts have none, which is quicker to
// see.
var tokenStarts = []string{"gh", "github_pat_", "gl", "AKIA", "ASIA", "xox", "xapp-", "eyJ"}

func hasToken(value string) bool {
	return slices.ContainsFunc(tokenStarts, func(start string) bool { return strings.Contains(value, start) }) && token.MatchString(value)
}

// assignment is NAME=VALUE, as in what connects to a database; account is user:password
// in front of an address that is no URL. A password may hold what separates.
var (
	assignment = regexp.MustCompile(`([A-Za-z][0-9A-Za-z_.-]*)[ \t]*=[ \t]*(?:'((?:[^'\\]|\\.)+)'|"((?:[^"\\]|\\.)+)"|([^\s&;#"',=][^\s&;#"',]*))`)
	account    = regexp.MustCompile(`(?:^|[\s"'=])[^\s:/@"'=]+:([^\s"']+)@(?:(?:tcp|udp|unix|cloudsql)[46]?\(|/[^\s/]*$)`)
)

// assigned are the values in a text whose names say that they are credentials.
func assigned(value string) []string {
	var list []string
	if strings.Contains(value, "=") {
		for _, m := range assignment.FindAllStringSubmatch(value, -1) {
			// key=value is prose; in a URL it is a key of an API.
			if text := m[2] + m[3] + m[4]; strings.ToLower(m[1]) != "key" && Key(m[1]) && !Open(text) {
				list = append(list, text)
			}
			list = append(list, assigned(m[2]+m[3])...) // a command
		}
	}
	if strings.Contains(value, "@") && !strings.Contains(value, "://") {
		for _, m := range account.FindAllStringSubmatch(value, -1) {
			list = append(list, m[1])
		}
	}
	return list
}

// inURL are the values in the query and the fragment of a URL whose names say that they
// are credentials, as they are there and without escapes.
func inURL(text string) []string {
	start := strings.IndexAny(text, "?#;")
	if start < 0 {
		return nil
	}
	var list []string
	for _, member := range strings.FieldsFunc(text[start:], func(r rune) bool { return strings.ContainsRune("?#&;", r) }) {
		name, value, _ := strings.Cut(member, "=")
		if value == "" || !Key(unescape(name)) || Open(value) {
			continue
		}
		list = append(list, value)
		if plain := unescape(value); plain != value {
			list = append(list, plain)
		}
	}
	return list
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

var (
	header = regexp.MustCompile(`(?i)\bauthorization["']?[ \t]*[:=][ \t]*["']?(?:bearer|token|apikey) +([0-9a-z._~+/=-]{8,})`)
	bearer = regexp.MustCompile(`(?i)\bbearer +([0-9a-z._~+/=-]{16,})`)
	basic  = regexp.MustCompile(`(?i)\bbasic +([0-9a-z+/]{4,}={0,2})`)
)

// authorizing are the values in a text that authorize a request of HTTP, of basic
// authentication the password as well.
func authorizing(value string) []string {
	if !strings.Contains(value, " ") {
		return nil
	}
	var list []string
	for _, m := range header.FindAllStringSubmatch(value, -1) {
		list = append(list, m[1])
	}
	for _, m := range bearer.FindAllStringSubmatch(value, -1) {
		if strings.ContainsAny(m[1], "0123456789") { // else it may be prose
			list = append(list, m[1])
		}
	}
	for _, m := range basic.FindAllStringSubmatch(value, -1) {
		account, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(m[1], "="))
		if _, password, found := strings.Cut(string(account), ":"); err == nil && found && utf8.Valid(account) {
			list = append(list, m[1])
			if password != "" {
				list = append(list, password)
			}
		}
	}
	return list
}

// Open reports whether a value is no credential, whatever its key is: yes or no, or
// public keys and certificates.
func Open(value string) bool {
	switch value {
	case "True", "False", "true", "false":
		return true
	}
	return strings.Contains(value, " ") && isPublic(value)
}

var (
	publicKey  = regexp.MustCompile(`^(?:(?:@[a-z-]+ )?(?:[^\s="]+|\|1\|[0-9A-Za-z+/]+=*\|[0-9A-Za-z+/]+=*) |[a-z0-9-]+(?:="(?:[^"\\]|\\.)*")?(?:,[a-z0-9-]+(?:="(?:[^"\\]|\\.)*")?)* )?(?:sk-)?(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp\d+)(?:@openssh\.com)? AAAA[0-9A-Za-z+/=]*(?: .*)?$`)
	publicPEM  = regexp.MustCompile(`^-----BEGIN (?:(?:TRUSTED |X509 )?CERTIFICATE(?: REQUEST)?|(?:[A-Z0-9]+ )?PUBLIC KEY|X509 CRL|DH PARAMETERS|EC PARAMETERS)-----$`)
	base64Line = regexp.MustCompile(`^[0-9A-Za-z+/=]*$`)
)

// isPublic reports whether each line of a text belongs to a public key or a
// certificate, is empty, or is a comment.
func isPublic(value string) bool {
	inside, found := false, false
	for line := range strings.Lines(value) {
		line = strings.TrimSpace(line)
		switch {
		case inside && strings.HasPrefix(line, "-----END "):
			inside = false
		case inside && base64Line.MatchString(line), line == "", !inside && line[0] == '#':
		case !inside && publicPEM.MatchString(line):
			inside, found = true, true
		case !inside && publicKey.MatchString(line):
			found = true
		default:
			return false
		}
	}
	return found
}
