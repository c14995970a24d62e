package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"slapstar/slap"
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

	Policy Policy
	Budget *Budget // shared by all that count together; nil: these Schemas have their own

	once sync.Once
	own  Budget
	web  *web

	mu       sync.Mutex
	products []repository // whose products AllowProduct named
	files    map[string][]byte
	releases map[string]*attempt[*Schema]            // what was tried, by release
	compiled map[string]*attempt[*jsonschema.Schema] // and by location
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

// fetch reads a file from the web, or from the cache, as the policy allows.
func (s *Schemas) fetch(ctx context.Context, location string) ([]byte, error) {
	u, err := parseWeb(location)
	if err != nil {
		return nil, err
	}
	if _, err := s.allowed(u); err != nil { // before the cache: it must not decide
		return nil, err
	}
	kept := openCache(s.Cache)
	defer kept.close()
	old, fresh := kept.read(u.String())
	if fresh {
		return old, s.budget().take(location, len(old))
	}
	data, err := s.fetchNow(ctx, u)
	switch {
	case err == nil:
		kept.write(u.String(), data)
		return data, nil
	case old != nil && ctx.Err() == nil && isUnreachable(err): // better an old answer than none
		return old, s.budget().take(location, len(old))
	}
	return nil, err
}

// errUnreachable is wrapped by the errors of a host that did not answer.
var errUnreachable = errors.New("the schema cannot be fetched")

func isUnreachable(err error) bool { return errors.Is(err, errUnreachable) }

func (s *Schemas) fetchNow(ctx context.Context, u *url.URL) ([]byte, error) {
	location := u.String()
	limited, done, err := s.budget().begin(ctx, location)
	if err != nil {
		return nil, err
	}
	defer done()
	req, err := http.NewRequestWithContext(limited, http.MethodGet, location, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", slap.UserAgent)
	resp, err := s.client().Do(req)
	if err != nil {
		return nil, s.fetchError(ctx, limited, location, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, slap.NewStatusError(req.Method, location, resp.StatusCode)
	}
	data, err := s.readAll(resp.Body, location)
	if err != nil && limited.Err() != nil {
		return nil, s.fetchError(ctx, limited, location, err)
	}
	return data, err
}

// fetchError returns the error for a file that was not answered.
func (s *Schemas) fetchError(ctx, limited context.Context, location string, err error) error {
	refused, isRefused := errors.AsType[*RefusedHostError](err)
	_, isForm := errors.AsType[*formError](err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil: // the time of the run is over
		return fmt.Errorf("%s: %w", location, context.Cause(limited))
	case isRefused:
		return refused
	case isForm, errors.Is(err, errSpent):
		return errors.Unwrap(err) // without the words of package http
	}
	return fmt.Errorf("%w: %w", errUnreachable, err) // the error names the URL
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
