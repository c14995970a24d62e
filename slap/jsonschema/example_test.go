package jsonschema_test

import (
	"fmt"

	"slapstar/slap/jsonschema"
)

func Example() {
	read := func(location string) ([]byte, error) { // where schemas come from is up to the caller
		return []byte(`{
			"type": "object",
			"required": ["name"],
			"properties": {"sites": {"items": {"properties": {"port": {"type": "integer"}}}}}
		}`), nil
	}
	schema, err := jsonschema.Compile("https://lab.example/input.json", read)
	if err != nil {
		fmt.Println(err)
		return
	}
	value, err := jsonschema.Parse([]byte(`{"sites": [{"port": "80"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	violations, err := schema.Validate(value, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, violation := range violations {
		fmt.Printf("%q: %s\n", violation.Path, violation.Message)
	}
	// Output:
	// "": "name" is missing
	// "sites[0].port": got text, want a whole number
}
