package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/starlib/lang"
)

// outputFlags say in which files a plan is written besides, and what a comment says of it.
type outputFlags struct {
	markdown, json string
	html, report   string
	title          string
	linkBase       string
	limit          int
	of             target           // that is planned
	context        document.Context // who made the plan, when and of what; known when it is made
}

func (f *outputFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "markdown", Usage: "write the plan as Markdown to `FILE` as well", Destination: &f.markdown},
		&cli.StringFlag{Name: "json", Usage: "write the plan as JSON to `FILE` as well", Destination: &f.json},
		&cli.StringFlag{Name: "html", Usage: "write the plan as a page that needs nothing else to `FILE` as well", Destination: &f.html},
		&cli.StringFlag{Name: "report", Usage: "write the counts for the widget of GitLab: `gitlab=FILE`", Destination: &f.report},
		&cli.StringFlag{Name: "title", Usage: "`TITLE` of the plan, by which several are told apart", Destination: &f.title},
		&cli.StringFlag{Name: "link-base", Usage: "`URL` of the folder of the files, for links in Markdown; found by itself in GitLab CI and GitHub Actions", Destination: &f.linkBase},
		&cli.IntFlag{Name: "limit", Usage: "most `BYTES` of Markdown; names of what is updated or destroyed are never left out", Value: view.MarkdownLimit, Destination: &f.limit},
	}
}

const gitlabReport = "gitlab="

// any reports whether a file is to be written.
func (f *outputFlags) any() bool { return f.markdown+f.json+f.html+f.report != "" }

func (f *outputFlags) check() error {
	if path, ok := strings.CutPrefix(f.report, gitlabReport); f.report != "" && (!ok || path == "") {
		return usagef("--report: got %q, want gitlab=FILE", f.report)
	}
	if u, err := url.Parse(f.linkBase); f.linkBase != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
		return usagef("--link-base: got %q, want the URL of a folder", f.linkBase)
	}
	if f.limit < leastLimit {
		return usagef("--limit: got %d, want %d or more bytes", f.limit, leastLimit)
	}
	return nil
}

// leastLimit is how much room a plan has at least.
const leastLimit = 1000

// markdownView is the view of a plan of a file as Markdown.
func (f *outputFlags) markdownView(w io.Writer, file string, brief bool) view.Markdown {
	m := view.Markdown{W: w, Brief: brief, Context: f.context, LinkBase: f.linkBase, Limit: f.limit, Command: "slapstar apply " + shellQuoted(fromHere(file))}
	if f.of.env != nil && f.of.env.environment != nil {
		m.Command = "slapstar apply " + shellQuoted(f.of.name())
	}
	if m.LinkBase == "" {
		m.LinkBase = linkBase(target{f.of.env, file}.folder())
	}
	return m
}

// page is the view of a plan as HTML.
func (f *outputFlags) page(w io.Writer) view.HTML {
	return view.HTML{W: w, Context: f.context}
}

// fromHere is the path of a file below the working folder, relative to that.
func fromHere(file string) string {
	here, err := os.Getwd()
	if err != nil || !filepath.IsAbs(file) {
		return file
	}
	if path, err := filepath.Rel(here, file); err == nil && filepath.IsLocal(path) {
		return path
	}
	return file
}

// linkBase is the URL of a folder in the repository that a CI system works on; empty
// elsewhere, and for a folder outside of that.
func linkBase(folder string) string {
	for _, ci := range []struct{ url, root string }{
		{os.Getenv("CI_PROJECT_URL") + "/-/blob/" + os.Getenv("CI_COMMIT_SHA"), os.Getenv("CI_PROJECT_DIR")},
		{os.Getenv("GITHUB_SERVER_URL") + "/" + os.Getenv("GITHUB_REPOSITORY") + "/blob/" + os.Getenv("GITHUB_SHA"), os.Getenv("GITHUB_WORKSPACE")},
	} {
		absolute, err := filepath.Abs(folder)
		if ci.root == "" || commit() == "" || err != nil || !strings.HasPrefix(ci.url, "http") {
			continue
		}
		inside, err := filepath.Rel(ci.root, absolute)
		if err != nil || !filepath.IsLocal(inside) {
			continue
		}
		return strings.TrimSuffix(ci.url+"/"+(&url.URL{Path: filepath.ToSlash(inside)}).EscapedPath(), "/.")
	}
	return ""
}

// shellQuoted is a word as a shell takes it.
func shellQuoted(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./+@%", r)
	}
	if s != "" && s[0] != '-' && strings.Trim(s, "-_./+@%") != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// write writes the files that are asked for; inJSON writes the plan as JSON.
func (f *outputFlags) write(e *env, plan *engine.Plan, file string, inJSON func(io.Writer) error) error {
	var errs []error
	add := func(path string, to func(io.Writer) error) {
		if path != "" {
			errs = append(errs, e.writeFile(path, to))
		}
	}
	add(f.markdown, func(w io.Writer) error { return f.markdownView(w, file, false).Plan(plan) })
	add(f.json, inJSON)
	add(f.html, func(w io.Writer) error { return f.page(w).Plan(plan) })
	add(strings.TrimPrefix(f.report, gitlabReport), func(w io.Writer) error { return view.GitLabReport(w, plan) })
	return errors.Join(errs...)
}

// writeFile writes a regular file, through what hides the secrets of the run.
func (e *env) writeFile(path string, to func(io.Writer) error) error {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return lang.Hint(fmt.Errorf("%s is no regular file", path), "give the name of a new file")
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := e.hidden.Writer(f)
	return errors.Join(to(w), w.Flush(), f.Close())
}
