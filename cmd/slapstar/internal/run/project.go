package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"slapstar/slap/config"
	"slapstar/starlib/lang"
	"slapstar/starlib/project"
)

// A Project is a folder with a project file, and what that says.
type Project struct {
	*project.Project
	Root string // relative to the working folder if it is that or below; else absolute

	// Withheld says that the project file is a stranger's, so that it was not evaluated:
	// the files are untrusted, and no base is named.
	Withheld bool
}

// A Lookup says how a project file is looked for, and evaluated.
type Lookup struct {
	Folder  string // in which, or above which, it is
	Trust   Trust
	Source  func(lang.Source) lang.Source // adds the limits of the evaluation
	Version string                        // of slapstar
}

// FindProject returns the project that a folder is in; nil: it is in none. The file is
// looked for in the folder and above it, up to the root of the git repository. One that
// belongs to somebody else counts where git trusts the repository; outside of one it is
// passed over.
//
// Of untrusted files the project file is that of the base, whatever theirs says.
func FindProject(ctx context.Context, l Lookup) (*Project, error) {
	if l.Trust.Untrusted && l.Trust.Base != "" {
		return l.atBase(ctx)
	}
	root, err := l.onDisk(ctx)
	if root == "" || err != nil {
		return nil, err
	}
	p := &Project{Project: &project.Project{}, Root: fromWorkingFolder(root), Withheld: l.Trust.Untrusted}
	if p.Withheld {
		return p, nil
	}
	return p, p.evaluate(ctx, l, lang.Source{File: filepath.Join(p.Root, project.File), Root: p.Root})
}

func (p *Project) evaluate(ctx context.Context, l Lookup, source lang.Source) (err error) {
	p.Project, err = project.Exec(ctx, l.Source(source), l.Version)
	return err
}

// onDisk returns the folder of the project file; empty: there is none.
func (l Lookup) onDisk(ctx context.Context) (string, error) {
	folder, err := filepath.Abs(l.Folder)
	if err != nil {
		return "", err
	}
	for at := folder; ; at = filepath.Dir(at) {
		file := filepath.Join(at, project.File)
		if info, err := os.Lstat(file); err == nil && !info.IsDir() {
			ours, err := trusted(ctx, at, info)
			if ours || err != nil {
				return at, err
			}
		}
		_, err := os.Lstat(filepath.Join(at, ".git"))
		if err == nil || at == filepath.Dir(at) || l.Trust.Untrusted && at == outermost(folder) { // what is above is not the stranger's
			return "", nil
		}
	}
}

// trusted reports whether a project file counts: it is the user's own, or git trusts the
// repository that it is in.
func trusted(ctx context.Context, folder string, info fs.FileInfo) (bool, error) {
	if !othersFile(info) {
		return true, nil
	}
	_, err := openRepository(ctx, folder)
	if errors.Is(err, errNoRepository) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s belongs to somebody else: %w", filepath.Join(folder, project.File), err)
	}
	return true, nil
}

// atBase finds the project file as it is at the base, in the folder or above it.
func (l Lookup) atBase(ctx context.Context) (*Project, error) {
	wrap := func(err error) error { return fmt.Errorf("--base %s: %w", l.Trust.Base, err) }
	r, err := openRepository(ctx, l.Folder)
	if errors.Is(err, errNoRepository) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap(err)
	}
	commit, err := r.commit(ctx, l.Trust.Base)
	if err != nil {
		return nil, wrap(err)
	}
	for folder := r.folder; ; folder = path.Dir(folder) {
		at := repository{workTree: r.workTree, folder: folder}
		_, err := at.read(ctx, commit, project.File)
		if err == nil {
			p := &Project{Root: fromWorkingFolder(filepath.Join(r.workTree, filepath.FromSlash(folder)))}
			read := func(name string) ([]byte, error) { return at.read(ctx, commit, name) }
			return p, p.evaluate(ctx, l, lang.Source{File: project.File, Sources: &lang.Sources{Text: map[string]string{}, Read: read}})
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, wrap(err)
		}
		if folder == "." {
			return nil, nil
		}
	}
}

// fromWorkingFolder is an absolute path, or the same from the working folder if it is
// below that.
func fromWorkingFolder(folder string) string {
	here, err := os.Getwd()
	if err != nil {
		return folder
	}
	for _, here := range []string{here, resolved(here)} {
		if short, err := filepath.Rel(here, folder); err == nil && filepath.IsLocal(short) {
			return short
		}
	}
	return folder
}

// resolved is a path without symbolic links, if that is known.
func resolved(path string) string {
	if found, err := filepath.EvalSymlinks(path); err == nil {
		return found
	}
	return path
}

// An Environment is one of a project.
type Environment struct {
	project.Environment
	Project *Project
}

// Find returns the environment of that name, or nil.
func (p *Project) Find(name string) *Environment {
	found := p.Project.Find(name)
	if found == nil {
		return nil
	}
	return &Environment{*found, p}
}

// File is the entry file.
func (v *Environment) File() string {
	return filepath.Join(v.Project.Root, filepath.FromSlash(v.Entry))
}

// Configuration is the file that the environment names; empty: it names none.
func (v *Environment) Configuration() string { return v.path(v.Cfg) }

// Policies are the files with the policies of the environment.
func (v *Environment) Policies() []string {
	var list []string
	for _, name := range v.Policy {
		list = append(list, v.path(name))
	}
	return list
}

// SecretPattern is where the secrets of the environment come from, see [SecretSources].
func (v *Environment) SecretPattern() string {
	folder, ok := strings.CutPrefix(v.Secrets, "file:")
	if !ok {
		return v.Secrets
	}
	return "file:" + v.path(strings.TrimSuffix(folder, "/*")) + "/*"
}

// elsewhere reports whether a path says where it begins.
func elsewhere(name string) bool { return strings.HasPrefix(name, "~/") || filepath.IsAbs(name) }

// path is where a path of the project file leads to.
func (v *Environment) path(name string) string {
	switch {
	case name == "":
		return ""
	case elsewhere(name): // a configuration that says where it begins
		return config.ExpandHome(name)
	}
	return filepath.Join(v.Project.Root, filepath.FromSlash(name))
}

// Check returns an error with the place in the project file, if a file that it names does
// not exist. Those of the base need not.
func (v *Environment) Check(trust Trust) error {
	for _, named := range []struct{ argument, path string }{{"entry", v.File()}, {"cfg", v.Configuration()}} {
		if named.path == "" || trust.Untrusted && named.argument == "cfg" {
			continue
		}
		info, err := os.Stat(named.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			err = fmt.Errorf("there is no file %s", named.path)
		case err == nil && info.IsDir():
			err = fmt.Errorf("%s is a folder, want a file", named.path)
		}
		if err != nil {
			return lang.NewError(v.Origin.Position(), fmt.Errorf("environment %q: for parameter %s: %w", v.Name, named.argument, err))
		}
	}
	return v.checkLinks(trust)
}

// checkLinks refuses a configuration in a folder that a link of untrusted files leads
// elsewhere: it would be read there.
func (v *Environment) checkLinks(trust Trust) error {
	if !trust.Untrusted || v.Cfg == "" || elsewhere(v.Cfg) {
		return nil
	}
	root, err := filepath.Abs(v.Project.Root)
	if err != nil {
		return err
	}
	root = resolved(root)
	folder, err := filepath.EvalSymlinks(filepath.Join(root, filepath.Dir(filepath.FromSlash(v.Cfg))))
	if err == nil && !below(root, folder) {
		return fmt.Errorf("%w: a link leads %s out of the project, and the files are untrusted", ErrRefused, v.Configuration())
	}
	return nil
}
