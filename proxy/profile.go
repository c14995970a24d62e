package proxy

import (
	"fmt"
	"net/http"
	"strings"
)

// A Profile is a kind of Master.
type Profile string

// The kinds of Master that there are.
const (
	// Slapproxy is what slapproxy 1.24 does, its omissions included.
	Slapproxy Profile = "slapproxy"
	// Full is what the real Master does, as far as that is known.
	Full Profile = "full"
)

// Where the interfaces of the full Master are. That of JSON-RPC is beside that of
// the legacy one, not below it; HATEOAS is where getHateoasUrl says.
const (
	legacyBase  = "/erp5/portal_slap/"
	jsonrpcBase = "/erp5/portal_web_services/slapos_master_api/"
	hateoasBase = "/erp5/web_site_module/hateoas/"
)

// ParseProfile reads the name of a profile; empty is that of slapproxy.
func ParseProfile(name string) (Profile, error) {
	switch p := Profile(name); p {
	case "":
		return Slapproxy, nil
	case Slapproxy, Full:
		return p, nil
	}
	return "", fmt.Errorf("got %q, want %q or %q", name, Slapproxy, Full)
}

// MasterPath is the path that master_url has on a Master of this kind. It ends in a
// slash.
func (p Profile) MasterPath() string {
	if p == Full {
		return legacyBase
	}
	return "/"
}

// JSONRPCPath is the path of the base of the JSON-RPC interface. It ends in a slash.
func (p Profile) JSONRPCPath() string {
	if p == Full {
		return jsonrpcBase
	}
	return "/"
}

// below puts the path of a pattern of the router below a base.
func below(base, pattern string) string {
	method, path, _ := strings.Cut(pattern, " /")
	return method + " " + base + path
}

// hateoasURL is where a client finds the HATEOAS interface.
func (s *Server) hateoasURL(r *http.Request) string {
	if s.full() {
		return baseURL(r) + hateoasBase
	}
	return baseURL(r) + hateoasPath
}
