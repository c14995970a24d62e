package engine

import "slapstar/slap/credential"

// Masked stands for a value that is not to be shown.
const Masked = "(secret)"

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

// shortestInside is how long a secret has to be, in bytes, to be looked for inside
// of other text: shorter ones would be found everywhere.
const shortestInside = 4

// hideSecrets marks what the Master has where it is, or holds, a value that the
// files say is a secret: it may have stood under another key before, or no longer be
// one. A value that was published under a key which looks like that of a credential
// looks like one wherever it went.
func (p *planning) hideSecrets() {
	secrets := p.secrets()
	credentials := publishedBy(p.config.Published, func(known Published) bool { return credential.Parameter(known.Key, known.Value) })
	if len(secrets) == 0 && len(credentials) == 0 && len(p.earlier) == 0 {
		return
	}
	for _, c := range p.Changes {
		for n := range c.Attributes {
			a := &c.Attributes[n]
			a.Hidden = a.Before != nil && (secrets.hides(*a.Before) || p.wasSecret(c, *a))
			a.Credential = len(credentials.inText(a.After)) > 0 || a.Before != nil && len(credentials.in(*a.Before)) > 0
		}
	}
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

// secrets are all that the files, now and at an earlier revision, were given.
func (p *planning) secrets() valueIndex {
	x := valueIndex{}
	for _, secret := range p.config.Secrets {
		x.add(secret.Literal, secret.Secret)
	}
	for _, declared := range []map[string]*Instance{p.declared, p.earlier} {
		for _, i := range declared {
			for _, t := range i.Parameters {
				t.eachSecret(func(name, value string) { x.add(value, name) })
			}
		}
	}
	delete(x, 0)
	return x
}

// hides reports whether a value is one of the secrets, or holds one.
func (x valueIndex) hides(s string) bool {
	if len(x[len(s)][s]) > 0 {
		return true
	}
	for n, values := range x {
		if n < shortestInside {
			continue
		}
		for i := 0; i+n <= len(s); i++ {
			if len(values[s[i:i+n]]) > 0 {
				return true
			}
		}
	}
	return false
}

func (t Text) eachSecret(do func(name, value string)) {
	for _, part := range t {
		if part.Secret != "" {
			do(part.Secret, part.Literal)
		}
		part.Quoted.eachSecret(do)
	}
}
