package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/internal/tree"
	"slapstar/starlib/format"
)

// stdin is what FILE calls standard input, and stdinName what messages call it.
const (
	stdin     = "-"
	stdinName = "<stdin>"
)

type fmtOptions struct {
	paths  []string
	check  bool
	diff   bool
	format string

	findings *[]view.Finding // of --format github
}

func fmtCommand(e *env) *cli.Command {
	var o fmtOptions
	return &cli.Command{
		Name:      "fmt",
		Usage:     "lay out files in the one form, and print the names of those that changed",
		ArgsUsage: "[FILE|FOLDER…]",
		Description: "A folder stands for the *.star files in it and in the folders below, hidden ones and symbolic links aside;\n" +
			"no argument for the current folder; - for standard input, which is written to standard output.\n" +
			"Formatting changes no meaning. The exit code is 1 if a file cannot be formatted; the others are formatted.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "check", Usage: "write nothing; print the names of the files that would change, and exit with 1 if there are any", Destination: &o.check},
			&cli.BoolFlag{Name: "diff", Usage: "write nothing; print what would change instead of names", Destination: &o.diff},
			formatFlag(&o.format, "text, or github: with --check, an annotation for each file that would change", "text", "github"),
		},
		Action: func(c *cli.Context) error {
			o.paths = c.Args().Slice()
			if o.format == "github" && (!o.check || o.diff) {
				return usagef("--format github goes with --check, and without --diff")
			}
			r := reporter{format: o.format, folder: "."}
			return e.annotated(&r, func() error {
				return e.watched(c.Context, func(ctx context.Context) error {
					return o.report(e, r, func(o fmtOptions) error { return runFmt(ctx, e, o) })
				})
			})
		},
	}
}

func runFmt(ctx context.Context, e *env, o fmtOptions) error {
	if len(o.paths) == 0 {
		o.paths = []string{"."}
	}
	changed, failed := false, false
	fail := func(err error) {
		printError(e.Err, err)
		o.find(formatFinding(err))
		failed = true
	}
	seen := map[string]bool{}
	for _, path := range o.paths {
		files, err := starFiles(path)
		if err != nil {
			fail(err)
		}
		for _, file := range files {
			if seen[filepath.Clean(file)] {
				continue
			}
			seen[filepath.Clean(file)] = true
			if ctx.Err() != nil {
				return ctx.Err()
			}
			differs, err := formatFile(e, o, file)
			if err != nil {
				fail(err)
			}
			changed = changed || differs
		}
	}
	switch {
	case failed:
		return errFailed
	case changed && o.check:
		return errUnformatted
	}
	return nil
}

// starFiles returns the files that an argument stands for, sorted.
func starFiles(path string) ([]string, error) {
	if path == stdin {
		return []string{stdin}, nil
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file or folder %s", path)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return []string{path}, nil
	}
	var files []string
	var unread []error
	// A link to a folder, or in the place of one, is followed if it is named.
	filepath.WalkDir(path+string(filepath.Separator), func(name string, entry fs.DirEntry, err error) error {
		name = filepath.Clean(name)
		switch {
		case err != nil:
			unread = append(unread, err)
		case entry.IsDir() && name != filepath.Clean(path) && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case entry.Type().IsRegular() && filepath.Ext(name) == ".star":
			files = append(files, name)
		}
		return nil
	})
	return files, errors.Join(unread...)
}

// formatFile formats one file, and reports whether that changes it.
func formatFile(e *env, o fmtOptions, path string) (differs bool, err error) {
	name := path
	var source []byte
	if path == stdin {
		name = stdinName
		source, err = io.ReadAll(io.LimitReader(e.In, maxSource))
	} else {
		source, err = readSource(path)
	}
	if err != nil {
		return false, err
	}
	if run.IsPlanText(source) {
		return false, fmt.Errorf("%s is a saved plan, and no Starlark file: it is left as it is", name)
	}
	e.place.Set(engine.Position{File: name, Line: 1, Col: 1})
	text, err := format.Source(name, source)
	if err != nil {
		return false, err
	}
	differs = !bytes.Equal(source, text)
	switch {
	case o.diff:
		err = writeDiff(e, name, source, text)
	case path == stdin && !o.check:
		_, err = e.Out.Write(text)
	case differs:
		if !o.check {
			defer e.watch.Wait()() // what is begun is ended
			if err := rewrite(path, text); err != nil {
				return false, err
			}
		}
		if o.format == "github" {
			o.find(notFormatted(name, source, text))
		} else {
			_, err = fmt.Fprintln(e.Out, term.Leading(name))
		}
	}
	return differs, err
}

// maxSource is the longest file that is formatted, in bytes.
const maxSource = 32 << 20

// readSource reads a file. A relative name does not lead out of the working folder by
// a link, since rewriting would follow it.
func readSource(path string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	if !filepath.IsLocal(path) {
		return tree.ReadNamed(path, maxSource)
	}
	root, err := tree.Open(".")
	if err != nil {
		return nil, err
	}
	defer root.Close()
	source, err := tree.Read(root, filepath.ToSlash(path), maxSource)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return source, nil
}

// writeDiff writes a unified diff, for patch -p0. What could
// steer a terminal is only written where it cannot.
func writeDiff(e *env, name string, old, formatted []byte) error {
	text := string(diff.Diff(name+".orig", old, name, formatted))
	if !e.Redirected {
		text = term.Clean(text)
	}
	_, err := io.WriteString(e.Out, text)
	return err
}

// rewrite replaces the content of a file, all of it or nothing, and keeps its
// mode. A symbolic link stays one: what it leads to is replaced.
func rewrite(path string, text []byte) (err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	// Renaming would replace a file that may not be written.
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := old.Stat()
	if err := errors.Join(err, old.Close()); err != nil {
		return err
	}
	return run.ReplaceFile(path, text, info.Mode().Perm())
}
