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
	"bytes"
	"cmp"
	"encoding/json"
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
	Response      string             // and that of the connection parameters
}

// Type finds the entry for a software type, by type and shared, or else by the id of
// the entry. Here, and only here, an empty type and the former default type,
// RootSoftwareInstance, mean the default.
func (s *Schema) Type(softwareType string, shared bool) (Type, bool) {
	if softwareType == "" || softwareType == "RootSoftwareInstance" {
		softwareType = slap.DefaultType
	}
	for _, t := range s.Types {
		if t.SoftwareType == softwareType && t.Shared == shared {
			return t, true
		}
	}
	for _, t := range s.Types {
		if t.ID == softwareType {
			return t, true
		}
	}
	return Type{}, false
}

func parseSchema(release string, data []byte) (*Schema, error) {
	type entry struct {
		Title, Description string
		Serialisation      slap.Serialisation
		SoftwareType       string `json:"software-type"`
		Shared             bool
		Request, Response  string
		Index              float64
	}
	var file struct {
		Name, Description string
		Serialisation     slap.Serialisation
		SoftwareType      map[string]entry `json:"software-type"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\uFEFF")), &file); err != nil {
		return nil, err
	}
	if len(file.SoftwareType) == 0 {
		return nil, errors.New("it names no software-type")
	}
	ids := make([]string, 0, len(file.SoftwareType))
	for id := range file.SoftwareType {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(file.SoftwareType[a].Index, file.SoftwareType[b].Index), cmp.Compare(a, b))
	})
	schema := &Schema{Name: file.Name, Description: file.Description}
	for _, id := range ids {
		e := file.SoftwareType[id]
		t := Type{ID: id, Title: e.Title, Description: e.Description, Shared: e.Shared,
			SoftwareType: cmp.Or(e.SoftwareType, id), Serialisation: cmp.Or(e.Serialisation, file.Serialisation)}
		switch t.Serialisation {
		case "", slap.XML, slap.JSONInXML:
		default:
			return nil, fmt.Errorf("software type %q: serialisation: got %q, want %q or %q", id, t.Serialisation, slap.XML, slap.JSONInXML)
		}
		var err error
		if t.Request, err = beside(release, e.Request); err != nil {
			return nil, fmt.Errorf("software type %q: request: %w", id, err)
		}
		if t.Response, err = beside(release, e.Response); err != nil {
			return nil, fmt.Errorf("software type %q: response: %w", id, err)
		}
		schema.Types = append(schema.Types, t)
	}
	return schema, nil
}

// beside resolves a location that is relative to a release.
func beside(release, location string) (string, error) {
	if location == "" {
		return "", errors.New("it is missing")
	}
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
