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
	t, err := openStrangersTree(entry)
	if err != nil {
		return nil, err
	}
	// What was only found is never trusted: where the files end is known from git, or not
	// at all.
	strangers := !at.Named || t.touches(at.Path)
	switch {
	case strangers && c.Trust.Base != "":
		return c.readBase(t, at)
	case at.Given || !strangers:
		return config.Read(at.Path)
	case at.Named:
		c.say(fmt.Sprintf("%s is not used: it is part of the files, and they are untrusted; --cfg names a configuration, --base REV takes that of a revision", at.Path))
		return &config.File{}, nil
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
	folder, name := filepath.Split(at.Path)
	if folder == "" {
		folder = "."
	}
	repository, err := openRepository(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("--base %s: %w", c.Trust.Base, err)
	}
	commit, err := repository.commit(ctx, c.Trust.Base)
	if err != nil {
		return nil, fmt.Errorf("--base %s: %w", c.Trust.Base, err)
	}
	data, err := repository.read(ctx, commit, name)
	if errors.Is(err, fs.ErrNotExist) {
		c.say(fmt.Sprintf("%s is not used: it is part of the files, which are untrusted, and %s does not have it", at.Path, c.Trust.Base))
		return &config.File{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--base %s: %w", c.Trust.Base, err)
	}
	if now, err := readFile(folder, name); err != nil || string(now) != string(data) {
		c.say(fmt.Sprintf("the files change %s: that of %s is used", at.Path, c.Trust.Base))
	}
	settings, err := config.Parse(at.Path, data)
	if err != nil {
		return nil, err
	}
	for key, path := range map[string]string{"cert_file": settings.CertFile, "key_file": settings.KeyFile, "ca_file": settings.CAFile} {
		if path != "" && t.touches(path) {
			return nil, fmt.Errorf("%w: %s of %s is part of the files, and they are untrusted", ErrRefused, key, at.Path)
		}
	}
	return settings, nil
}

// readFile reads a regular file of a folder.
func readFile(folder, name string) ([]byte, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return tree.Read(root, name, maxBlob)
}

// A strangersTree is the folder of untrusted files: the work tree that they are in, or
// else the folder of the entry file. Whose it is does not depend on what git says.
type strangersTree struct {
	named    string // absolute, as the entry file is named
	resolved string // without symbolic links
}

// openStrangersTree finds the tree. An entry file that a link leads out of it is refused.
func openStrangersTree(entry string) (strangersTree, error) {
	folder := "."
	if entry != "" {
		folder = filepath.Dir(entry)
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return strangersTree{}, err
	}
	t := strangersTree{named: outermost(folder)}
	if t.resolved, err = filepath.EvalSymlinks(t.named); err != nil {
		return strangersTree{}, err
	}
	resolved, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return strangersTree{}, err
	}
	if !below(t.resolved, resolved) {
		return strangersTree{}, fmt.Errorf("%w: a link leads %s out of %s, and the files are untrusted", ErrRefused, entry, t.named)
	}
	return t, nil
}

// outermost is the work tree that a folder is in: the nearest folder above it, or itself,
// with a .git. Where that is a file or a link, the work tree may be a submodule of another
// one, or stand in it, and the outer one counts. Without any it is the folder itself.
func outermost(folder string) string {
	found := folder
	for at := folder; ; at = filepath.Dir(at) {
		if info, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			if found = at; info.IsDir() {
				return found
			}
		}
		if at == filepath.Dir(at) {
			return found
		}
	}
}

// below reports whether a path is a folder, or below it; both are absolute.
func below(folder, path string) bool {
	name, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(name)
}

// places are where a file is: as it is named, and without the links on the way to it. Its
// own name may be a link.
func places(path string) (named, resolved string, err error) {
	if named, err = filepath.Abs(path); err != nil {
		return "", "", err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(named))
	if err != nil {
		return named, "", nil
	}
	return named, filepath.Join(folder, filepath.Base(named)), nil
}

// touches reports whether a file is in the tree, as it is named or where links lead to:
// then the files decide what it is.
func (t strangersTree) touches(path string) bool {
	named, resolved, err := places(path)
	return err != nil || below(t.named, named) || below(t.resolved, named) || resolved != "" && below(t.resolved, resolved)
}

// holds reports whether a file is below the tree, wherever links lead, and no part of git's
// own data.
func (t strangersTree) holds(path string) bool {
	_, resolved, err := places(path)
	if err != nil || resolved == "" || !below(t.resolved, resolved) {
		return false
	}
	root, err := os.OpenRoot(t.resolved)
	if err != nil {
		return false
	}
	defer root.Close()
	name, err := filepath.Rel(t.resolved, resolved)
	return err == nil && !tree.InGit(root, filepath.ToSlash(name))
}

// checkEmbedded refuses the database of an embedded Master that untrusted files could
// lead elsewhere.
func (c Connection) checkEmbedded(entry, database string) error {
	if !c.Trust.Untrusted {
		return nil
	}
	t, err := openStrangersTree(entry)
	switch {
	case err != nil:
		return err
	case !t.touches(database):
		return nil // the operator named it
	case !t.holds(database):
		return fmt.Errorf("%w: a link leads %s out of the files, or it is git's, and the files are untrusted", ErrRefused, database)
	}
	beside, err := filepath.Glob(pathPattern.Replace(database) + "*") // the log, locks, and what a slapproxy is taken over to
	if err != nil {
		return err
	}
	for _, path := range beside {
		info, err := os.Lstat(path)
		if err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%w: %s is not a regular file, and the files are untrusted", ErrRefused, path)
		}
	}
	return nil
}

// pathPattern makes a pattern of a path that matches nothing else.
var pathPattern = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`)
