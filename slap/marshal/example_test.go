package marshal_test

import (
	"fmt"

	"slapstar/slap/marshal"
)

func Example() {
	document, err := marshal.Encode(map[string]any{"name": "vm", "ports": []any{80, 443}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(document))
	value, err := marshal.Decode(document)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(value)
	// Output:
	// <marshal><dictionary id="i2"><string>name</string><string>vm</string><string>ports</string><list id="i3"><int>80</int><int>443</int></list></dictionary></marshal>
	// map[name:vm ports:[80 443]]
}
