// Package conformance holds the tests against the real peer: the stock SlapOS
// client, console, node agent and slapproxy. slapstar runs against the real
// slapproxy, and the stock command line and node agent against the embedded
// Master. Both read the same configuration files.
//
// The peer is Python and not part of this project. conformance/run installs it
// outside the repository and runs these tests; without it they are left out.
package conformance
