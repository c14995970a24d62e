package starlib_test

import (
	"context"
	"fmt"
	"log"

	"slapstar/starlib"
	"slapstar/starlib/lang"
)

const mainFile = `
database = request(product.mariadb, "shop-db")
request(product.erp5, "shop-app", {
    "url": database.getConnectionParameter("url"),
    "workers": var("workers", default = 2),
})
`

// A file is evaluated into what it declares. No Master is asked: the database has not
// published its url yet, so the parameter is a value to come.
func Example() {
	config, err := starlib.Exec(context.Background(), starlib.Inputs{
		Source: lang.Source{File: "main.star", Sources: &lang.Sources{
			Text: map[string]string{},
			Read: func(string) ([]byte, error) { return []byte(mainFile), nil }, // else from disk
		}},
		Product: func(_ context.Context, name string) (string, error) {
			return "https://lab.example/" + name + "/software.cfg", nil
		},
		Vars: map[string]lang.Var{"workers": {Text: "4"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, i := range config.Instances() {
		fmt.Println(i.Origin.Position(), i.Name, i.SoftwareRelease)
	}
	parameters := config.Instances()[1].Parameters
	fmt.Println(parameters["workers"].Display(), parameters["url"].Display())
	// Output:
	// main.star:2:12 shop-db https://lab.example/mariadb/software.cfg
	// main.star:3:1 shop-app https://lab.example/erp5/software.cfg
	// 4 (known after shop-db)
}
