package proxy

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// CheckHost refuses what cannot be one of [Options.Hosts].
func CheckHost(name string) error {
	host := foldHost(name)
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	for _, c := range host {
		switch {
		case c >= 0x80:
			return fmt.Errorf("got %q, want it as it is on the wire, xn--…", name)
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', strings.ContainsRune("-._", c):
		default:
			return fmt.Errorf("got %q, want the name of a host, without scheme, port and wildcard", name)
		}
	}
	if host == "" {
		return errors.New("got an empty name, want that of a host")
	}
	return nil
}

// foldHost makes two spellings of a name one.
func foldHost(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// serveChecked serves a request if it names a host that this Master answers to. A
// page on the web can give its own name the address of this machine (DNS rebinding).
// It then counts as a page of this Master: it could read all passwords and write.
func (s *Server) serveChecked(w http.ResponseWriter, r *http.Request) {
	if s.answersTo(r.Host) {
		s.serve(w, r)
		return
	}
	found := fmt.Sprintf("This Master does not answer to the name %q", r.Host)
	if r.Host == "" {
		found = "The request does not name a host"
	}
	http.Error(w, found+". It answers to IP addresses, to localhost and to the names that it was started with: "+
		"slapstar proxy --allow-host NAME, or allow_host = NAME in [slapproxy], adds one.", http.StatusMisdirectedRequest)
}

// answersTo reports whether a Host header is that of an own name. An IP address is
// one, whichever it is: it is no name that somebody else could give to this machine.
func (s *Server) answersTo(header string) bool {
	if rest, ok := strings.CutPrefix(header, "["); ok {
		address, port, ok := strings.Cut(rest, "]")
		address, _, _ = strings.Cut(address, "%") // the zone
		ip, err := netip.ParseAddr(address)
		return ok && err == nil && ip.Is6() && (port == "" || port[0] == ':' && isPort(port[1:]))
	}
	name, port, _ := strings.Cut(header, ":")
	if !isPort(port) {
		return false
	}
	name = foldHost(name)
	if _, err := netip.ParseAddr(name); err == nil || name == "localhost" {
		return true
	}
	for _, host := range s.options.Hosts {
		if name == foldHost(host) {
			return true
		}
	}
	return false
}

func isPort(text string) bool { return strings.Trim(text, "0123456789") == "" }
