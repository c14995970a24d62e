// Package release reads what a software release says of its software types: the schema
// file beside it, with the serialisation of the parameters and the JSON schemas to which
// [Schemas.Validate] compares them.
//
// A release is anybody's: its files are read without the certificate of the user, each
// once, and up to a limit of their length.
//
// The package knows nothing of Starlark or of plans, and it does not talk to a Master.
package release

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"slapstar/slap"
	"slapstar/slap/jsonschema"
)

// ErrBroken is wrapped by the errors of a schema that is there and makes no sense.
var ErrBroken = errors.New("broken schema")

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

// Type finds the entry for a software type, shared or not: by type and shared,
// and by the id of the entry when there is none. The former default type,
// RootSoftwareInstance, and none are the default here, and only here.
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

// maxSchema is the longest schema file, in bytes.
const maxSchema = 4 << 20

// Schemas reads the schema files of releases, each once. The zero value is
// ready; it may be used concurrently.
type Schemas struct {
	HTTP *http.Client // nil: one with a time-out, and without a client certificate

	// Dir is a folder that stands for the web, if it is not empty: what is at
	// http(s)://HOST/PATH is read from DIR/HOST/PATH, where wget -x puts it, and
	// nowhere else. HOST has the port if the URL does, and PATH the query.
	Dir string

	mu       sync.Mutex
	files    map[string][]byte
	releases map[string]*attempt[*Schema]            // what Validate has tried, by release
	compiled map[string]*attempt[*jsonschema.Schema] // and by location
}

// Release reads the schema file of a software release, which is a URL or a
// path. The error wraps [slap.ErrNotFound] when the release has none.
func (s *Schemas) Release(ctx context.Context, release string) (*Schema, error) {
	location := release + ".json"
	data, err := s.File(ctx, location)
	if err != nil {
		return nil, err
	}
	schema, err := parseSchema(release, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %v", location, ErrBroken, err)
	}
	return schema, nil
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
	if err := json.Unmarshal(data, &file); err != nil {
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

// File reads a file of a release, from a URL or a path, once. The bytes are
// shared: do not change them.
func (s *Schemas) File(ctx context.Context, location string) ([]byte, error) {
	s.mu.Lock()
	data, ok := s.files[location]
	s.mu.Unlock()
	if ok {
		return data, nil
	}
	var r io.ReadCloser
	var err error
	switch {
	case isURL(location) && s.Dir != "":
		r, err = s.openMirrored(location)
	case isURL(location):
		r, err = s.fetch(ctx, location)
	default:
		r, err = openRegular(strings.TrimPrefix(location, "file://"))
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if data, err = io.ReadAll(io.LimitReader(r, maxSchema+1)); err != nil {
		return nil, fmt.Errorf("%s: %w", location, err)
	}
	if len(data) > maxSchema {
		return nil, fmt.Errorf("%s: %w: it is longer than %d MiB", location, ErrBroken, maxSchema>>20)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files == nil {
		s.files = map[string][]byte{}
	}
	s.files[location] = data
	return data, nil
}

// openMirrored opens the file in Dir that stands for a URL.
func (s *Schemas) openMirrored(location string) (io.ReadCloser, error) {
	u, err := url.Parse(location)
	if err != nil {
		return nil, err
	}
	name := path.Join(u.Host, path.Clean("/"+u.Path))
	if u.RawQuery != "" {
		name += "?" + u.RawQuery
	}
	name = filepath.FromSlash(name)
	if u.Host == "" || !filepath.IsLocal(name) {
		return nil, fmt.Errorf("%s: there can be no file for this URL in %s", location, s.Dir)
	}
	return openRegular(filepath.Join(s.Dir, name))
}

// openRegular opens a file that can be read to its end.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%s: %w", path, slap.ErrNotFound)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	return os.Open(path)
}

func (s *Schemas) fetch(ctx context.Context, location string) (io.ReadCloser, error) {
	client := s.HTTP
	if client == nil {
		client = &http.Client{Timeout: 30 * time.Second}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, location, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", slap.UserAgent)
	resp, err := client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("the schema cannot be fetched: %w", err) // the error names the URL
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, slap.NewStatusError(req.Method, location, resp.StatusCode)
	}
	return resp.Body, nil
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
