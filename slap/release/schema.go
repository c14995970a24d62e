// Package release reads what a software release says of its software types: the schema
// file beside it, with the serialisation of the parameters and the JSON schemas to which
// [Schemas.Validate] compares them.
//
// A release is anybody's, and who names it may be a stranger: its files are read without
// the certificate of the user, each once, from where the policy allows ([Policy]), and
// all together within a limit of bytes and time ([Budget]).
//
// The package knows nothing of Starlark or of plans, and it does not talk to a Master.
package release

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"slapstar/slap"
)

// errBroken is wrapped by the errors of a schema that is there and makes no sense.
var errBroken = errors.New("broken schema")

// A Schema is the schema file of a software release: URL + ".json".
type Schema struct {
	Name        string
	Description string
	Types       []Type // in the order in which they are to be shown
}

// A Type is what a release says of one software type.
type Type struct {
	ID            string // of the entry; also the software type unless that is given
	SoftwareType  string
	Shared        bool
	Title         string
	Description   string
	Serialisation slap.Serialisation // empty when the release does not say
	Request       string             // where the JSON schema of the parameters is, absolute
	Response      string             // and that of the connection parameters; empty when there is none
	Broken        string             // why its parameters cannot be checked; empty: they can
}

// formerDefault is what the default type was called.
const formerDefault = "RootSoftwareInstance"

// Type finds the entry for a software type that is shared, or not: the one with that id,
// as the stock client does; else by type; else by the id alone. Here, and only here, an
// empty type and the former default type, RootSoftwareInstance, mean the default.
func (s *Schema) Type(softwareType string, shared bool) (Type, bool) {
	if softwareType == "" || softwareType == formerDefault {
		softwareType = slap.DefaultType
	}
	fits := []func(Type) bool{
		func(t Type) bool { return t.ID == softwareType && t.SoftwareType == softwareType && t.Shared == shared },
		func(t Type) bool { return t.SoftwareType == softwareType && t.Shared == shared },
		func(t Type) bool { return t.ID == softwareType && t.Shared == shared },
	}
	if softwareType == slap.DefaultType { // of an older release
		fits = append(fits, func(t Type) bool { return t.SoftwareType == formerDefault && t.Shared == shared })
	}
	for _, fit := range fits {
		if i := slices.IndexFunc(s.Types, fit); i >= 0 {
			return s.Types[i], true
		}
	}
	return Type{}, false
}

// beside resolves a location that is relative to a release.
func beside(release, location string) (string, error) {
	if !isURL(release) {
		path := strings.TrimPrefix(release, "file://")
		if isURL(location) || filepath.IsAbs(location) {
			return location, nil
		}
		return filepath.Join(filepath.Dir(path), location), nil
	}
	base, err := url.Parse(release)
	if err != nil {
		return "", err
	}
	target, err := base.Parse(location)
	if err != nil {
		return "", err
	}
	if !isURL(target.String()) {
		return "", fmt.Errorf("got %q, want a location on the web, as the release", location)
	}
	return target.String(), nil
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
