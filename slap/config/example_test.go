package config_test

import (
	"fmt"
	"os"
	"path/filepath"

	"slapstar/slap/config"
)

const file = `
[slapos]
master_url = https://slap.example:5000/
project_reference = PROJ-1

[slapproxy]
port = 5000
software_product_list =
  kvm https://lab.example/kvm/software.cfg
`

func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	named := filepath.Join(dir, "slapos.cfg")
	if err := os.WriteFile(named, []byte(file), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	at, err := config.Find(named, "main.star") // which one to use; here the one that is named
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := config.Read(at.Path)
	if err != nil {
		fmt.Println(err)
		return
	}
	options, err := c.ClientOptions() // for slap.NewClient
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(options.MasterURL, options.Project)
	fmt.Println(c.Proxy.Host, c.Proxy.Port, c.Proxy.Products)
	// Output:
	// https://slap.example:5000/ PROJ-1
	// 127.0.0.1 5000 map[kvm:https://lab.example/kvm/software.cfg]
}
