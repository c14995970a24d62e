package project_test

import (
	"context"
	"fmt"
	"log"

	"slapstar/starlib/lang"
	"slapstar/starlib/project"
)

// A project file is evaluated into the environments that it declares.
func Example() {
	source := lang.Source{File: project.File, Sources: &lang.Sources{
		Text: map[string]string{},
		Read: func(string) ([]byte, error) { // else from disk
			return []byte("required_version(\">= 0.3\")\nenvironment(\"prod\", entry = \"envs/prod/main.star\", vars = {\"size\": 3})\n"), nil
		},
	}}
	p, err := project.Exec(context.Background(), source, "v0.3.1")
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range p.Environments {
		fmt.Println(e.Origin.Position(), e.Name, e.Entry, string(e.Vars["size"]))
	}
	// Output: slapstar.star:2:1 prod envs/prod/main.star 3
}
