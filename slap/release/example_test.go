package release_test

import (
	"context"
	"fmt"

	"slapstar/slap/release"
)

// Parameters are compared with the schema of their release. A folder stands for the web.
func Example() {
	schemas := &release.Schemas{Dir: "testdata/schemas"}
	validation, err := schemas.Validate(context.Background(), release.ParameterCheck{
		Release:    "https://lab.example/release/software.cfg",
		Parameters: map[string]any{"ram-size": 512, "debug": "yes"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(validation.Type.Serialisation)
	for _, violation := range validation.Violations {
		fmt.Printf("%s: %s\n", violation.Path, violation.Message)
	}
	// Output:
	// xml
	// debug: got text, want True or False
	// ram-size: want at least 1024
}
