package adopt

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"slapstar/engine"
)

// A naming gives names to secrets: small letters, digits and low lines, so that each may
// be the name of a file, and of an environment variable. A name is made of that of the
// instance and the path of the parameter, and so is the same each time. Where several
// would have one name, each gets some digits of a sum of both as well.
type naming struct {
	taken   map[string]bool
	secrets *[]Secret // their names are identifiers of places until they are all known
}

func newNaming(taken map[string]bool) naming { return naming{taken, &[]Secret{}} }

// place stands for the name of a secret that has none yet.
func place(instance, path string) string { return instance + "\x00" + path }

// secret notes a secret and returns what stands for its name.
func (n naming) secret(instance, path, value string) string {
	*n.secrets = append(*n.secrets, Secret{Name: place(instance, path), Value: value, Instance: instance, Path: path})
	return place(instance, path)
}

// forget takes back the secrets of an instance.
func (n naming) forget(instance string) {
	*n.secrets = slices.DeleteFunc(*n.secrets, func(s Secret) bool { return s.Instance == instance })
}

// longestBase is how long a name is without the digits that tell it apart, in bytes: file
// systems take 255.
const longestBase = 100

// base is the name without what tells it from others.
func base(instance, path string) string {
	words := strings.FieldsFunc(strings.ToLower(instance+" "+strings.TrimPrefix(path, "_.")), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	})
	name := strings.Join(words, "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "s_" + name
	}
	return strings.TrimRight(name[:min(len(name), longestBase)], "_")
}

// rename gives the secrets their names.
func (a *adopter) rename(declared []*engine.Instance) {
	users := map[string]int{}
	for _, s := range *a.naming.secrets {
		users[base(s.Instance, s.Path)]++
	}
	names := map[string]string{} // by place
	for _, s := range *a.naming.secrets {
		name := base(s.Instance, s.Path)
		if users[name] > 1 || a.naming.taken[name] {
			sum := sha256.Sum256([]byte(s.Name))
			name += "_" + hex.EncodeToString(sum[:4])
		}
		names[s.Name] = name
		s.Name = name
		a.Secrets = append(a.Secrets, s)
	}
	slices.SortFunc(a.Secrets, func(a, b Secret) int { return cmp.Compare(a.Name, b.Name) })
	for _, i := range declared {
		for key, t := range i.Parameters {
			i.Parameters[key] = renamed(t, names)
		}
	}
}

// renamed is a text with other names of its secrets.
func renamed(t engine.Text, names map[string]string) engine.Text {
	if !t.HasSecret() {
		return t
	}
	t = slices.Clone(t)
	for n := range t {
		p := &t[n]
		switch {
		case p.Secret != "":
			p.Secret = names[p.Secret]
		case p.Quoted != nil:
			p.Quoted = renamed(p.Quoted, names)
		case p.Derived != nil:
			d := *p.Derived
			d.Of = renamed(d.Of, names)
			p.Derived = &d
		}
	}
	return t
}
