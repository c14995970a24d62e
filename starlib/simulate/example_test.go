package simulate_test

import (
	"context"
	"fmt"
	"io/fs"
	"log"

	"slapstar/slap"
	"slapstar/starlib/lang"
	"slapstar/starlib/simulate"
)

const nodes = `
node("COMP-1", partitions = 3)

def instance(i):
    if i.attempt == 0:
        return 0.5
    if i.software_type == "broken":
        return "no space left"
    return {"url": "https://[%s]/%s" % (i.ipv6, i.name)}
`

// A file says that an instance needs half a second, and then publishes its address or
// fails.
func Example() {
	ctx := context.Background()
	s, err := simulate.Load(ctx, lang.Source{File: "nodes.star", Sources: &lang.Sources{
		Text: map[string]string{"nodes.star": nodes},
		Read: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
	}}, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Nodes)
	i := simulate.Instance{InstanceRequest: slap.InstanceRequest{Name: "db"}, IPv6: "2001:db8::1"}
	for range 2 {
		outcome, err := s.Instance(ctx, i)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v %q\n", outcome.Delay, outcome.Connection["url"])
		i.Attempt++
	}
	i.SoftwareType = "broken"
	outcome, err := s.Instance(ctx, i)
	fmt.Println(outcome.Error, err)
	// Output:
	// [{COMP-1 3}]
	// 0.5 ""
	// 0 "https://[2001:db8::1]/db"
	// no space left <nil>
}
