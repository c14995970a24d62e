// Package proxy is the embedded SlapOS Master: an http.Handler over a SQLite
// file that speaks the legacy, the JSON-RPC and the HATEOAS interface of a
// slapproxy, so that slapstar, the stock slapos commands and a node agent can
// all use it.
//
// With an [Options.Simulator] it also plays the compute nodes: a node comes into
// being when it is named, its partitions do not run out, and what is asked of
// it is reported as done after a delay, connection parameters included.
//
// Where slapproxy is wrong it is right, without breaking a client: parallel
// creations never share a partition, destroying a name that does not exist
// allocates nothing, a shared instance is gone once destroyed, and
// getHateoasUrl answers.
//
// The package knows nothing of plans, of Starlark or of the terminal.
package proxy
