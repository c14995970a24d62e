package release

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"

	"slapstar/slap"
)

// A Policy says from which hosts schemas may be fetched. The zero value allows none
// but those of [Schemas.AllowProduct].
//
// A release is named by a file, which may be a stranger's. So a host must be one that the
// operator or the Master has named, and a request carries nothing but scheme, host and
// path. The path is a channel, too: a file could compute it. It is held to the
// repository of a product, see [Schemas.AllowProduct], so whoever reads the path is who
// serves a product already. Only a host in Hosts is asked for any path.
//
// All this holds for the files that a schema refers to, and for each redirect.
type Policy struct {
	// Hosts are HOST or HOST:PORT, as the operator named them, see [slap.ParseHost]. Without
	// a port, those of http and https are meant. Their addresses may be any.
	Hosts []string

	// Master is the URL of the Master; empty: there is none. A product on its host and
	// port may have an address that is not public.
	Master string
}

// A RefusedHostError is a schema that the policy does not let be fetched.
type RefusedHostError struct {
	URL     string     // without user name, query and fragment
	Host    string     // as Policy.Hosts would have to name it
	Address netip.Addr // of the host, if that is what is wrong
	Reason  string     // of the refusal
}

func (e *RefusedHostError) Error() string {
	return fmt.Sprintf("%s: schemas are not fetched from %s: %s", e.URL, e.Host, e.Reason)
}

func refuse(u *url.URL, format string, args ...any) *RefusedHostError {
	return &RefusedHostError{URL: shown(u.String()), Host: plainHost(u), Reason: fmt.Sprintf(format, args...)}
}

// A formError is a URL that carries more than scheme, host and path.
type formError struct{ url, reason string }

func (e *formError) Error() string {
	return fmt.Sprintf("%s: schemas are not fetched from this URL: %s", e.url, e.reason)
}

// maxPath is the longest path of a URL, in bytes.
const maxPath = 2048

// parseWeb parses the URL of a schema and refuses one that carries more than scheme,
// host and path.
func parseWeb(location string) (*url.URL, error) {
	u, err := url.Parse(location)
	if err != nil {
		return nil, &formError{"a schema", "it cannot be parsed"}
	}
	return u, checkForm(u)
}

func checkForm(u *url.URL) error {
	wrong := func(reason string) error { return &formError{shown(u.String()), reason} }
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return wrong("want http:// or https:// and a host")
	case u.User != nil:
		return wrong("it has a user name")
	case u.RawQuery != "" || u.ForceQuery:
		return wrong("it has a query")
	case u.Fragment != "":
		return wrong("it has a fragment")
	case len(u.EscapedPath()) > maxPath:
		return wrong(fmt.Sprintf("its path is longer than %d bytes", maxPath))
	}
	// What is a step up for the server must be one here.
	for segment := range strings.SplitSeq(u.EscapedPath(), "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil || plain == "." || plain == ".." || strings.ContainsAny(plain, "/\\\x00") {
			return wrong("its path has a step up, or a separator in disguise")
		}
	}
	return nil
}

// shown returns a location without what it should not carry.
func shown(location string) string {
	u, err := url.Parse(location)
	if err != nil || !isURL(location) {
		return location
	}
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	return bare.String()
}

// AllowProduct allows what belongs to the release of a product, as the Master or the
// configuration named it: the files of the same repository, on the same host and port.
// The repository is what precedes /raw/, /-/, /blob/, /blob_plain/ or /plain/ in the
// path, or else /software/; without these it is the folder of the release.
func (s *Schemas) AllowProduct(release string) {
	u, err := parseWeb(release)
	if err != nil {
		return
	}
	r := repository{u.Scheme, slap.HostPort(u), repositoryPath(u.EscapedPath())}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.products, r) {
		s.products = append(s.products, r)
	}
}

// A repository is where the files of a product are.
type repository struct {
	scheme string
	host   string // with the port
	path   string // ends in a slash
}

// repositoryPath returns the part of the path of a release that its repository is at.
func repositoryPath(p string) string {
	segments := strings.Split(strings.TrimPrefix(p, "/"), "/")
	for _, marks := range [][]string{{"raw", "-", "blob", "blob_plain", "plain"}, {"software"}} {
		for i, segment := range segments[:len(segments)-1] {
			if i > 0 && slices.Contains(marks, segment) {
				return "/" + strings.Join(segments[:i], "/") + "/"
			}
		}
	}
	return strings.TrimSuffix(path.Dir("/"+strings.TrimPrefix(p, "/")), "/") + "/"
}

// allowed reports whether the host of a URL may have any address, or returns why the
// URL may not be fetched.
func (s *Schemas) allowed(u *url.URL) (anywhere bool, err error) {
	if err := checkForm(u); err != nil {
		return false, err
	}
	host := slap.HostPort(u)
	for _, named := range s.Policy.Hosts {
		name, port, err := slap.ParseHost(named)
		if err == nil && name == slap.HostName(u.Hostname()) && (port == "" && host == net.JoinHostPort(name, slap.DefaultPort(u.Scheme)) || host == net.JoinHostPort(name, port)) {
			return true, nil
		}
	}
	s.mu.Lock()
	products := s.products
	s.mu.Unlock()
	elsewhere := ""
	for _, r := range products {
		if r.scheme != u.Scheme || r.host != host {
			continue
		}
		if strings.HasPrefix(u.EscapedPath(), r.path) {
			master, err := url.Parse(s.Policy.Master)
			return s.Policy.Master != "" && err == nil && slap.HostPort(master) == host, nil
		}
		elsewhere = r.path
	}
	if elsewhere != "" {
		return false, refuse(u, "it is the host of a product, and this is not below the product's repository %s", elsewhere)
	}
	return false, refuse(u, "it is not the host of a product, and not allowed")
}

// plainHost returns the host of a URL as Policy.Hosts names it.
func plainHost(u *url.URL) string {
	host := slap.HostPort(u)
	if u.Port() == "" || u.Port() == slap.DefaultPort(u.Scheme) {
		host = slap.HostName(u.Hostname())
	}
	return host
}
