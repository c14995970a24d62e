package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"slapstar/internal/tree"
	"slapstar/slap/config"
	"slapstar/starlib/lang"
)

// A Trust says whose the files are.
type Trust struct {
	Untrusted bool   // a stranger's: they do not choose the Master, nor as whom it is asked
	Base      string // the git revision at which what decides trust is read; may be empty
	CI        bool   // nobody watches, and it was not said whose the files are
}

// Configuration reads the configuration that belongs to an entry file. Without one
// it is empty.
func (c Connection) Configuration(entry string) (*config.File, error) {
	at, err := config.Find(c.File, entry)
	if err != nil {
		return nil, err
	}
	if at.Path == "" {
		return &config.File{}, nil
	}
	settings, err := c.read(at, entry)
	switch {
	case err == nil:
		return settings, nil
	case c.File == "" && os.Getenv(config.Variable) != "":
		return nil, fmt.Errorf("reading the configuration that $%s names: %w", config.Variable, err)
	case errors.Is(err, ErrRefused):
		return nil, err
	case !at.Named:
		return nil, lang.Hint(fmt.Errorf("reading the configuration: %w", err), "--cfg FILE names one that may lie anywhere")
	}
	return nil, fmt.Errorf("reading the configuration: %w", err)
}

// read reads a configuration that was found or named, as far as it is trusted.
func (c Connection) read(at config.Location, entry string) (*config.File, error) {
	if !c.Trust.Untrusted {
		if at.Named {
			return config.Read(at.Path)
		}
		settings, err := config.ReadFound(at.Path)
		if err == nil && c.Trust.CI && !strings.HasPrefix(settings.MasterURL, embedded) {
			c.say(fmt.Sprintf("%s, which is beside the files, chooses the Master and the certificate; --untrusted is for planning the files of somebody else", at.Path))
		}
		return settings, err
	}
	t, err := c.tree(entry)
	if err != nil {
		return nil, err
	}
	inside := t.holds(at.Path)
	switch {
	case inside && c.Trust.Base != "":
		return c.readBase(t, at)
	case at.Named || !inside:
		return config.Read(at.Path)
	}
	settings, err := config.ReadFound(at.Path)
	if err != nil {
		return nil, err
	}
	file, err := database(settings.MasterURL, filepath.Dir(at.Path))
	if err != nil {
		return nil, err
	}
	if file != "" && t.holds(file) {
		return &config.File{Path: settings.Path, MasterURL: settings.MasterURL, ComputerID: settings.ComputerID,
			Proxy: config.Proxy{Products: settings.Proxy.Products}, Untrusted: true}, nil
	}
	c.say(fmt.Sprintf("%s is not used: it is part of the files, and they are untrusted; --cfg names a configuration, --base REV takes that of a revision", at.Path))
	return &config.File{}, nil
}

// readBase reads a configuration as it is at the base, and says whether the files have
// another one.
func (c Connection) readBase(t strangersTree, at config.Location) (*config.File, error) {
	ctx := context.Background()
	repository, err := openRepository(ctx, t.folder)
	if err != nil {
		return nil, fmt.Errorf("--base %s: %w", c.Trust.Base, err)
	}
	commit, err := repository.commit(ctx, c.Trust.Base)
	if err != nil {
		return nil, fmt.Errorf("--base %s: %w", c.Trust.Base, err)
	}
	name, err := t.relative(at.Path)
	if err != nil {
		return nil, err
	}
	data, err := repository.read(ctx, commit, name)
	if errors.Is(err, fs.ErrNotExist) {
		c.say(fmt.Sprintf("%s is not used: it is part of the files, which are untrusted, and %s does not have it", at.Path, c.Trust.Base))
		return &config.File{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--base %s: %w", c.Trust.Base, err)
	}
	if now, err := t.read(name); err != nil || string(now) != string(data) {
		c.say(fmt.Sprintf("the files change %s: that of %s is used", at.Path, c.Trust.Base))
	}
	settings, err := config.Parse(at.Path, data)
	if err != nil {
		return nil, err
	}
	for key, path := range map[string]string{"cert_file": settings.CertFile, "key_file": settings.KeyFile, "ca_file": settings.CAFile} {
		if path != "" && t.holds(path) {
			return nil, fmt.Errorf("%w: %s of %s is part of the files, and they are untrusted", ErrRefused, key, at.Path)
		}
	}
	return settings, nil
}

// A strangersTree is the folder of untrusted files: the work tree that they are in, or
// else their root.
type strangersTree struct{ folder string } // absolute, without symbolic links

func (c Connection) tree(entry string) (strangersTree, error) {
	folder := "."
	if entry != "" {
		folder = filepath.Dir(entry)
	}
	repository, err := openRepository(context.Background(), folder)
	if err == nil {
		return strangersTree{repository.workTree}, nil
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return strangersTree{}, err
	}
	folder, err = filepath.EvalSymlinks(folder)
	return strangersTree{folder}, err
}

// read reads a file below the folder, by its name there.
func (t strangersTree) read(name string) ([]byte, error) {
	root, err := os.OpenRoot(t.folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return tree.Read(root, name, maxBlob)
}

// relative returns the name of a file below the folder, with slashes. Links on the way
// to the file count, and its own name does not.
func (t strangersTree) relative(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	name, err := filepath.Rel(t.folder, filepath.Join(folder, filepath.Base(path)))
	if err != nil || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%s is outside of the files", path)
	}
	return filepath.ToSlash(name), nil
}

// holds reports whether a file is below the folder.
func (t strangersTree) holds(path string) bool {
	_, err := t.relative(path)
	return err == nil
}

// checkEmbedded refuses the database of an embedded Master that untrusted files could
// lead elsewhere.
func (c Connection) checkEmbedded(entry, database string) error {
	if !c.Trust.Untrusted {
		return nil
	}
	t, err := c.tree(entry)
	if err != nil {
		return err
	}
	if !t.holds(database) {
		return nil // the operator named it
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
		info, err := os.Lstat(database + suffix)
		if err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%w: %s is not a regular file, and the files are untrusted", ErrRefused, database+suffix)
		}
	}
	return nil
}
