package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"slapstar/slap"
	"slapstar/slap/jsonschema"
)

// maxSchema is the longest schema file, in bytes.
const maxSchema = 4 << 20

// Schemas reads the schema files of releases, each once. The zero value is
// ready; it may be used concurrently.
type Schemas struct {
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
	data, err := s.file(ctx, location)
	if err != nil {
		return nil, err
	}
	schema, err := parseSchema(release, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %v", location, errBroken, err)
	}
	return schema, nil
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
	var r io.ReadCloser
	var err error
	switch {
	case isURL(location) && s.Dir != "":
		r, err = s.openMirrored(location)
	case isURL(location):
		r, err = fetch(ctx, location)
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
		return nil, fmt.Errorf("%s: %w: it is longer than %d MiB", location, errBroken, maxSchema>>20)
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

func fetch(ctx context.Context, location string) (io.ReadCloser, error) {
	client := &http.Client{Timeout: 30 * time.Second} // without the certificate of the user
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
