package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/starlib"
	"slapstar/starlib/filetest"
	"slapstar/starlib/lang"
)

type testOptions struct {
	run     string
	update  bool
	verbose bool
	root    string
}

func testCommand(e *env) *cli.Command {
	var o testOptions
	return &cli.Command{
		Name:      "test",
		Usage:     "run the functions test_* of *_test.star against a Master in memory",
		ArgsUsage: "[FILE|FOLDER ...]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "run", Usage: "only the tests whose name matches `REGEXP`", Destination: &o.run},
			&cli.BoolFlag{Name: "update", Usage: "rewrite the files of assert.golden", Destination: &o.update},
			&cli.BoolFlag{Name: "list", Usage: "a line for each test that passes, too", Destination: &o.verbose},
			rootFlag(&o.root),
		},
		Action: func(c *cli.Context) error {
			return e.watched(c.Context, func(ctx context.Context) error { return runTests(ctx, e, o, c.Args().Slice()) })
		},
	}
}

func runTests(ctx context.Context, e *env, o testOptions, args []string) error {
	pattern, err := regexp.Compile(o.run)
	if err != nil {
		return usagef("--run: %v", err)
	}
	files, err := testFiles(args)
	if err != nil {
		return err
	}
	begin := time.Now()
	passed, failed := 0, 0
	for _, file := range files {
		// The inputs of the files under test are in the tests: they pass or fail
		// for everybody.
		in := e.watch.Source(lang.Source{File: file, Root: o.root, Print: e.printer()})
		r := &testRun{env: e, options: o, file: file, inputs: in}
		err = filetest.Run(ctx, in, pattern.MatchString, r.harness, func(r filetest.Result) {
			if r.Err == nil {
				passed++
				if o.verbose {
					fmt.Fprintf(e.Out, "ok    %s %s\n", term.Escape(file), term.Escape(r.Name))
				}
				return
			}
			failed++
			fmt.Fprintf(e.Out, "FAIL  %s %s\n", term.Escape(file), term.Escape(r.Name))
			printError(e.Err, r.Err)
		})
		if errors.Is(context.Cause(ctx), context.Canceled) {
			return err
		}
		if err != nil && !errors.Is(err, context.Canceled) { // else the test that was running has said why
			failed++
			fmt.Fprintf(e.Out, "FAIL  %s\n", term.Escape(file))
			printError(e.Err, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	fmt.Fprintf(e.Out, "%d passed, %d failed, in %s.\n", passed, failed, time.Since(begin).Round(10*time.Millisecond))
	if failed > 0 {
		return errFailed
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

// A testRun makes the harnesses of the tests of one file.
type testRun struct {
	env     *env
	options testOptions
	file    string
	inputs  lang.Source
}

// A testHarness is a Master in memory, made when it is first used.
type testHarness struct {
	*testRun
	master *run.Master
}

func (r *testRun) harness() (filetest.Harness, func() error) {
	h := &testHarness{testRun: r}
	return h, func() error {
		if h.master == nil {
			return nil
		}
		return h.master.Close()
	}
}

func (h *testHarness) open() (*run.Master, error) {
	if h.master != nil {
		return h.master, nil
	}
	var err error
	h.master, err = h.env.connection().InMemory(h.file)
	return h.master, err
}

// planner plans a file that stands beside that of the tests.
func (h *testHarness) planner(f filetest.File) (*run.Planner, error) {
	m, err := h.open()
	if err != nil {
		return nil, err
	}
	in := starlib.Inputs{Source: h.inputs}
	in.File = filepath.Join(filepath.Dir(h.file), filepath.FromSlash(f.Name))
	in.Vars = f.Vars
	in.Secret = func(_ context.Context, name string) (string, error) {
		value, ok := f.Secrets[name]
		if !ok {
			return "", fmt.Errorf("it is not given; secrets = {%q: \"…\"} gives it", name)
		}
		return value, nil
	}
	p := run.NewPlanner(m, in)
	p.Print, p.Watch = h.env.printer(), h.env.watch
	return p, nil
}

// Plan implements [starlib.Harness].
func (h *testHarness) Plan(ctx context.Context, f filetest.File) (*engine.Plan, string, error) {
	planner, err := h.planner(f)
	if err != nil {
		return nil, "", err
	}
	p, _, err := planner.Plan(ctx)
	if err != nil {
		return nil, "", err
	}
	var text bytes.Buffer
	err = view.Text{W: &text}.Plan(p)
	return p, text.String(), err
}

// Apply implements [starlib.Harness].
func (h *testHarness) Apply(ctx context.Context, f filetest.File) (*engine.Plan, string, error) {
	planner, err := h.planner(f)
	if err != nil {
		return nil, "", err
	}
	for range maxStages {
		p, _, err := planner.Plan(ctx)
		switch {
		case err != nil:
			return nil, "", err
		case !p.CanApply():
			return nil, "", &engine.RefusedError{Refusals: p.Refusals}
		case !p.Pending():
			return h.Plan(ctx, f)
		}
		outcome, err := engine.Apply{Master: h.master, Plan: p, Replan: planner.Plan, Timeout: 10 * time.Second, Sleep: testSleep}.Run(ctx)
		if err != nil {
			return nil, "", err
		}
		for _, c := range outcome.Failed {
			return nil, "", fmt.Errorf("%v: %s: %w", c.Resource.Declared().Position(), c.Address(), outcome.Errors[c.Address()])
		}
	}
	return h.Plan(ctx, f)
}

// testSleep waits no longer than a simulated node that takes no time.
func testSleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(min(d, 5*time.Millisecond)):
		return nil
	}
}

// Golden implements [starlib.Harness].
func (h *testHarness) Golden(file, text string) error {
	path := filepath.Join(filepath.Dir(h.file), filepath.FromSlash(file))
	if !filepath.IsLocal(filepath.FromSlash(file)) {
		return fmt.Errorf("%s is outside of the folder of the tests", file)
	}
	if h.options.update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		return os.WriteFile(path, []byte(text), 0o666)
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no file %s; --update writes it", file)
	}
	if err != nil {
		return err
	}
	if string(want) != text {
		return fmt.Errorf("it is not what %s says (--update rewrites it); got\n%s\nwant\n%s", file, text, want)
	}
	return nil
}
