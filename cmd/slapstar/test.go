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
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/internal/tree"
	"slapstar/proxy"
	"slapstar/starlib"
	"slapstar/starlib/filetest"
	"slapstar/starlib/lang"
	"slapstar/starlib/policy"
	"slapstar/starlib/simulate"
)

type testOptions struct {
	run     string
	update  bool
	verbose bool
	root    string
	format  string
	schemas string
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
			formatFlag(&o.format, "text, json (docs/test.schema.json), or junit: XML for a CI system", "text", "json", "junit"),
			schemaDirFlag(&o.schemas),
		},
		Action: func(c *cli.Context) error {
			r := &testReport{env: e, options: o}
			return r.ended(func() error {
				return e.watched(c.Context, func(ctx context.Context) error { return runTests(ctx, e, r, c.Args().Slice()) })
			})
		},
	}
}

func runTests(ctx context.Context, e *env, results *testReport, args []string) error {
	o := results.options
	switch {
	case o.verbose && o.format == "json":
		return usagef("--list: JSON has every test")
	case o.verbose && o.format == "junit":
		return usagef("--list: JUnit has every test")
	}
	pattern, err := regexp.Compile(o.run)
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
		r := &testRun{env: e, options: o, file: file, inputs: e.watch.Source(lang.Source{File: file, Root: o.root, Print: e.printer()})}
		if err := r.run(ctx, pattern.MatchString, results.add); err != nil {
			return err
		}
		if ctx.Err() != nil { // the limits are used up
			break
		}
	}
	return results.show()
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

// A testHarness is a Master in memory, made when it is first used.
type testHarness struct {
	*testRun
	master *run.Master
	nodes  *simulate.Simulation // nil: they do what they do by default
}

func (r *testRun) harness() (filetest.Harness, func() error) {
	h := &testHarness{testRun: r}
	return h, func() (err error) {
		if h.master != nil {
			err = h.master.Close()
		}
		if h.nodes != nil {
			err = errors.Join(err, h.nodes.Close())
		}
		return err
	}
}

// Simulate implements [filetest.Harness].
func (h *testHarness) Simulate(ctx context.Context, file string) error {
	if h.master != nil {
		return errors.New("the nodes are chosen before the first plan or apply")
	}
	in := h.inputs
	in.Base = in.Folder()
	in.File = filepath.Join(filepath.Dir(h.file), filepath.FromSlash(file))
	nodes, err := simulate.Load(ctx, in, 0)
	if err != nil {
		return err
	}
	if h.nodes != nil {
		h.nodes.Close()
	}
	h.nodes = nodes
	return nil
}

func (h *testHarness) open() (*run.Master, error) {
	if h.master != nil {
		return h.master, nil
	}
	var err error
	var nodes proxy.Simulator
	if h.nodes != nil {
		nodes = fileSimulator{h.nodes}
	}
	h.master, err = h.env.connection().InMemory(h.file, nodes)
	return h.master, err
}

// planner plans a file that stands beside that of the tests.
func (h *testHarness) planner(f filetest.File) (*run.Planner, error) {
	m, err := h.open()
	if err != nil {
		return nil, err
	}
	in := starlib.Inputs{Source: h.inputs, Mask: h.env.hidden}
	in.Base = in.Folder() // whatever the tests name
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
	p.Schemas.Dir, p.Schemas.Offline = h.options.schemas, true
	p.Check, p.Quiet = true, true
	return p, nil
}

// Plan implements [filetest.Harness].
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

// Apply implements [filetest.Harness].
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

// Policy implements [filetest.Harness]. The policies are below the folder of the tests; one
// that is wrong fails the test.
func (h *testHarness) Policy(ctx context.Context, file string, p *engine.Plan, c engine.Circumstances) ([]engine.Verdict, error) {
	files := h.inputs
	files.Base = files.Folder()
	files.File = filepath.Join(filepath.Dir(h.file), filepath.FromSlash(file))
	policies, err := policy.Read(ctx, file, h.env.watch.Source(files))
	if err != nil {
		return nil, err
	}
	return policies.Judge(ctx, p, c)
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

// Golden implements [filetest.Harness]. The files are below the folder of the tests.
func (h *testHarness) Golden(file, text string) error {
	root, err := tree.Open(filepath.Dir(h.file))
	if err != nil {
		return err
	}
	defer root.Close()
	if h.options.update {
		if err := tree.Write(root, file, []byte(text)); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		return nil
	}
	want, err := tree.Read(root, file, maxGolden)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no file %s; --update writes it", file)
	case err != nil:
		return fmt.Errorf("%s: %w", file, err)
	case string(tree.Text(want)) != text:
		return &goldenError{file: file, got: text, want: string(want)}
	}
	return nil
}

// maxGolden is the largest golden file, in bytes.
const maxGolden = 32 << 20

// A goldenError is a text that is not that of its file. Its own text does not hold
// either, so that a test which catches it does not get the file as a value.
type goldenError struct{ file, got, want string }

func (e *goldenError) Error() string {
	return fmt.Sprintf("it is not what %s says (--update rewrites it)", e.file)
}

// details are shown with a test that fails.
func (e *goldenError) details() string {
	return fmt.Sprintf("got\n%s\nwant\n%s", e.got, e.want)
}
