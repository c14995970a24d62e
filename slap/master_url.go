package slap

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// parseBaseURL takes an IPv6 address without brackets, too, as the stock
// client does: first the whole host as an address, then what is before the last
// colon.
func parseBaseURL(key, s string) (*url.URL, error) {
	u, err := parseURL(key, s)
	if err != nil {
		return nil, err
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%s: got %q, want no query and no fragment", key, s)
	}
	return u.JoinPath("/"), nil
}

// parseURL parses the URL under a key of the options.
func parseURL(key, s string) (*url.URL, error) {
	u, err := ParseURL(s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return u, nil
}

// ParseURL parses the URL of a Master. It takes an IPv6 address without brackets, and
// refuses a user name or a password. The error does not name the password.
func ParseURL(s string) (*url.URL, error) {
	if strings.Contains(s, "@") { // before anything that would say it
		return nil, errors.New("it holds a user name or a password: a Master knows you by your certificate, and a URL ends in logs")
	}
	u, err := url.Parse(bracket(s))
	if err != nil {
		return nil, fmt.Errorf("got %q: %w", s, errors.Unwrap(err))
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("got %q, want http://HOST:PORT/ or https://HOST:PORT/", s)
	}
	return u, nil
}

func bracket(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	host, path := rest, ""
	if n := strings.IndexAny(rest, "/?#"); n >= 0 {
		host, path = rest[:n], rest[n:]
	}
	if net.ParseIP(host) != nil && strings.Contains(host, ":") {
		return scheme + "://[" + host + "]" + path
	}
	if n := strings.LastIndexByte(host, ':'); n >= 0 && strings.Contains(host[:n], ":") && net.ParseIP(host[:n]) != nil {
		return scheme + "://[" + host[:n] + "]" + host[n:] + path
	}
	return s
}
