package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/itchyny/gojq"
)

// jqCommand is jq, as far as the examples use it.
func jqCommand() {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, "jq:", err)
			os.Exit(5)
		}
	}
	var slurp, raw bool
	var query string
	variables := map[string]any{}
	for args := os.Args[1:]; len(args) > 0; args = args[1:] {
		switch word := args[0]; word {
		case "-s":
			slurp = true
		case "-r":
			raw = true
		case "-c":
		case "--arg":
			variables["$"+args[1]] = args[2]
			args = args[2:]
		case "--argjson":
			var v any
			fail(json.Unmarshal([]byte(args[2]), &v))
			variables["$"+args[1]] = v
			args = args[2:]
		default:
			query = word
		}
	}
	var inputs []any
	for d := json.NewDecoder(os.Stdin); ; {
		var v any
		err := d.Decode(&v)
		if err == io.EOF {
			break
		}
		fail(err)
		inputs = append(inputs, v)
	}
	if slurp {
		if inputs == nil {
			inputs = []any{}
		}
		inputs = []any{inputs}
	}
	for _, input := range inputs {
		fail(writeQuery(os.Stdout, query, input, raw, variables))
	}
}

// writeQuery writes what a query of jq makes of a value, a line each.
func writeQuery(w io.Writer, query string, input any, raw bool, variables map[string]any) error {
	parsed, err := gojq.Parse(query)
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(variables))
	code, err := gojq.Compile(parsed, gojq.WithVariables(names), gojq.WithEnvironLoader(os.Environ))
	if err != nil {
		return err
	}
	values := make([]any, len(names))
	for i, name := range names {
		values[i] = variables[name]
	}
	data, err := json.Marshal(input) // gojq takes the types of JSON only
	if err != nil {
		return err
	}
	var decoded any
	if err := json.Unmarshal(data, &decoded); err != nil {
		return err
	}
	for results := code.Run(decoded, values...); ; {
		v, ok := results.Next()
		if !ok {
			return nil
		}
		if err, ok := v.(error); ok {
			return err
		}
		if text, ok := v.(string); ok && raw {
			fmt.Fprintln(w, text)
			continue
		}
		data, err := gojq.Marshal(v)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\n", data)
	}
}
