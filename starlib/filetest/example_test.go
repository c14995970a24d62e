package filetest_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"slapstar/engine"
	"slapstar/starlib"
	"slapstar/starlib/filetest"
	"slapstar/starlib/lang"
)

// The files under test, and their tests.
var sources = lang.Sources{
	Text: map[string]string{
		"main.star": `
for n in range(var("size", default = 1)):
    request("https://lab.example/software.cfg", "web-%d" % n)
`,
		"main_test.star": `
def test_size():
    p = plan("main.star", vars = {"size": 2})
    assert.eq(p.create, 2)
    assert.eq(p.changes[1].address, "instance web-1")

def test_default():
    assert.eq(plan("main.star").create, 2)
`,
	},
	Read: func(string) ([]byte, error) { return nil, errors.New("there is no such file") },
}

// planOnly is a Harness with an empty Master, which takes nothing.
type planOnly struct{ filetest.Harness }

func (planOnly) Plan(ctx context.Context, f filetest.File) (*engine.Plan, string, error) {
	config, err := starlib.Exec(ctx, starlib.Inputs{Source: lang.Source{File: f.Name, Sources: &sources}, Vars: f.Vars})
	if err != nil {
		return nil, "", err
	}
	plan, err := engine.NewPlan(config, engine.NewState(), engine.Options{})
	return plan, "", err
}

// Each function test_* gets a harness of its own, and is reported.
func Example() {
	err := filetest.Run(context.Background(), lang.Source{File: "main_test.star", Sources: &sources},
		func(name string) bool { return true },
		func() (filetest.Harness, func() error) { return planOnly{}, func() error { return nil } },
		func(r filetest.Result) { fmt.Printf("%s: %v\n", r.Name, r.Err) })
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// test_size: <nil>
	// test_default: main_test.star:8:32: assert.eq: got 1, want 2
}
