package engine

import (
	"fmt"
	"slices"

	"slapstar/slap/credential"
)

// A Credential says where a text comes from that a Master has and that looks like a
// credential.
type Credential struct {
	Instance  string
	Key       string // of the connection parameter, or of the parameter
	Requested bool   // it is a parameter; else the instance has published it
	Leaf      bool   // it is a value in the JSON document that stands there
	Whole     bool   // its name says that it is a credential, and all that is in it

	// Holds reports whether a text holds a secret of the run: then that is the credential.
	// It may be nil.
	Holds func(string) bool
}

func (c Credential) String() string {
	what, leaf := "connection parameter", ""
	if c.Requested {
		what = "parameter"
	}
	if c.Leaf {
		leaf = "a value in "
	}
	return fmt.Sprintf("%s%s %q of instance %q", leaf, what, c.Key, c.Instance)
}

// PublishedText returns the text of what an instance has published, which says where it
// comes from.
func PublishedText(p Published) Text {
	return MasterText(p.Value, Credential{Instance: p.Instance, Key: p.Key}).WithSource(p.reference())
}

// MasterText returns a text that a Master has, which is a credential if it looks like one
// or holds a secret of the run.
func MasterText(value string, c Credential) Text {
	if !credential.Parameter(c.Key, value) && !c.holds(value) {
		return Literal(value)
	}
	c.Whole = credential.Key(c.Key)
	return Text{{Literal: value, Credential: &c}}
}

func (c Credential) holds(value string) bool { return c.Holds != nil && c.Holds(value) }

// A CredentialDocument tells which values of a JSON document look like credentials.
type CredentialDocument struct{ origin Credential }

// Document returns what tells of the values of a text which is one credential, as the
// Master has it, and which may be a JSON document. Of another text it is nil: in a
// document that a file has put together, a credential may have any name.
func (t Text) Document() *CredentialDocument {
	if len(t) != 1 || t[0].Credential == nil {
		return nil
	}
	return &CredentialDocument{*t[0].Credential}
}

// Member returns what tells of the values of a member.
func (d CredentialDocument) Member(key string) CredentialDocument {
	d.origin.Whole = d.origin.Whole || credential.Key(key)
	return d
}

// Text returns the text of a value.
func (d CredentialDocument) Text(value string) Text {
	if (!d.origin.Whole || credential.Open(value)) && !credential.Value(value) && !d.origin.holds(value) {
		return Literal(value)
	}
	d.origin.Leaf = true
	return Text{{Literal: value, Credential: &d.origin}}
}

// HasCredential reports whether the value holds something that the Master has and that
// looks like a credential.
func (t Text) HasCredential() bool { return t.Credential() != nil }

// Credential returns the first credential in the value; nil: there is none.
func (t Text) Credential() *Credential {
	for _, p := range t {
		if p.Credential != nil {
			return p.Credential
		}
		if c := p.Inner().Credential(); c != nil {
			return c
		}
	}
	return nil
}

// Hidden reports whether the value must not be shown: it holds a secret or a credential.
func (t Text) Hidden() bool {
	return slices.ContainsFunc(t, func(p Part) bool { return p.hidden() || p.Inner().Hidden() })
}

// hidden reports whether the literal text of a part must not be shown.
func (p Part) hidden() bool {
	return p.Secret != "" || p.Credential != nil || p.Derived != nil && p.Derived.Of.Hidden()
}

// CredentialValues are what is not to be seen of the credentials in a text: of a JSON
// document the values that look like it, of a URL with user information its password
// as well.
func (t Text) CredentialValues() []string {
	var list []string
	for _, p := range t {
		if d := (Text{p}).Document(); d != nil {
			list = append(list, credential.Values(p.Literal, d.origin.Whole)...)
		}
		list = append(list, p.Inner().CredentialValues()...)
	}
	return list
}
