package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/internal/tree"
	"slapstar/starlib"
	"slapstar/starlib/filetest"
	"slapstar/starlib/policy"
	"slapstar/starlib/simulate"
)

// A testHarness has a Master in memory for each configuration, made when it is first used.
type testHarness struct {
	*testRun
	masters map[string]*run.Master // by the configuration
	used    *run.Master            // by the last plan
	nodes   *simulate.Simulation   // nil: they do what they do by default
}

func (r *testRun) harness() (filetest.Harness, func() error) {
	h := &testHarness{testRun: r, masters: map[string]*run.Master{}}
	return h, func() error {
		var errs []error
		for _, m := range h.masters {
			errs = append(errs, m.Close())
		}
		if h.nodes != nil {
			errs = append(errs, h.nodes.Close())
		}
		return errors.Join(errs...)
	}
}

// Simulate implements [filetest.Harness].
func (h *testHarness) Simulate(ctx context.Context, file string) error {
	if len(h.masters) > 0 {
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

// planner plans a file that stands beside that of the tests.
func (h *testHarness) planner(f filetest.File) (*run.Planner, error) {
	in := starlib.Inputs{Source: h.inputs, Mask: h.env.hidden}
	in.Base = in.Folder() // whatever the tests name
	in.File = filepath.Join(filepath.Dir(h.file), filepath.FromSlash(f.Name))
	in.Vars = h.vars(in.File, f.Vars)
	m, err := h.open(in.File)
	if err != nil {
		return nil, err
	}
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
		outcome, err := engine.Apply{Master: h.used, Plan: p, Replan: planner.Plan, Timeout: 10 * time.Second, Sleep: testSleep}.Run(ctx)
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
