package policy_test

import (
	"context"
	"fmt"
	"io/fs"
	"log"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
	"slapstar/starlib/policy"
)

// A policy judges a plan, and says where what it denies is declared.
func Example() {
	ctx := context.Background()
	p, err := policy.Read(ctx, "policy.star", lang.Source{File: "policy.star", Sources: &lang.Sources{
		Text: map[string]string{"policy.star": `
def deny_unmonitored(plan, context):
    return [
        violation("%s has no monitor in %s" % (c.name, context.environment), c)
        for c in plan.resources
        if c.after and "monitor" not in c.after.parameters
    ]
`},
		Read: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
	}})
	if err != nil {
		log.Fatal(err)
	}
	web := &engine.Instance{Name: "web", SoftwareRelease: "https://lab.example/software.cfg", State: slap.Started}
	plan, err := engine.NewPlan(&engine.Config{Resources: []engine.Resource{web}}, engine.NewState(), engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	verdicts, err := p.Judge(ctx, plan, engine.Circumstances{Environment: "prod"})
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range verdicts {
		fmt.Printf("%s: %s: %s (denies: %t)\n", v.Function, v.Address, v.Message, v.Denies)
	}
	// Output:
	// deny_unmonitored: instance web: web has no monitor in prod (denies: true)
}
