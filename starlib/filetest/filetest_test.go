package filetest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// A fakeHarness returns one plan or one error, and notes its calls.
type fakeHarness struct {
	plan   *engine.Plan
	text   string
	err    error
	golden error

	verdicts []engine.Verdict
	told     engine.Circumstances
	closed   error

	calls  []string
	files  []File
	closes int
}

func (h *fakeHarness) Plan(_ context.Context, f File) (*engine.Plan, string, error) {
	h.calls, h.files = append(h.calls, "plan "+f.Name), append(h.files, f)
	return h.plan, h.text, h.err
}

func (h *fakeHarness) Apply(_ context.Context, f File) (*engine.Plan, string, error) {
	h.calls, h.files = append(h.calls, "apply "+f.Name), append(h.files, f)
	return h.plan, h.text, h.err
}

func (h *fakeHarness) Policy(_ context.Context, file string, p *engine.Plan, c engine.Circumstances) ([]engine.Verdict, error) {
	h.calls, h.told = append(h.calls, "policy "+file), c
	if p != h.plan {
		return nil, errors.New("it is another plan")
	}
	return h.verdicts, h.err
}

func (h *fakeHarness) Simulate(_ context.Context, file string) error {
	h.calls = append(h.calls, "simulate "+file)
	return h.err
}

func (h *fakeHarness) Golden(file, text string) error {
	h.calls = append(h.calls, fmt.Sprintf("golden %s %q", file, text))
	return h.golden
}

// testPlan creates one instance, with a parameter to come, and refuses another.
func testPlan(t *testing.T) *engine.Plan {
	t.Helper()
	state := engine.NewState()
	state.Instances["old"] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "old", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started}}
	plan, err := engine.NewPlan(&engine.Config{Resources: []engine.Resource{
		&engine.Instance{Name: "db", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started, Parameters: map[string]engine.Text{
			"peer": engine.Refer(engine.Reference{Instance: "old", Key: "url"}),
		}},
		&engine.Instance{Name: "old", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Destroyed, Protect: true},
	}}, state, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// runFile runs a file of tests with one harness for all of them.
func runFile(h *fakeHarness, source string) (results []Result, err error) {
	files := lang.Source{File: "a_test.star", Sources: &lang.Sources{
		Text: map[string]string{"a_test.star": source},
		Read: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
	}}
	newHarness := func() (Harness, func() error) {
		return h, func() error { h.closes++; return h.closed }
	}
	selected := func(name string) bool { return !strings.Contains(name, "other") }
	err = Run(context.Background(), files, selected, newHarness, func(r Result) { results = append(results, r) })
	return results, err
}

// runBody runs one test of these lines.
func runBody(t *testing.T, h *fakeHarness, lines ...string) error {
	t.Helper()
	results, err := runFile(h, "def test():\n    pass\ndef test_it():\n    "+strings.Join(lines, "\n    ")+"\n")
	if err != nil || len(results) != 1 {
		t.Fatalf("%q: got %v, %v, want one result", lines, results, err)
	}
	return results[0].Err
}

// The functions run in the order of the file, each with a harness that is closed, and
// one that fails does not keep others from running.
func TestRun(t *testing.T) {
	h := &fakeHarness{}
	results, err := runFile(h, `
def helper(): fail("not a test")
def test_b(): pass
def test_a():
    helper()
def test_other(): fail("not selected")
def test_parameters(x): pass
test_value = 1
def test_last(): assert.eq(1, 1)
`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range results {
		got = append(got, fmt.Sprintf("%s: %v", r.Name, r.Err))
	}
	want := []string{
		"test_b: <nil>",
		"test_a: a_test.star:2:15: fail: not a test",
		"test_parameters: a_test.star:7:1: test_parameters: want a function without parameters",
		"test_last: <nil>",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if h.closes != 3 {
		t.Errorf("%d harnesses were closed, want 3", h.closes)
	}
	failed, ok := errors.AsType[*lang.Error](results[1].Err)
	if !ok || len(failed.Problems[0].Stack) != 2 {
		t.Errorf("got %#v, want an error with a stack of two calls", results[1].Err)
	}
}

// A harness that cannot be closed fails its test.
func TestCloseFails(t *testing.T) {
	h := &fakeHarness{closed: errors.New("the Master does not end")}
	if err := runBody(t, h, "pass"); !errors.Is(err, h.closed) {
		t.Errorf("got %v, want %v", err, h.closed)
	}
}

// A mistake outside of the functions is an error of the file, and no test runs.
func TestFileFails(t *testing.T) {
	for _, test := range []struct{ source, err string }{
		{"p = plan('main.star')", "a_test.star:1:5: plan works inside of a function test_* only"},
		{"apply('main.star')", "a_test.star:1:1: apply works inside of a function test_* only"},
		{"assert.golden('text', 'a.txt')", "assert.golden works inside of a function test_* only"},
		{"assert.eq(1, 2)", "a_test.star:1:7: assert.eq: got 1, want 2"},
		{"def test_a(: pass", "a_test.star:1:13: got ':'"},
		{"request('u', 'a')", "undefined: request"},
	} {
		h := &fakeHarness{}
		results, err := runFile(h, test.source+"\ndef test_b(): pass\n")
		if err == nil || !strings.Contains(err.Error(), test.err) || len(results) > 0 || len(h.calls) > 0 {
			t.Errorf("%s: got %v, %v, %q, want error %q", test.source, results, err, h.calls, test.err)
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	files := lang.Source{File: "a_test.star", Sources: &lang.Sources{
		Text: map[string]string{"a_test.star": "def test_a(): pass\ndef test_b(): pass\n"},
		Read: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
	}}
	var ran []string
	err := Run(ctx, files, func(string) bool { return true }, func() (Harness, func() error) { return nil, func() error { return nil } }, func(r Result) {
		ran = append(ran, r.Name)
		cancel()
	})
	if !errors.Is(err, context.Canceled) || !cmp.Equal(ran, []string{"test_a"}) {
		t.Errorf("got %v after %q, want an interruption after test_a", err, ran)
	}
}

func TestAssert(t *testing.T) {
	for _, test := range []struct{ line, err string }{
		{`assert.eq([1, "a"], [1, "a"])`, ""},
		{`assert.eq(1, "1")`, `assert.eq: got 1, want "1"`},
		{`assert.eq(1)`, "assert.eq: missing argument for want"},
		{`assert.ne(1, 2)`, ""},
		{`assert.ne({"a": 1}, {"a": 1})`, `assert.ne: got {"a": 1}, want another than {"a": 1}`},
		{`assert.true([0])`, ""},
		{`assert.true("")`, "assert.true: it is not true"},
		{`assert.true(0, "no instance")`, "assert.true: no instance"},
		{`assert.contains("abc", "b")`, ""},
		{`assert.contains("abc", "d")`, "assert.contains: want \"d\" in\nabc"},
		{`assert.contains(1, "d")`, "assert.contains: for parameter got: got int, want string"},
		{`assert.contains(assert.fails(lambda: fail("too few")), "few")`, ""},
		{`assert.fails(lambda: fail("too few"), "few")`, ""},
		{`assert.fails(lambda: fail("too few"), "many")`, `assert.fails: it said "fail: too few", want "many" in it`},
		{`assert.fails(lambda: 1)`, "assert.fails: it did not fail"},
		{`assert.golden("text", "a.txt")`, ""},
		{`assert.golden(1, "a.txt")`, "assert.golden: got int, want a plan or a string"},
		{`assert.golden("text", "")`, "assert.golden: for parameter file: got an empty string"},
	} {
		err := runBody(t, &fakeHarness{}, test.line)
		if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: got error %v, want %q", test.line, err, test.err)
		}
	}
}

func TestGolden(t *testing.T) {
	h := &fakeHarness{plan: testPlan(t), text: "Plan: 1 to create.\n"}
	if err := runBody(t, h, `assert.golden(plan("main.star"), "plan.txt")`); err != nil {
		t.Error(err)
	}
	if want := []string{"plan main.star", `golden plan.txt "Plan: 1 to create.\n"`}; !cmp.Equal(h.calls, want) {
		t.Errorf("got calls %q, want %q", h.calls, want)
	}
	h.golden = errors.New("it is not what plan.txt says")
	if err := runBody(t, h, `assert.golden("text", "plan.txt")`); !errors.Is(err, h.golden) {
		t.Errorf("got %v, want %v", err, h.golden)
	}
}

// Inputs reach the harness as they are given.
func TestInputs(t *testing.T) {
	h := &fakeHarness{plan: &engine.Plan{}}
	err := runBody(t, h,
		`plan("sub/main.star", vars = {"size": 3, "names": ["a", "b"], "text": "x"}, secrets = {"password": "hush"})`,
		`apply("main.star")`)
	if err != nil {
		t.Fatal(err)
	}
	given := func(json string) lang.Var { return lang.Var{JSON: []byte(json), Explicit: true} }
	want := []File{
		{"sub/main.star", map[string]lang.Var{"size": given("3"), "names": given(`["a","b"]`), "text": given(`"x"`)}, map[string]string{"password": "hush"}},
		{"main.star", map[string]lang.Var{}, map[string]string{}},
	}
	if diff := cmp.Diff(want, h.files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if want := []string{"plan sub/main.star", "apply main.star"}; !cmp.Equal(h.calls, want) {
		t.Errorf("got calls %q, want %q", h.calls, want)
	}
	for _, test := range []struct{ line, err string }{
		{`plan("")`, "plan: for parameter file: got an empty string"},
		{`plan("main.star", vars = {1: 2})`, "plan: vars: got key 1, want a string"},
		{`plan("main.star", vars = {"f": plan})`, "cannot encode builtin_function_or_method as JSON"},
		{`apply("main.star", secrets = {"password": 1})`, "apply: secrets: password: got int, want a string"},
		{`apply("main.star", secret = {})`, `apply: unexpected keyword argument "secret"`},
	} {
		h := &fakeHarness{plan: &engine.Plan{}}
		if err := runBody(t, h, test.line); err == nil || !strings.Contains(err.Error(), test.err) || len(h.calls) > 0 {
			t.Errorf("%s: got %v, calls %q, want error %q", test.line, err, h.calls, test.err)
		}
	}
}

// A test sees the plan as docs/testing.md describes it.
func TestPlan(t *testing.T) {
	h := &fakeHarness{plan: testPlan(t), text: "as printed"}
	err := runBody(t, h,
		`p = plan("main.star")`,
		`assert.eq([p.create, p.update, p.destroy, p.unchanged], [1, 0, 1, 0])`,
		`assert.eq([p.empty, p.more, p.text], [False, False, "as printed"])`,
		`assert.eq([(c.action, c.address) for c in p.changes], [("create", "instance db"), ("destroy", "instance old")])`,
		`assert.eq(p.changes[0].attributes["state"], "started")`,
		`assert.eq(p.changes[0].attributes["parameters.peer"], "(known after old)")`,
		`assert.eq(len(p.refusals), 2)`,
		`assert.contains(p.refusals[1], "instance old: it is protected")`)
	if err != nil {
		t.Error(err)
	}
	empty := &fakeHarness{plan: &engine.Plan{}}
	if err := runBody(t, empty, `assert.true(apply("main.star").empty)`, `assert.eq(plan("main.star").changes, [])`); err != nil {
		t.Error(err)
	}
}

// The hint of a harness stays data: in the message it would be printed twice.
func TestHint(t *testing.T) {
	const hint = "give it with secrets = {…}"
	at := engine.Position{File: "main.star", Line: 3, Col: 1}
	for _, test := range []struct {
		name string
		err  error
	}{
		{"of an error", lang.Hint(errors.New("there is no secret"), hint)},
		{"of a wrapped error", fmt.Errorf("planning: %w", lang.Hint(errors.New("there is no secret"), hint))},
		{"of a mistake in the file", lang.NewError(at, lang.Hint(errors.New("there is no secret"), hint))},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := runBody(t, &fakeHarness{err: test.err}, `plan("main.star")`)
			failed, ok := errors.AsType[*lang.Error](err)
			if !ok || len(failed.Problems) != 1 {
				t.Fatalf("got %#v, want an error with one problem", err)
			}
			p := failed.Problems[0]
			if p.Hint != hint || strings.Contains(p.Message, hint) {
				t.Errorf("got message %q and hint %q, want the hint %q beside the message", p.Message, p.Hint, hint)
			}
			if !strings.HasPrefix(p.Message, "plan: ") || !strings.Contains(p.Message, "there is no secret") || !errors.Is(err, test.err) {
				t.Errorf("got %q, want plan: and the error of the harness", p.Message)
			}
		})
	}
}

// A test that does not end is stopped, and assert.fails does not hide that. The next one
// has its own steps.
func TestStepLimit(t *testing.T) {
	results, err := runFile(&fakeHarness{}, `
def forever():
    for _ in range(1000000000): pass
def test_loop(): forever()
def test_hidden(): assert.fails(forever)
def test_next(): pass
`)
	if err != nil || len(results) != 3 {
		t.Fatalf("got %v, %v, want three results", results, err)
	}
	for _, r := range results[:2] {
		if r.Err == nil || !strings.Contains(r.Err.Error(), "stopped after 10 million steps") {
			t.Errorf("%s: got %v, want the limit of steps", r.Name, r.Err)
		}
	}
	if results[2].Err != nil {
		t.Errorf("%s: %v", results[2].Name, results[2].Err)
	}
}

// What policies say, and what they are told.
func TestPolicy(t *testing.T) {
	h := &fakeHarness{plan: testPlan(t), verdicts: []engine.Verdict{
		{Function: "deny_x", Denies: true, Message: "no"},
		{Function: "warn_y", Address: "instance db", Message: "hm"},
	}}
	err := runBody(t, h,
		`said = policy("policy.star", plan("main.star"), context = {"branch": "main", "time": "2026-11-27T16:00:00Z"})`,
		`assert.eq([(v.name, v.address, v.text) for v in said.denied], [("deny_x", "", "no")])`,
		`assert.eq([(v.name, v.address, v.text) for v in said.warned], [("warn_y", "instance db", "hm")])`)
	if err != nil {
		t.Error(err)
	}
	if want := (engine.Circumstances{Branch: "main", Command: "plan", Time: "2026-11-27T16:00:00Z"}); h.told != want {
		t.Errorf("told %+v, want %+v", h.told, want)
	}
	for _, test := range []struct{ line, err string }{
		{`policy("policy.star", 1)`, "policy: for parameter plan: got int, want what plan or apply has returned"},
		{`policy("policy.star", plan("main.star"), context = {"brnch": "x"})`, `policy: context: got "brnch", want one of "environment", "branch", "command", "time"`},
		{`policy("policy.star", plan("main.star"), context = {"branch": 1})`, "policy: context: branch: got int, want a string"},
		{`policy("policy.star", plan("main.star"), context = {"time": "Friday"})`, `policy: context: time: got "Friday", want a time such as`},
		{`policy("", plan("main.star"))`, "policy: for parameter file: got an empty string"},
	} {
		h := &fakeHarness{plan: testPlan(t)}
		if err := runBody(t, h, test.line); err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: got error %v, want %q", test.line, err, test.err)
		}
	}
	broken := &fakeHarness{plan: testPlan(t), verdicts: []engine.Verdict{{Function: "deny_x", Denies: true, Failed: true, Message: "the policy cannot judge: it is broken"}}}
	if err := runBody(t, broken, `policy("policy.star", plan("main.star"))`); err == nil || !strings.Contains(err.Error(), "deny_x: the policy cannot judge: it is broken") {
		t.Errorf("got %v, want that a policy which is broken fails the test", err)
	}
}

// The nodes of a Master do what the file says that was named for all tests, or for one.
func TestSimulate(t *testing.T) {
	h := &fakeHarness{plan: testPlan(t)}
	results, err := runFile(h, "simulate('all.star')\ndef test_a():\n    plan('main.star')\ndef test_b():\n    simulate('b.star')\n    plan('main.star')\n")
	if err != nil || len(results) != 2 {
		t.Fatal(results, err)
	}
	want := []string{"simulate all.star", "plan main.star", "simulate all.star", "simulate b.star", "plan main.star"}
	if diff := cmp.Diff(want, h.calls); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	h = &fakeHarness{err: errors.New("there is no such file")}
	if results, err := runFile(h, "simulate('all.star')\ndef test_a():\n    pass\n"); err != nil || results[0].Err == nil {
		t.Errorf("a simulation that cannot be read: got %v, %v", results, err)
	}
}
