// Package sample writes Starlark files to measure and to test with: a fleet of
// instances in literal calls, and instances of every kind at random.
package sample

import (
	"fmt"
	"strconv"
	"strings"

	"slapstar/slap"
)

// Release is the software release of the instances of a fleet.
const Release = "https://lab.example/fleet/software.cfg"

// Fleet is a file that declares n instances, each in a call of its own of about
// 400 bytes. The first edited ones have another parameter than they would have
// with edited = 0.
func Fleet(n, edited int) string {
	var b strings.Builder
	for i := range n {
		note := "as it was"
		if i < edited {
			note = "edited"
		}
		fmt.Fprintf(&b, `request(
    %q,
    "fleet-%06d",
    partition_parameter_kw = {
        "monitor-title": "Monitor of machine %06d of the fleet",
        "monitor-interface-url": "https://monitor.example/interface/%06d",
        "note": %q,
        "size": %d,
        "tls": True,
        "ratio": 0.5,
    },
    software_type = "machine",
    state = "started",
)
`, Release, i, i, i, note, i%64)
	}
	return b.String()
}

// FleetInstance is what the call of that number in [Fleet] asks for.
func FleetInstance(i int) slap.InstanceRequest {
	return slap.InstanceRequest{
		Name:            fmt.Sprintf("fleet-%06d", i),
		SoftwareRelease: Release,
		SoftwareType:    "machine",
		State:           slap.Started,
		Parameters: slap.Parameters{
			"monitor-title":         fmt.Sprintf("Monitor of machine %06d of the fleet", i),
			"monitor-interface-url": fmt.Sprintf("https://monitor.example/interface/%06d", i),
			"note":                  "as it was",
			"size":                  strconv.Itoa(i % 64),
			"tls":                   "True",
			"ratio":                 "0.5",
		},
	}
}
