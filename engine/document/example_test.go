package document_test

import (
	"fmt"
	"log"

	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/slap"
)

// A plan that was approved is found again by its digest.
func Example() {
	declared := &engine.Config{Resources: []engine.Resource{
		&engine.Software{SoftwareRelease: "https://lab.example/software.cfg", Computer: "COMP-1", State: slap.Available},
	}}
	plan, err := engine.NewPlan(declared, engine.NewState(), engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	d := document.New(plan)
	for _, c := range d.Changes {
		fmt.Println(c.Action, c.Address, *c.Attributes[0].After)
	}
	fmt.Println(d.Digest == document.Digest(plan))
	// Output:
	// create software https://lab.example/software.cfg on COMP-1 available
	// true
}
