package console_test

import (
	"context"
	"fmt"
	"log"

	"slapstar/engine"
	"slapstar/starlib"
	"slapstar/starlib/console"
)

// emptyMaster is the Staging of a Master that has nothing. It plans, and does no more.
type emptyMaster struct{}

func (emptyMaster) Look(context.Context, string, bool) (*engine.State, error) {
	return engine.NewState(), nil
}

func (emptyMaster) Plan(_ context.Context, c *engine.Config) error {
	plan, err := engine.NewPlan(c, engine.NewState(), engine.Options{})
	if err != nil {
		return err
	}
	for _, change := range plan.Changes {
		fmt.Println(change.Action, change.Address(), "after", change.DependsOn)
	}
	return nil
}

func (emptyMaster) Apply(context.Context, *engine.Config) error { return nil }

func (emptyMaster) Save(_ context.Context, f console.File) error {
	fmt.Printf("%s:\n%s", f.Name, f.Source)
	return nil
}

// Entries of a staged session are collected. One that fails is taken back.
func Example() {
	session, err := console.New(starlib.Inputs{}, console.Options{Staging: emptyMaster{}})
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	for _, entry := range []string{
		`url = "https://lab.example/software.cfg"`,
		`db = request(url, "db")`,
		`app = request(url, "app", {"database": db.getConnectionParameter("url")})`,
		`request(url, "web"); 1 // 0`,
		`plan()`,
		`save("main.star")`,
	} {
		shown, err := session.Entry(context.Background(), entry)
		fmt.Print(shown)
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// <entry 4>:1:24: floored division by zero
	// create instance db after []
	// create instance app after [instance db]
	// main.star:
	// db = request("https://lab.example/software.cfg", "db")
	//
	// request(
	//     "https://lab.example/software.cfg",
	//     "app",
	//     partition_parameter_kw = {
	//         "database": db.getConnectionParameter("url"),
	//     },
	// )
}
