package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"slapstar/engine"
	"slapstar/internal/tree"
	"slapstar/starlib/lang"
)

// PolicyName is the file of policies beside an entry file, or a project file.
const PolicyName = "policy.star"

// A PolicySource is a file of policies, and where its text comes from.
type PolicySource struct {
	Name   string // as it is shown
	Source lang.Source
	Saved  bool // it is that of a saved plan
}

// Policies finds the policies that hold for the plan of an entry file: that beside it, and
// that beside the project file, if there are such, those of its environment, and those that
// are named. The project and the environment may be nil. Where
// the files are untrusted, one that is part of them counts as it is at the base, or not at
// all: one that is named is refused then. A file counts once.
func (c Connection) Policies(ctx context.Context, files lang.Source, p *Project, v *Environment, named []string) ([]PolicySource, error) {
	var list []PolicySource
	counted := map[string]bool{}
	found := func(root, folder, name string) error {
		path := filepath.Join(folder, PolicyName)
		if counted[absolute(path)] {
			return nil
		}
		s, err := c.policyIn(ctx, root, path)
		if err != nil || s == nil {
			return err
		}
		s.Name = name
		counted[absolute(path)] = true
		list = append(list, *s)
		return nil
	}
	if err := found(files.Folder(), filepath.Dir(files.File), PolicyName); err != nil {
		return nil, err
	}
	if p != nil {
		if err := found(p.Root, p.Root, projectFolder+PolicyName); err != nil {
			return nil, err
		}
	}
	if v != nil {
		for i, path := range v.Policies() {
			if counted[absolute(path)] {
				continue
			}
			counted[absolute(path)] = true
			s, err := c.policyOf(ctx, v, v.Policy[i], path)
			if err != nil {
				return nil, lang.NewError(v.Origin.Position(), fmt.Errorf("environment %q: for parameter policy: %w", v.Name, err))
			}
			list = append(list, s)
		}
	}
	for _, path := range named {
		if counted[absolute(path)] {
			continue
		}
		counted[absolute(path)] = true
		s, err := c.namedPolicy(ctx, files.File, path)
		if err != nil {
			return nil, fmt.Errorf("--policy %s: %w", path, err)
		}
		list = append(list, s)
	}
	return list, nil
}

// policyIn is a policy that nobody names, below a root; nil: there is none.
func (c Connection) policyIn(ctx context.Context, root, path string) (*PolicySource, error) {
	_, err := os.Lstat(path) // a link is for the evaluation to judge
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	there := err == nil
	switch {
	case !c.Trust.Untrusted && there:
		return &PolicySource{Source: lang.Source{File: path, Root: root}}, nil
	case !c.Trust.Untrusted:
		return nil, nil
	case c.Trust.Base == "" && there:
		c.say(fmt.Sprintf("%s is not used: it is part of the files, and they are untrusted; --base REV takes that of a revision, --policy names one elsewhere", path))
		return nil, nil
	case c.Trust.Base == "":
		return nil, nil
	}
	s, err := c.policyAtBase(ctx, root, path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && there:
		c.say(fmt.Sprintf("%s is not used: it is part of the files, which are untrusted, and %s does not have it", path, c.Trust.Base))
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &s, nil
}

// projectFolder begins the name of a policy of the project, beside the project file or named
// by it: what follows is below its folder.
const projectFolder = "//"

// OfProject reports whether a policy has the name of one of a project.
func OfProject(name string) bool { return strings.HasPrefix(name, projectFolder) }

// policyOf is a policy that the project file names for an environment. Its root is that of
// the project.
func (c Connection) policyOf(ctx context.Context, v *Environment, name, path string) (PolicySource, error) {
	root := v.Project.Root
	if c.Trust.Untrusted { // then the project file is that of the base, and so is this
		s, err := c.policyAtBase(ctx, root, path)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w: %s does not have %s", ErrRefused, c.Trust.Base, path)
		}
		s.Name = projectFolder + name
		return s, err
	}
	info, err := os.Lstat(path) // a link is for the evaluation to judge
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return PolicySource{}, fmt.Errorf("%w: there is no file %s", ErrRefused, path)
	case err != nil:
		return PolicySource{}, err
	case info.IsDir():
		return PolicySource{}, fmt.Errorf("%w: %s is a folder, want a file", ErrRefused, path)
	}
	return PolicySource{Name: projectFolder + name, Source: lang.Source{File: path, Root: root}}, nil
}

// namedPolicy is a policy that the operator names. Its root is its folder.
func (c Connection) namedPolicy(ctx context.Context, entry, path string) (PolicySource, error) {
	info, err := os.Stat(path)
	isThere := err == nil && info.Mode().IsRegular()
	if c.Trust.Untrusted {
		t, err := openStrangersTree(entry)
		if err != nil {
			return PolicySource{}, err
		}
		if t.touches(path) {
			if c.Trust.Base == "" {
				return PolicySource{}, lang.Hint(fmt.Errorf("%w: it is part of the files, and they are untrusted", ErrRefused), "--base REV takes that of a revision; or name a policy that is elsewhere")
			}
			s, err := c.policyAtBase(ctx, filepath.Dir(path), path)
			if errors.Is(err, fs.ErrNotExist) {
				return s, fmt.Errorf("%w: it is part of the files, which are untrusted, and %s does not have it", ErrRefused, c.Trust.Base)
			}
			return s, err
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return PolicySource{}, fmt.Errorf("%w: there is no such file", ErrRefused)
	case !isThere:
		return PolicySource{}, fmt.Errorf("%w: it is no file that can be read", ErrRefused)
	}
	return PolicySource{Name: filepath.ToSlash(path), Source: lang.Source{File: path}}, nil
}

// policyAtBase is a policy as it is at the base, below a root. Its error is
// [fs.ErrNotExist] where the base has none.
func (c Connection) policyAtBase(ctx context.Context, root, path string) (PolicySource, error) {
	wrong := func(err error) (PolicySource, error) {
		return PolicySource{}, fmt.Errorf("%s at --base %s: %w", path, c.Trust.Base, err)
	}
	name, err := filepath.Rel(root, path)
	if err != nil {
		return wrong(err)
	}
	name = filepath.ToSlash(name)
	repository, err := openRepository(ctx, root)
	if err != nil {
		return wrong(err)
	}
	commit, err := repository.commit(ctx, c.Trust.Base)
	if err != nil {
		return wrong(err)
	}
	read := func(name string) ([]byte, error) {
		data, err := repository.read(ctx, commit, name)
		if errors.Is(err, tree.ErrOutside) {
			err = errors.New("in this revision it is outside of the folder, which load does not leave")
		}
		return data, err
	}
	text, err := read(name)
	if err != nil {
		return wrong(err)
	}
	if now, err := readFile(root, name); err != nil || string(now) != string(text) {
		c.say(fmt.Sprintf("the files change %s: that of %s is used", path, c.Trust.Base))
	}
	return PolicySource{Name: filepath.Base(path), Source: lang.Source{File: name, Sources: &lang.Sources{Text: map[string]string{}, Read: read}}}, nil
}

// A savedPolicy is a policy as a saved plan has it.
type savedPolicy struct {
	Name    string            `json:"name"`
	Entry   string            `json:"entry"` // among the sources
	Sources map[string]string `json:"sources"`
}

// saved are the policies as a plan keeps them.
func (p *Policies) saved() (list []savedPolicy, err error) {
	if p == nil {
		return nil, nil
	}
	for _, f := range p.files {
		s := savedPolicy{Name: f.source.Name, Entry: f.source.Source.File, Sources: f.source.Source.Sources.Text}
		if f.source.Source.Sources.Read == nil { // it comes from disk
			if s.Entry, err = f.source.Source.EntryName(); err != nil {
				return nil, err
			}
		}
		list = append(list, s)
	}
	return list, nil
}

// source is a saved policy as it is judged again.
func (s savedPolicy) source() PolicySource {
	return PolicySource{Name: s.Name, Saved: true, Source: lang.Source{File: s.Entry, Sources: closedSources(s.Sources, nil)}}
}

// policies are those that judged a saved plan, with what was overridden.
func (p *SavedPlan) policies() *Policies {
	by := &Policies{Lenient: true}
	for _, s := range p.Policies {
		by.Sources = append(by.Sources, s.source())
	}
	if p.Plan.Policy != nil {
		for _, o := range p.Plan.Policy.Overrides {
			by.Overrides = append(by.Overrides, engine.Override{Name: o.Name, Reason: o.Reason})
		}
	}
	return by
}
