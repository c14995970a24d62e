package engine

import (
	"slices"

	"slapstar/internal/mask"
	"slapstar/slap/credential"
)

// Masked stands for a value that is not to be shown.
const Masked = mask.Masked

// Shown returns what in a text stands for a value that is not shown; empty: nothing does.
func Shown(text string) string { return mask.Shown(text) }

// Sensitive reports whether the values of an attribute are not to be shown: one
// holds a secret, or looks like a credential.
func (a Attribute) Sensitive() bool { return a.HoldsSecret() || a.LooksCredential() }

// HoldsSecret reports whether one of the values is or holds a secret of the files,
// which is never shown.
func (a Attribute) HoldsSecret() bool { return a.Hidden || a.After.HasSecret() }

// LooksCredential reports whether one of the values looks like a credential.
func (a Attribute) LooksCredential() bool {
	if a.Group != "parameters" {
		return false
	}
	if a.Credential || a.After.HasCredential() || a.Before != nil && credential.Parameter(a.Name, *a.Before) {
		return true
	}
	return a.After != nil && credential.Parameter(a.Name, a.After.Display())
}

// hideSecrets marks what the Master has where it is, or holds, a value that the
// files say is a secret: it may have stood under another key before, or no longer be
// one. A value that was published under a key which looks like that of a credential
// looks like one wherever it went.
func (p *planning) hideSecrets() {
	secrets := p.secrets()
	credentials := p.config.credentials()
	for _, c := range slices.Concat(p.Changes, p.Unchanged) {
		for n := range c.Attributes {
			a := &c.Attributes[n]
			a.Hidden = a.Before != nil && (secrets.Holds(*a.Before) || p.wasSecret(c, *a))
			a.Credential = secretsRead(secrets, a.After) || len(credentials.inText(a.After)) > 0 || a.Before != nil && len(credentials.in(*a.Before)) > 0
		}
	}
	p.takeApart(secrets, credentials)
}

// shortestCredential is how long a credential is, in bytes, that is looked for in other
// texts, to hide it there.
const shortestCredential = 4

// credentials indexes what was published as a credential, to find it where it stands
// without its origin: somebody has typed it.
func (c *Config) credentials() valueIndex {
	x := valueIndex{}
	for _, known := range c.Published {
		if len(known.Value) >= shortestCredential && known.LooksCredential() {
			x.add(known.Value, known.Instance)
		}
	}
	return x
}

// wasSecret reports whether a parameter held a secret at the earlier revision: where that
// is withheld, its value cannot be recognised.
func (p *planning) wasSecret(c *Change, a Attribute) bool {
	i, ok := c.Resource.(*Instance)
	if !ok || a.Group != "parameters" || p.earlier[i.Name] == nil {
		return false
	}
	return p.earlier[i.Name].Parameters[a.Name].HasSecret()
}

// secretsRead reports whether text that is not marked holds a secret: it was read back
// from the Master, or stands in a file.
func secretsRead(secrets *mask.Filter, t Text) bool {
	if value, known := t.Known(); known && !t.Hidden() && isSecret(secrets, value) {
		return true
	}
	return slices.ContainsFunc(t, func(p Part) bool {
		return !p.hidden() && secrets.HoldsInside(p.Literal) || secretsRead(secrets, p.Inner())
	})
}

// isSecret reports whether a value is a secret, or a document with a leaf that is one:
// short ones are not looked for inside of text.
func isSecret(secrets *mask.Filter, value string) bool {
	if secrets.Holds(value) {
		return true
	}
	return !eachText(decodeContainer(value), func(s string) bool { return !secrets.Holds(s) })
}

// secrets are all that the files, now and at an earlier revision, were given.
func (p *planning) secrets() *mask.Filter {
	f := mask.New()
	for _, secret := range p.config.Secrets {
		f.Add(secret.Literal)
	}
	for _, declared := range []map[string]*Instance{p.declared, p.earlier} {
		for _, i := range declared {
			for _, t := range i.Parameters {
				t.eachSecret(func(_, value string) { f.Add(value) })
			}
		}
	}
	return f
}

func (t Text) eachSecret(do func(name, value string)) {
	for _, part := range t {
		if part.Secret != "" {
			do(part.Secret, part.Literal)
		}
		if part.Derived != nil && part.Literal != "" && part.Derived.Of.HasSecret() { // what was made of one is one
			do(part.Derived.Of.secretName(), part.Literal)
		}
		part.Inner().eachSecret(do)
	}
}

// secretName is the name of the first secret in the value.
func (t Text) secretName() (name string) {
	for _, p := range t {
		if name = p.Secret; name == "" {
			name = p.Inner().secretName()
		}
		if name != "" {
			break
		}
	}
	return name
}
