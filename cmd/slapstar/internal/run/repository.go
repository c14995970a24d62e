package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"slapstar/internal/tree"
	"slapstar/starlib/lang"
)

// maxBlob is the largest file that is read from a repository, in bytes.
const maxBlob = 32 << 20

// maxGitOutput bounds what git may write besides, in bytes.
const maxGitOutput = 1 << 20

// A repository is the git repository of a work tree. All that asks git goes through
// it: the files of the work tree are a stranger's, and decide neither which
// repository answers nor what runs.
type repository struct {
	workTree string // absolute, without symbolic links
	folder   string // of the evaluation, in the work tree, with slashes; "." is the work tree itself
}

// findRepository finds the work tree that a folder is in: the nearest folder above it,
// or itself, with a .git, which is a folder or, in worktrees and submodules, a file. Git
// takes no file of this name into a commit, so it is the operator's. The error is
// errNoRepository when there is none; git is not asked.
func findRepository(folder string) (*repository, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		return nil, err
	}
	r := &repository{workTree: folder}
	for {
		info, err := os.Lstat(filepath.Join(r.workTree, ".git"))
		if err == nil && (info.IsDir() || info.Mode().IsRegular()) {
			break
		}
		parent := filepath.Dir(r.workTree)
		if parent == r.workTree {
			return nil, noRepository()
		}
		r.workTree = parent
	}
	inside, err := filepath.Rel(r.workTree, folder)
	if err != nil {
		return nil, err
	}
	r.folder = filepath.ToSlash(inside)
	return r, nil
}

// openRepository finds the repository that a folder is in, and requires that git reads
// the same one.
func openRepository(ctx context.Context, folder string) (*repository, error) {
	r, err := findRepository(folder)
	if err != nil {
		return nil, err
	}
	// An older git, or a .git that is damaged, may have found another repository.
	top, err := r.git(ctx, maxGitOutput, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	found, err := filepath.EvalSymlinks(strings.TrimSuffix(string(top), "\n"))
	if err != nil || found != r.workTree {
		return nil, fmt.Errorf("git finds another repository than the one of %s: is its .git damaged?", r.workTree)
	}
	return r, nil
}

var errNoRepository = errors.New("the files are in no git repository: no folder above them has a .git")

// noRepository is the error of files without a repository. $GIT_DIR is not used: it could
// be that of a git that runs slapstar on other files.
func noRepository() error {
	if dir := os.Getenv("GIT_DIR"); dir != "" {
		return lang.Hint(fmt.Errorf("%w, and GIT_DIR=%s is not used", errNoRepository, dir), "plan the files in a work tree with a .git, which git clone and git worktree add make")
	}
	return errNoRepository
}

// commit returns the name of the commit that a revision stands for. A name that is
// ambiguous is refused: where git would warn and choose, a tag of a stranger could
// shadow a branch.
func (r *repository) commit(ctx context.Context, revision string) (string, error) {
	unknown := fmt.Errorf("git knows no revision %q", revision)
	out, err := r.git(ctx, maxGitOutput, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return "", r.explain(ctx, unknown, err)
	}
	commit := strings.TrimSpace(string(out))
	if !hash.MatchString(commit) {
		return "", fmt.Errorf("git takes %q for a range, want the revision of one commit", revision)
	}
	name := revision
	if end := nameEnd.FindStringIndex(revision); end != nil {
		name = revision[:end[0]]
	}
	switch {
	case name == "" || len(name) == len(commit) && hash.MatchString(strings.ToLower(name)):
		return commit, nil
	case name == "@":
		name = "HEAD"
	}
	if name == "HEAD" || strings.HasPrefix(name, "refs/") {
		// Without the ref of this name, git found one such as refs/tags/refs/heads/main.
		if found, err := r.refs(ctx, name); err != nil || len(found) == 0 {
			return "", r.explain(ctx, unknown, cmp.Or(err, errGit))
		}
		return commit, nil
	}
	meanings, err := r.meanings(ctx, name)
	if err != nil {
		return "", err
	}
	if len(meanings) > 1 {
		return "", lang.Hint(fmt.Errorf("%q is ambiguous: it is %s", name, strings.Join(meanings, " and ")), "write one of them in full, or the hash of the commit")
	}
	return commit, nil
}

var (
	hash        = regexp.MustCompile(`^[0-9a-f]{40,64}$`)
	nameEnd     = regexp.MustCompile(`[~^:]|@\{`)                     // no name of a ref contains these
	abbreviated = regexp.MustCompile(`(?i)^(?:.*-g)?([0-9a-f]{4,})$`) // a hash, or what git describe writes
)

// meanings returns what a name that is not full may stand for: full refs, and hashes of
// commits that the name abbreviates.
func (r *repository) meanings(ctx context.Context, name string) ([]string, error) {
	// git help revisions, "<refname>"
	list, err := r.refs(ctx, "refs/"+name, "refs/tags/"+name, "refs/heads/"+name, "refs/remotes/"+name, "refs/remotes/"+name+"/HEAD")
	if err != nil || len(list) == 0 {
		return nil, err
	}
	if strings.HasSuffix(name, "_HEAD") { // such as FETCH_HEAD, which is in no folder
		return append(list, "what git itself notes as "+name), nil
	}
	m := abbreviated.FindStringSubmatch(name)
	if m == nil {
		return list, nil
	}
	out, err := r.git(ctx, maxGitOutput, "rev-parse", "--disambiguate="+m[1])
	if err != nil && !errors.Is(err, errGit) {
		return nil, err
	}
	same, err := r.git(ctx, maxGitOutput, "rev-parse", "--verify", "--quiet", list[0]+"^{commit}")
	if err != nil && !errors.Is(err, errGit) {
		return nil, err
	}
	for object := range strings.FieldsSeq(string(out)) {
		if object == strings.TrimSpace(string(same)) {
			continue
		}
		kind, err := r.git(ctx, maxGitOutput, "cat-file", "-t", object)
		if err != nil && !errors.Is(err, errGit) {
			return nil, err
		}
		if string(kind) == "commit\n" {
			list = append(list, object)
		}
	}
	return list, nil
}

// refs returns those of these full refs that exist.
func (r *repository) refs(ctx context.Context, full ...string) ([]string, error) {
	var list []string
	for _, ref := range full {
		_, err := r.git(ctx, maxGitOutput, "show-ref", "--verify", "--quiet", ref)
		switch {
		case err == nil:
			list = append(list, ref)
		case !errors.Is(err, errGit):
			return nil, err
		}
	}
	return list, nil
}

// read reads a file of a commit, by its name below the folder of the evaluation. The
// links of the commit are followed below that folder. Its error is [fs.ErrNotExist] when
// the commit has no such file, and [tree.ErrOutside] when the name or a link leads out of
// the folder.
func (r *repository) read(ctx context.Context, commit, name string) ([]byte, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return nil, tree.ErrOutside
	}
	object, err := r.entry(ctx, commit, name)
	if err == nil && object.link || errors.Is(err, fs.ErrNotExist) {
		object, err = r.follow(ctx, commit, name, object)
	}
	switch {
	case err != nil:
		return nil, err
	case object.kind != "blob":
		return nil, fmt.Errorf("%s is a %s in this revision, want a file", name, object.kind)
	case object.size > maxBlob:
		return nil, fmt.Errorf("%s is longer than %d MiB", name, maxBlob>>20)
	}
	data, err := r.git(ctx, maxBlob, "cat-file", "blob", object.hash)
	if err != nil {
		return nil, r.explain(ctx, fmt.Errorf("git cannot read %s", name), err)
	}
	return data, nil
}

// An object is something that a commit has under a name.
type object struct {
	hash, kind string // git's; the kind is blob, tree or commit
	size       int64  // of a blob
	link       bool   // a blob, whose text is the target
}

// entry returns what a commit has under exactly this name, without following links.
func (r *repository) entry(ctx context.Context, commit, name string) (object, error) {
	path := filepath.ToSlash(filepath.Join(filepath.FromSlash(r.folder), filepath.FromSlash(name)))
	// --literal-pathspecs: a name is not a pattern. The object comes with its size.
	out, err := r.git(ctx, maxGitOutput, "--literal-pathspecs", "ls-tree", "-z", "-l", "--full-tree", commit, "--", path)
	if err != nil {
		return object{}, r.explain(ctx, fmt.Errorf("git cannot read the folder of %s", name), err)
	}
	entry, _, _ := strings.Cut(string(out), "\x00")
	about, found, ok := strings.Cut(entry, "\t")
	if !ok || found != path {
		return object{}, fs.ErrNotExist
	}
	fields := strings.Fields(about) // mode, kind, object, size
	if len(fields) != 4 {
		return object{}, fmt.Errorf("git says %q of %s, want its mode, kind, object and size", about, name)
	}
	o := object{hash: fields[2], kind: fields[1], link: fields[0] == "120000"}
	if o.kind != "blob" {
		return o, nil
	}
	if o.size, err = strconv.ParseInt(fields[3], 10, 64); err != nil {
		return object{}, r.explain(ctx, fmt.Errorf("git does not know how large %s is", name), err)
	}
	return o, nil
}

// follow returns what the links of a commit lead to from a name: found is what has the
// name itself, if anything does. Git follows no more than 40 links, and none out of the
// folder of the evaluation.
func (r *repository) follow(ctx context.Context, commit, name string, found object) (object, error) {
	if strings.Contains(name, "\n") { // git would take two requests
		return object{}, fs.ErrNotExist
	}
	root := commit + "^{tree}"
	if r.folder != "." {
		root = commit + ":" + r.folder
	}
	folder, err := r.git(ctx, maxGitOutput, "rev-parse", "--verify", "--quiet", "--end-of-options", root)
	if errors.Is(err, errGit) {
		return object{}, fs.ErrNotExist
	}
	if err != nil {
		return object{}, err
	}
	request := strings.TrimSpace(string(folder)) + ":" + name + "\n"
	out, err := r.ask(ctx, maxGitOutput, request, "cat-file", "--batch-check", "--follow-symlinks")
	if err != nil {
		return object{}, r.explain(ctx, fmt.Errorf("git cannot follow the links to %s", name), err)
	}
	// git help cat-file, "BATCH OUTPUT"
	answer, _, _ := strings.Cut(string(out), "\n")
	fields := strings.Fields(answer)
	switch {
	case strings.HasPrefix(answer, "symlink "):
		return object{}, tree.ErrOutside
	case strings.HasPrefix(answer, "loop "):
		return object{}, errors.New("there are too many symbolic links on the way to it")
	case len(fields) == 3 && hash.MatchString(fields[0]):
		size, err := strconv.ParseInt(fields[2], 10, 64)
		return object{hash: fields[0], kind: fields[1], size: size}, err
	case found.link && strings.HasSuffix(answer, " missing"): // and not dangling
		return object{}, r.explain(ctx, fmt.Errorf("git cannot follow the link %s", name), errGit)
	}
	return object{}, fs.ErrNotExist
}

// explain says why something is not in a repository that does not have all.
func (r *repository) explain(ctx context.Context, what, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if out, err := r.git(ctx, maxGitOutput, "rev-parse", "--is-shallow-repository"); err == nil && strings.TrimSpace(string(out)) == "true" {
		return lang.Hint(fmt.Errorf("%w: this clone is shallow, which leaves out older commits and other branches", what), "git fetch --unshallow fetches them, and git fetch origin BRANCH:refs/remotes/origin/BRANCH a branch that was not cloned; in CI make the clone deeper")
	}
	if out, err := r.git(ctx, maxGitOutput, "config", "--get-regexp", `^(remote\..*\.promisor|extensions\.partialclone)$`); err == nil && len(out) > 0 {
		return lang.Hint(fmt.Errorf("%w: this clone is partial, and slapstar fetches nothing", what), "git fetch --refetch --no-filter, or a clone without --filter, has all")
	}
	if dir := os.Getenv("GIT_DIR"); dir != "" {
		if out, err := r.git(ctx, maxGitOutput, "rev-parse", "--absolute-git-dir"); err == nil && !sameFolder(dir, strings.TrimSuffix(string(out), "\n")) {
			return lang.Hint(fmt.Errorf("%w: GIT_DIR=%s is not used", what, dir), "slapstar reads the repository of "+r.workTree+", which holds the files: unset GIT_DIR, and git shows there what slapstar finds")
		}
	}
	if errors.Is(cause, errGit) {
		return what
	}
	return fmt.Errorf("%w: %w", what, cause)
}
