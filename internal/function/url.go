package function

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// maxURL is how long a URL may be, in bytes.
const maxURL = 64 << 10

// ParseURL reads a URL. Its error does not show the user information that is in it.
func ParseURL(text string) (*url.URL, error) {
	if len(text) > maxURL {
		return nil, fmt.Errorf("the URL is longer than %d KiB", maxURL>>10)
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("the text is no URL")
	case u.Scheme == "" || u.Opaque != "":
		return nil, errors.New("the text is no URL with a scheme, such as https://example.com/")
	}
	return u, nil
}

// ports are those of the schemes that have one. MariaDB's clients read mysql:.
var ports = map[string]string{
	"amqp": "5672", "ftp": "21", "http": "80", "https": "443", "ldap": "389", "ldaps": "636", "memcached": "11211",
	"mysql": "3306", "postgres": "5432", "postgresql": "5432", "redis": "6379", "smtp": "25", "ssh": "22", "sftp": "22", "ws": "80", "wss": "443",
}

// Port returns the port of a URL, or that of its scheme.
func Port(u *url.URL) (string, error) {
	port := u.Port()
	if port == "" {
		port = ports[u.Scheme]
	}
	if port == "" {
		return "", errors.New("the URL has no port, and its scheme has none")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return "", errors.New("the URL has a port above 65535")
	}
	return strconv.FormatUint(n, 10), nil
}

// urlPart is a function of a URL.
func urlPart(part func(*url.URL) (string, error)) func(string, []string) (string, error) {
	return func(text string, _ []string) (string, error) {
		u, err := ParseURL(text)
		if err != nil {
			return "", err
		}
		return part(u)
	}
}

// host is the host of a URL; an IPv6 address comes without its brackets.
func host(u *url.URL) (string, error) {
	if u.Hostname() == "" {
		return "", errors.New("the URL has no host")
	}
	return u.Hostname(), nil
}

// quoteURL is urls.quote(text): all but letters, digits and -._~ becomes %XX, as in a
// user name, a password, or one part of a path or a query.
func quoteURL(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

func unquoteURL(text string) (string, error) {
	s, err := url.PathUnescape(text)
	if err != nil {
		return "", errors.New("there is a % that two hexadecimal digits do not follow")
	}
	return s, nil
}
