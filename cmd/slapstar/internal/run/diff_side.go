package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"slapstar/cmd/slapstar/internal/lock"
	"slapstar/slap/config"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// A Side is one of the two that [Diff.Compare] compares.
type Side struct {
	Revision string // of git; empty: the work tree
	File     string // the entry file, from the working folder; it need not be there

	Undeclared bool                // the project has no such environment there
	Vars       map[string]lang.Var // instead of those of both sides; nil: these
}

// Name names the side for people.
func (s Side) Name() string {
	if s.Revision == "" {
		return "the work tree"
	}
	return s.Revision
}

// A diffSide is what is known of a side before it is evaluated.
type diffSide struct {
	Side
	inputs     starlib.Inputs
	missing    bool               // it has no entry file: it declares nothing
	locked     map[string]product // by name
	configured map[string]string  // URLs, by name
}

type product = lock.Product

// side reads what stands beside the files of a side, and finds its entry file.
func (d Diff) side(ctx context.Context, s Side) (*diffSide, error) {
	side := &diffSide{Side: s, inputs: d.Inputs}
	wrap := func(err error) error {
		if s.Revision == "" {
			return err
		}
		return fmt.Errorf("%s: %w", s.Revision, err)
	}
	source := lang.Source{File: s.File, Root: d.Inputs.Root, Print: d.Inputs.Print}
	at, err := takeSnapshot(ctx, source.Folder(), s.Revision)
	if err != nil {
		return nil, wrap(err)
	}
	entry, err := within(source.Folder(), s.File)
	if err != nil {
		return nil, err
	}
	there, err := at.has(ctx, entry)
	if err != nil {
		return nil, wrap(err)
	}
	side.missing = !there || s.Undeclared
	if s.Vars != nil {
		side.inputs.Vars = s.Vars
	}
	source.Sources = &lang.Sources{Text: map[string]string{}}
	if s.Revision != "" {
		source.File, source.Root = entry, ""
		source.Sources.Read = func(name string) ([]byte, error) { return at.read(ctx, name) }
		side.inputs.Vars = implicit(side.inputs.Vars)
	}
	side.inputs.Source = d.Watch.Source(source)
	if side.locked, err = d.lockedAt(ctx, s); err != nil {
		return nil, wrap(err)
	}
	if side.configured, err = d.configuredAt(ctx, s); err != nil {
		return nil, wrap(err)
	}
	return side, nil
}

// lockedAt are the products that the lock of a side has.
func (d Diff) lockedAt(ctx context.Context, s Side) (map[string]product, error) {
	folder := d.LockFolder
	if folder == "" {
		folder = filepath.Dir(s.File)
	}
	at, err := takeSnapshot(ctx, folder, s.Revision)
	if err != nil {
		return nil, err
	}
	data, err := at.read(ctx, lock.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f, err := lock.Parse(lock.Name, data)
	if err != nil {
		return nil, err
	}
	return f.Environments[d.Environment], nil
}

// configuredAt are the products that the configuration of a side lists: the one that is
// part of the files as it is there, any other as it is.
func (d Diff) configuredAt(ctx context.Context, s Side) (map[string]string, error) {
	found, err := config.Find(d.Connection.File, s.File)
	if err != nil {
		return nil, err
	}
	beside := filepath.Join(filepath.Dir(s.File), "slapos.cfg")
	if found.Path == "" {
		found.Path = beside
	}
	ours := s.Revision != "" && !found.Given && d.inWorkTree(found.Path, s.File)
	if !ours {
		settings, err := d.Connection.Configuration(s.File)
		if err != nil {
			return nil, err
		}
		return settings.Proxy.Products, nil
	}
	at, err := takeSnapshot(ctx, filepath.Dir(found.Path), s.Revision)
	if err != nil {
		return nil, err
	}
	data, err := at.read(ctx, filepath.Base(found.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	settings, err := config.Parse(found.Path, data)
	if err != nil {
		return nil, err
	}
	return settings.Proxy.Products, nil
}

// inWorkTree reports whether a file is in the git work tree of the entry file.
func (d Diff) inWorkTree(path, entry string) bool {
	r, err := findRepository(ExistingFolder(filepath.Dir(entry)))
	if err != nil {
		return false
	}
	named, resolved, err := places(path)
	return err == nil && (below(r.workTree, named) || resolved != "" && below(r.workTree, resolved))
}
