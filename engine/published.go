package engine

import "slapstar/slap/credential"

// A Published is something that the Master had of an instance, and that the files asked
// for: see [Reference].
type Published struct {
	Instance string
	Kind     Kind
	Key      string
	Path     Path
	JSON     bool // the value is JSON, and no text
	Value    string
}

// reference is what the value was asked for with.
func (p Published) reference() Reference {
	return Reference{Instance: p.Instance, Kind: p.Kind, Key: p.Key, Path: p.Path, JSON: p.JSON}
}

// LooksCredential reports whether the value looks like a credential, or holds one.
func (p Published) LooksCredential() bool {
	return p.reference().LooksCredential() || credential.Parameter(p.Key, p.Value)
}
