package proxy

import "fmt"

// A Profile is a kind of Master.
type Profile string

// The kinds of Master that there are.
const (
	// Slapproxy is what slapproxy 1.24 does, its omissions included.
	Slapproxy Profile = "slapproxy"
	// Full is what the real Master does, as far as that is known.
	Full Profile = "full"
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
