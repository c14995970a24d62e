package run

import (
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"slapstar/slap/config"
	"slapstar/starlib/lang"
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
	now, err := c.files()
	if err != nil {
		return false, err
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		data, err := read(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && string(data) != now[name] {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// files are what the environment is made of, by names below the root of the project: also
// its configuration and policies, where they are there.
func (c Change) files() (map[string]string, error) {
	list := map[string]string{}
	for name, text := range c.Sources.Text {
		list[name] = text
	}
	for name, encoded := range c.Sources.Data {
		data, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, err
		}
		list[name] = string(data)
	}
	others := append(c.Environment.Policies(), c.Configuration)
	if c.Environment.Locked {
		others = append(others, filepath.Join(c.Environment.Project.Root, lockFile))
	}
	for _, path := range others {
		name, err := filepath.Rel(absolute(c.Environment.Project.Root), absolute(path))
		if path == "" || err != nil || !filepath.IsLocal(name) {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		list[filepath.ToSlash(name)] = string(data)
	}
	return list, nil
}

// lockFile is where the products of a project are locked.
const lockFile = "products.lock"

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
