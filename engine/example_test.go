package engine_test

import (
	"fmt"
	"log"

	"slapstar/engine"
	"slapstar/slap"
)

// What files declare and what a Master has make a plan, which reads nothing and
// writes nothing.
func Example() {
	url := engine.Refer(engine.Reference{Instance: "shop-db", Key: "url"})
	declared := &engine.Config{Resources: []engine.Resource{
		&engine.Instance{Name: "shop-app", State: slap.Started, Parameters: map[string]engine.Text{"database": url}},
		&engine.Instance{Name: "shop-db", State: slap.Started},
	}}
	master := engine.NewState()
	master.Instances["shop-app"] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "shop-app", State: slap.Started}}

	plan, err := engine.NewPlan(declared, master, engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range plan.Changes {
		fmt.Println(c.Action, c.Address(), "after", c.DependsOn)
	}
	fmt.Println(plan.Changes[0].Attributes[0].After.Display())
	// Output:
	// update instance shop-app after [instance shop-db]
	// create instance shop-db after []
	// (known after shop-db)
}
