package lang_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// address returns a value that is not known yet.
func address(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var instance lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "instance", &instance); err != nil {
		return nil, err
	}
	unknown := engine.Refer(engine.Reference{Instance: string(instance), Key: "address"})
	return lang.Current(thread).Value(unknown), nil
}

// evaluate runs a file that may call address.
func evaluate(source string) (starlark.StringDict, *engine.Boundary, error) {
	e, err := lang.New(context.Background(), lang.Source{File: "main.star", Sources: &lang.Sources{
		Text: map[string]string{"main.star": source},
		Read: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
	}}, starlark.StringDict{"address": starlark.NewBuiltin("address", address)}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	return e.Entry()
}

// An unknown value becomes a part of text. A condition with it is where the evaluation
// ends for now, and any other use a mistake with its position and a hint.
func Example() {
	globals, _, _ := evaluate(`url = "https://%s/" % address("web")`)
	text := globals["url"].(*lang.Text).Value()
	fmt.Println(text.Display())

	_, more, err := evaluate(`ready = address("web") != ""`)
	fmt.Println(more.Use, more.Origin.Position(), err)

	_, _, err = evaluate(`size = len(address("web"))`)
	if mistakes, ok := errors.AsType[*lang.Error](err); ok {
		fmt.Println(mistakes)
		fmt.Println(mistakes.Problems[0].Hint != "")
	}
	// Output:
	// https://(known after web)/
	// != main.star:1:24 <nil>
	// main.star:1:8: len needs the value of connection parameter "address" of instance "web", which is not known yet
	// true
}
