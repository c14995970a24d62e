package credential

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
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

// assignment is NAME=VALUE, as in the query or the fragment of a URL, or in what connects to
// a database; account is user:password in front of an address that is no URL.
var (
	assignment = regexp.MustCompile(`([A-Za-z][0-9A-Za-z_.-]*)=([^\s&;#"',]+)`)
	account    = regexp.MustCompile(`(?:^|[\s"'=])[^\s:/@"']+:([^\s/@"']+)@(?:tcp|udp|unix)\(`)
)

// assigned are the values in a text whose names say that they are credentials.
func assigned(value string) []string {
	var list []string
	if strings.Contains(value, "=") {
		for _, m := range assignment.FindAllStringSubmatch(value, -1) {
			if name := strings.ToLower(m[1]); name != "key" && Key(name) && !Open(m[2]) {
				list = append(list, m[2])
			}
		}
	}
	if strings.Contains(value, "@") {
		for _, m := range account.FindAllStringSubmatch(value, -1) {
			list = append(list, m[1])
		}
	}
	return list
}

var (
	bearer = regexp.MustCompile(`(?i)\bbearer ([0-9a-z._~+/=-]{16,})`)
	basic  = regexp.MustCompile(`(?i)\bbasic ([0-9a-z+/]{6,}={0,2})`)
)

// hasHeader reports whether a text is, or holds, what authorizes a request of HTTP.
func hasHeader(value string) bool {
	if m := bearer.FindStringSubmatch(value); m != nil && strings.ContainsAny(m[1], "0123456789") {
		return true
	}
	m := basic.FindStringSubmatch(value)
	if m == nil {
		return false
	}
	account, err := base64.StdEncoding.DecodeString(m[1])
	return err == nil && strings.Contains(string(account), ":")
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
	publicKey  = regexp.MustCompile(`^(?:(?:@[a-z-]+ )?[^\s="]+ |[a-z0-9-]+(?:="(?:[^"\\]|\\.)*")?(?:,[a-z0-9-]+(?:="(?:[^"\\]|\\.)*")?)* )?(?:sk-)?(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp\d+)(?:@openssh\.com)? AAAA[0-9A-Za-z+/=]*(?: .*)?$`)
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
