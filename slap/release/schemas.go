package release

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"slapstar/slap/jsonschema"
)

// maxSchema is the longest schema file, in bytes.
const maxSchema = 4 << 20

// Schemas reads the schema files of releases, each once, from where it may: see
// [Policy]. The zero value reads nothing. It may be used concurrently; its exported
// fields must not change once it is used.
type Schemas struct {
	// Dir is a folder that stands for the web, if it is not empty: what is at
	// http(s)://HOST/PATH is read from DIR/HOST/PATH, where wget -x puts it, and
	// nowhere else. HOST has the port if the URL does, and PATH the query.
	Dir string

	// Root is the folder that paths are relative to and do not leave. If it is empty, no
	// path is read.
	Root string

	// Cache is the folder that keeps what was fetched; empty: none does.
	Cache string

	// Offline says that the network is not used: what is not in the Cache is not had.
	Offline bool

	// Patience is how long a host that nothing but a product names may take for a file;
	// zero: as long as any other, which is 10 seconds.
	Patience time.Duration

	Policy Policy
	Budget *Budget // shared by all that count together; nil: these Schemas have their own

	once      sync.Once
	own       Budget
	documents jsonschema.Documents
	web       *web

	mu       sync.Mutex
	stale    map[string]time.Time // hosts that did not answer, and how old what served instead is
	products []repository         // whose products AllowProduct named
	files    map[string][]byte
	releases map[string]*attempt[*Schema]            // what was tried, by release
	compiled map[string]*attempt[*jsonschema.Schema] // and by location
}

// Cached returns Schemas that read neither the network nor paths: what the cache has, or Dir.
func (s *Schemas) Cached() *Schemas {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Schemas{Dir: s.Dir, Cache: s.Cache, Offline: true, Policy: s.Policy, Budget: s.Budget, products: slices.Clone(s.products)}
}

// Release reads the schema file of a software release, which is a URL or a
// path. The error wraps [slap.ErrNotFound] when the release has none; it is a
// [*RefusedHostError] when the policy does not let it be fetched. A schema that could
// not be read is not read again, one that was refused is.
func (s *Schemas) Release(ctx context.Context, release string) (*Schema, error) {
	return try(ctx, &s.mu, &s.releases, release, func() (*Schema, error) {
		location := release + ".json"
		data, err := s.file(ctx, location)
		if err != nil {
			return nil, err
		}
		schema, err := parseSchema(release, data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %v", shown(location), errBroken, err)
		}
		return schema, nil
	})
}

// file reads a file of a release, from a URL or a path, once. The bytes are
// shared: do not change them.
func (s *Schemas) file(ctx context.Context, location string) ([]byte, error) {
	s.mu.Lock()
	data, ok := s.files[location]
	s.mu.Unlock()
	if ok {
		return data, nil
	}
	data, err := s.read(ctx, location)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files == nil {
		s.files = map[string][]byte{}
	}
	s.files[location] = data
	return data, nil
}

func (s *Schemas) read(ctx context.Context, location string) ([]byte, error) {
	switch {
	case !isURL(location):
		name, err := s.below(location)
		if err != nil {
			return nil, err
		}
		return s.readBelow(s.Root, name, location)
	case s.Dir != "":
		name, err := mirrored(location)
		if err != nil {
			return nil, err
		}
		return s.readBelow(s.Dir, name, location)
	}
	return s.fetch(ctx, location)
}

// readAll reads a file to its end, and counts it.
func (s *Schemas) readAll(r io.Reader, location string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSchema+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", location, errUnreachable, err)
	}
	if len(data) > maxSchema {
		return nil, errTooLong(location)
	}
	return data, s.budget().take(location, len(data))
}

func errTooLong(location string) error {
	return fmt.Errorf("%s: %w: it is longer than %d MiB", location, errBroken, maxSchema>>20)
}

func (s *Schemas) budget() *Budget {
	if s.Budget != nil {
		return s.Budget
	}
	return &s.own
}

// mirrored returns the name in Dir that stands for a URL.
func mirrored(location string) (string, error) {
	u, err := url.Parse(location)
	if err != nil {
		return "", err
	}
	name := path.Join(u.Host, path.Clean("/"+u.Path))
	if u.RawQuery != "" {
		name += "?" + u.RawQuery
	}
	name = filepath.FromSlash(name)
	if u.Host == "" || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%s: there can be no file for this URL in the folder of schemas", location)
	}
	return name, nil
}

// below returns the name below Root of a path, which a release or a schema says: it is
// relative to Root, or begins with it.
func (s *Schemas) below(location string) (string, error) {
	outside := fmt.Errorf("%s: %w", location, errOutside)
	name := filepath.FromSlash(strings.TrimPrefix(location, "file://"))
	if s.Root == "" {
		return "", outside
	}
	if filepath.IsAbs(name) {
		root, err := filepath.Abs(s.Root)
		if err != nil {
			return "", err
		}
		if name, err = filepath.Rel(root, name); err != nil {
			return "", outside
		}
	}
	if name = filepath.Clean(name); !filepath.IsLocal(name) {
		return "", outside
	}
	return name, nil
}
