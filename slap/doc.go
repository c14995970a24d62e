// Package slap is a client of the SlapOS Master: its nouns (instance, software
// installation, compute node), and the HTTP client that reads and writes them.
//
// The package knows nothing of configuration files, of Starlark, of plans or of the
// terminal.
//
// A Master speaks three interfaces side by side. The legacy one carries
// marshalled Python values (package marshal) and is how things are asked for.
// The JSON-RPC one reads one thing at a time. The HATEOAS one searches, and on
// a slapproxy answers the whole account at once. Which of them serves a read
// is decided here and nowhere else.
//
// A node is a compute node. Computer, in a field or an argument, is the
// reference that names it, as the wire calls it: computer_guid, computer_id.
package slap
