package adopt

import (
	"slapstar/engine"
	"slapstar/internal/mask"
	"slapstar/slap"
	"slapstar/slap/credential"
)

// hidden are the credentials of an account, which stand in no file, wherever else they
// are: what one instance has published may be a parameter of another one under any key.
type hidden struct{ values *mask.Filter }

func newHidden(s *engine.State, given []string) hidden {
	h := hidden{mask.New()}
	for _, value := range given {
		h.values.Add(value)
	}
	for _, i := range s.Instances {
		h.add(i.Parameters)
		h.add(i.ConnectionParameters)
	}
	return h
}

func (h hidden) add(p slap.Parameters) {
	for key, value := range p {
		if !credential.Parameter(key, value) {
			continue
		}
		for _, part := range credential.Values(value, credential.Key(key)) {
			if variety(part) >= 2 && len(part) >= mask.Inside || len(part) >= longWord {
				h.values.Add(part)
			}
		}
	}
}

// longWord is how long a password has to be, in bytes, that is a word of one kind of
// characters, for other values that hold it to be secret, too: a short one, such as
// "postgres", is said of other things as well.
const longWord = 12

// secret reports whether a value is not to be in a file.
func (h hidden) secret(key, value string) bool {
	return value != "" && (credential.Parameter(key, value) || h.values.Holds(value))
}

// looks reports whether a name is, or holds, a credential by its look. One that only is the
// same as a credential somewhere is a name.
func (h hidden) looks(name string) bool { return credential.Value(name) }

// variety is how many kinds of characters a text has: small and large letters, digits,
// others.
func variety(s string) int {
	var kinds [4]bool
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z':
			kinds[0] = true
		case r >= 'A' && r <= 'Z':
			kinds[1] = true
		case r >= '0' && r <= '9':
			kinds[2] = true
		default:
			kinds[3] = true
		}
	}
	n := 0
	for _, there := range kinds {
		if there {
			n++
		}
	}
	return n
}
