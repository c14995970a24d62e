// Command request asks a Master a number of times for one instance, with another
// parameter each time. It is what BenchmarkRequest in package conformance
// compares with the same loop in slapos console.
//
//	request MASTER_URL SOFTWARE_RELEASE TIMES
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"

	"slapstar/slap"
)

func main() {
	// The calls come one after the other, as in the console, which has one
	// thread, too: more of them only wake each other.
	runtime.GOMAXPROCS(1)
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "request:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("got %d arguments, want MASTER_URL SOFTWARE_RELEASE TIMES", len(args))
	}
	times, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	c, err := slap.NewClient(slap.Options{MasterURL: args[0]})
	if err != nil {
		return err
	}
	for i := range times {
		_, err := c.RequestInstance(context.Background(), slap.InstanceRequest{
			Name: "vm", SoftwareRelease: args[1], SoftwareType: slap.DefaultType, State: slap.Started,
			Parameters: slap.Parameters{"n": strconv.Itoa(i)},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
