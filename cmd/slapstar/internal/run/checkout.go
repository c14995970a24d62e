package run

import (
	"context"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// maxNames bounds the names of files that git lists, in bytes.
const maxNames = 64 << 20

// A Checkout is the commit that files are of.
type Checkout struct {
	Commit string // empty: the files are in no repository, or git cannot say it
	Dirty  *bool  // a file that was read is not as the commit has it; nil: it is not known
}

// Checkout returns the commit that the work tree of the files is at, and whether one of
// those that were read differs from it, or is not in it. Other files do not count: a
// plan that is written beside them changes nothing. Where git has no answer there is no
// error, since the plan does not depend on it. Files of a stranger are not compared: git
// would let them choose among the filters of its configuration.
func (p *Planner) Checkout(ctx context.Context) (c Checkout) {
	in := p.files.inputs
	r, err := findRepository(in.Folder())
	if err != nil {
		return c
	}
	commit, err := r.git(ctx, maxGitOutput, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	if err != nil {
		return c
	}
	c.Commit = strings.TrimSpace(string(commit))
	if p.master.untrusted {
		return c
	}
	// Both name files from the top of the work tree.
	tracked, err := r.git(ctx, maxNames, "--literal-pathspecs", "ls-files", "-z", "--full-name", "--", r.folder)
	if err != nil {
		return c
	}
	changed, err := r.git(ctx, maxNames, "--literal-pathspecs", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=no", "--ignore-submodules=all", "--", r.folder)
	if err != nil {
		return c
	}
	const mark = len("XY ") // git help status, "Short Format"
	known, moved := names(tracked, 0), names(changed, mark)
	read := slices.Concat(slices.Collect(maps.Keys(in.Sources.Text)), slices.Collect(maps.Keys(in.Sources.Data)))
	dirty := slices.ContainsFunc(read, func(name string) bool {
		return slices.ContainsFunc(r.filesOf(name), func(file string) bool { return moved[file] || !known[file] })
	})
	c.Dirty = &dirty
	return c
}

// filesOf are the file that was read under a name, and what it leads to if it is a link,
// from the top of the work tree.
func (r *repository) filesOf(name string) []string {
	list := []string{path.Join(r.folder, name)}
	target, err := filepath.EvalSymlinks(filepath.Join(r.workTree, filepath.FromSlash(list[0])))
	if err != nil {
		return list
	}
	if inside, err := filepath.Rel(r.workTree, target); err == nil && filepath.ToSlash(inside) != list[0] {
		list = append(list, filepath.ToSlash(inside))
	}
	return list
}

// names are those that git lists with -z, each after a mark of some bytes.
func names(list []byte, mark int) map[string]bool {
	set := map[string]bool{}
	for entry := range strings.SplitSeq(string(list), "\x00") {
		if len(entry) > mark {
			set[entry[mark:]] = true
		}
	}
	return set
}
