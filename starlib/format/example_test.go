package format_test

import (
	"fmt"
	"log"

	"slapstar/starlib/format"
)

// A file is laid out with its comments. One that is not Starlark is refused.
func Example() {
	text, err := format.Source("main.star", []byte(`request( product.kvm,'vm',  # the first one
   {'ram':4096,'cpu':2})`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(text))
	_, err = format.Source("main.star", []byte("request(product.kvm"))
	fmt.Println(err)
	// Output:
	// request(
	//     product.kvm,
	//     "vm",  # the first one
	//     {"ram": 4096, "cpu": 2},
	// )
	// main.star:1:20: got end of file, want ')'
}
