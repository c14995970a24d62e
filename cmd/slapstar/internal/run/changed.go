package run

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"slapstar/cmd/slapstar/internal/lock"
	"slapstar/slap/config"
	"slapstar/starlib/lang"
	"slapstar/starlib/policy"
	"slapstar/starlib/project"
)

// A Change asks whether an environment has changed since a git revision.
type Change struct {
	Environment   *Environment
	Sources       *lang.Sources // what its evaluation has read
	Configuration string        // the file that it uses; empty: none
	Revision      string
	Lookup        Lookup
}

// Changed reports whether a file that the environment is made of, or its declaration, is
// another one at the revision. Where that cannot be evaluated, it has changed.
func Changed(ctx context.Context, c Change) (bool, error) {
	root := c.Environment.Project.Root
	r, err := openRepository(ctx, root)
	if err != nil {
		return false, err
	}
	commit, err := r.commit(ctx, c.Revision)
	if err != nil {
		return false, err
	}
	read := func(name string) ([]byte, error) { return r.read(ctx, commit, name) }
	before, err := project.Exec(ctx, c.Lookup.Source(lang.Source{File: project.File, Sources: &lang.Sources{Text: map[string]string{}, Read: read}}), c.Lookup.Version)
	if err != nil {
		return true, ctx.Err()
	}
	was := before.Find(c.Environment.Name)
	if was == nil || !was.Same(c.Environment.Environment) {
		return true, nil
	}
	now, err := c.files(ctx)
	if _, wrong := errors.AsType[*lang.Error](err); wrong && ctx.Err() == nil {
		return true, nil // a policy cannot be evaluated: the command says so
	}
	if err != nil {
		return false, err
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		data, err := read(name)
		gone := errors.Is(err, fs.ErrNotExist)
		if err != nil && !gone {
			return false, err
		}
		if gone != (now[name] == nil) || !bytes.Equal(data, now[name]) {
			return true, nil
		}
	}
	return false, nil
}

// files are what the environment is made of, by names below the root of the project: also
// its configuration and policies, with what these load. What is not there is nil.
func (c Change) files(ctx context.Context) (map[string][]byte, error) {
	list := map[string][]byte{}
	for name, text := range c.Sources.Text {
		list[name] = []byte(text)
	}
	for name, encoded := range c.Sources.Data {
		data, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, err
		}
		list[name] = append([]byte{}, data...)
	}
	policies := append(c.Environment.Policies(), filepath.Join(filepath.Dir(c.Environment.File()), PolicyName), filepath.Join(c.Environment.Project.Root, PolicyName))
	for _, path := range policies {
		if err := c.addPolicy(ctx, list, path); err != nil {
			return nil, err
		}
	}
	others := append(policies, c.Configuration, filepath.Join(c.Environment.Project.Root, lock.Name))
	for _, path := range others {
		name, err := filepath.Rel(absolute(c.Environment.Project.Root), absolute(path))
		if path == "" || err != nil || !filepath.IsLocal(name) {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err == nil {
			data = append([]byte{}, data...)
		}
		list[filepath.ToSlash(name)] = data
	}
	return list, nil
}

// addPolicy adds what a policy loads. That of a stranger is not evaluated.
func (c Change) addPolicy(ctx context.Context, list map[string][]byte, path string) error {
	if c.Lookup.Trust.Untrusted || !Exists(path) {
		return nil
	}
	files := c.Lookup.Source(lang.Source{File: path, Root: c.Environment.Project.Root, Sources: &lang.Sources{Text: map[string]string{}}})
	files.Print = nil
	if _, err := policy.Read(ctx, path, files); err != nil {
		return err
	}
	for name, text := range files.Sources.Text {
		list[name] = []byte(text)
	}
	return nil
}

func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// Beside is the configuration file of an entry file; empty: there is none.
func (c Connection) Beside(entry string) (string, error) {
	at, err := config.Find(c.File, entry)
	return at.Path, err
}
