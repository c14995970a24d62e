package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/view"
	"slapstar/starlib/filetest"
	"slapstar/starlib/lang"
)

type testOptions struct {
	run     string
	update  bool
	verbose bool
	root    string
	format  string
	schemas string

	environments targetFlags
}

func testCommand(e *env) *cli.Command {
	var o testOptions
	return &cli.Command{
		Name:      "test",
		Usage:     "run the functions test_* of *_test.star against a Master in memory",
		ArgsUsage: "[FILE|FOLDER|ENV ...]",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "run", Usage: "only the tests whose name matches `REGEXP`", Destination: &o.run},
			&cli.BoolFlag{Name: "update", Usage: "rewrite the files of assert.golden", Destination: &o.update},
			&cli.BoolFlag{Name: "list", Usage: "a line for each test that passes, too", Destination: &o.verbose},
			rootFlag(&o.root),
			formatFlag(&o.format, "text, json (docs/test.schema.json), or junit: XML for a CI system", "text", "json", "junit"),
			schemaDirFlag(&o.schemas),
		}, o.environments.flags()...),
		Action: func(c *cli.Context) error { return o.testTargets(c, e) },
	}
}

// runTests runs the tests of files, and adds what becomes of them to the results.
func runTests(ctx context.Context, e *env, results *testReport, args []string) error {
	pattern, err := regexp.Compile(results.options.run)
	if err != nil {
		return usagef("--run: %v", err)
	}
	files, err := testFiles(args)
	if err != nil {
		return err
	}
	results.begin()
	for _, file := range files {
		// The inputs of the files under test are in the tests: they pass or fail
		// for everybody.
		r, err := newTestRun(ctx, e, results.options, file)
		if err != nil {
			return err
		}
		if err := r.run(ctx, pattern.MatchString, results.add); err != nil {
			return err
		}
		if ctx.Err() != nil { // the limits are used up
			break
		}
	}
	return nil
}

// testFiles are the files named *_test.star in the arguments and below them; in
// the working folder without arguments.
func testFiles(args []string) ([]string, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var files []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if err := checkNoPlan(arg); err != nil {
				return nil, err
			}
			files = append(files, arg)
			continue
		}
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && path != arg && strings.HasPrefix(d.Name(), "."):
				return filepath.SkipDir
			case !d.IsDir() && strings.HasSuffix(d.Name(), "_test.star"):
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(files)
	if files = slices.Compact(files); len(files) == 0 {
		return nil, lang.Hint(errors.New("there are no files named *_test.star here"), "slapstar test FOLDER looks elsewhere")
	}
	return files, nil
}

// A testRun runs the tests of one file, each with a harness.
type testRun struct {
	env     *env
	options testOptions
	file    string
	inputs  lang.Source
}

// run runs the tests of the file that are selected. It fails when it is interrupted,
// or when nothing can be reported any more.
func (r *testRun) run(ctx context.Context, selected func(name string) bool, report func(view.Test) error) error {
	var broken error
	err := filetest.Run(ctx, r.inputs, selected, r.harness, func(ended filetest.Result) {
		t := view.Test{File: r.file, Name: ended.Name, Passed: ended.Err == nil}
		if ended.Err != nil {
			t.Problems = problems(ended.Err)
			if golden, ok := errors.AsType[*goldenError](ended.Err); ok {
				t.Problems[len(t.Problems)-1].Message += "; " + golden.details()
			}
		}
		broken = errors.Join(broken, report(t))
	})
	switch {
	case errors.Is(context.Cause(ctx), context.Canceled):
		return err
	case err != nil && !errors.Is(err, context.Canceled): // else the test that was running has said why
		return report(view.Test{File: r.file, Problems: problems(err)})
	}
	return broken
}
