package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"slapstar/slap/jsonschema"
)

// Fingerprint returns "sha256:" and the digest of what a release says of the parameters of
// its software types: its schema file, and the schemas that this and they refer to. A copy
// of the files elsewhere has the same. The error is that of Release, or says which schema
// cannot be had.
func (s *Schemas) Fingerprint(ctx context.Context, release string) (string, error) {
	schema, err := s.Release(ctx, release)
	if err != nil {
		return "", err
	}
	data, err := s.file(ctx, release+".json")
	if err != nil {
		return "", err
	}
	files := map[string][]byte{release + ".json": data}
	for _, t := range schema.Types {
		if t.Broken != "" {
			continue
		}
		if err := s.collect(ctx, t.Request, files); err != nil {
			return "", ofType{err}
		}
	}
	folder := release[:strings.LastIndex(release, "/")+1]
	h := sha256.New()
	for _, location := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%q %d\n", strings.TrimPrefix(location, folder), len(files[location]))
		h.Write(files[location])
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// collect adds a schema, and all that it refers to and that can be had.
func (s *Schemas) collect(ctx context.Context, location string, files map[string][]byte) error {
	target, err := s.target(location)
	if err != nil {
		return err
	}
	var failed error
	_, err = jsonschema.Compile(target, func(read string) ([]byte, error) {
		data, err := s.file(ctx, strings.TrimPrefix(read, "/"))
		if err != nil {
			failed = errors.Join(failed, err)
			return nil, err
		}
		files[strings.TrimPrefix(read, "/")] = data
		return data, nil
	})
	if failed != nil {
		return failed
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %w", location, errBroken, err)
	}
	return nil
}
