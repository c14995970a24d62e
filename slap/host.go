package slap

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// ParseHost parses a host as a configuration names it: HOST, HOST:PORT, an address, or [ADDRESS]:PORT.
// The port is empty if there is none.
func ParseHost(s string) (name, port string, err error) {
	name = s
	if address, addressErr := netip.ParseAddr(strings.Trim(s, "[]")); addressErr == nil {
		return address.String(), "", nil
	}
	if strings.Contains(s, ":") {
		if name, port, err = net.SplitHostPort(s); err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil {
			return "", "", fmt.Errorf("got %q, want HOST or HOST:PORT", s)
		}
	}
	u, err := url.Parse("http://" + s)
	if name == "" || err != nil || u.Host != s || strings.ContainsAny(name, "*?%") {
		return "", "", fmt.Errorf("got %q, want HOST or HOST:PORT", s)
	}
	return HostName(name), port, nil
}

// HostName returns the name of a host, or its address, in one form.
func HostName(name string) string {
	if address, err := netip.ParseAddr(name); err == nil {
		return address.String()
	}
	return strings.TrimSuffix(strings.ToLower(name), ".")
}

var defaultPorts = map[string]string{"http": "80", "https": "443"}

// HostPort returns host and port of a URL in one form. The port is the default one of
// the scheme if the URL has none.
func HostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = defaultPorts[u.Scheme]
	}
	return net.JoinHostPort(HostName(u.Hostname()), port)
}

// DefaultPort returns the port of a scheme, http or https.
func DefaultPort(scheme string) string { return defaultPorts[scheme] }
