// Package proxy is the embedded SlapOS Master: an http.Handler over a SQLite
// file that speaks the legacy, the JSON-RPC and the HATEOAS interface of a
// slapproxy, so that slapstar, the stock slapos commands and a node agent can
// all use it.
//
// With an [Options.Simulator] it also plays the compute nodes: a node comes into
// being when it is named, its partitions do not run out, and what is asked of
// it is reported as done after a delay, connection parameters included.
//
// It answers what slapproxy 1.24 answers, its statuses, texts and omissions
// included: no SLA, no reported state, no state of a shared instance is kept.
// Where slapproxy is wrong it is right, without breaking a client:
//
//   - Parallel creations never lose or share a partition.
//   - Destroying a name that does not exist allocates nothing; it is not found.
//   - A shared instance is gone once it, its host or its tree is destroyed, with
//     its connection parameters; the answer says destroyed.
//   - A shared instance has one host: asked for with another release or type, it
//     moves, and leaves no copy behind.
//   - A rename over JSON-RPC renames the root in its children too, and no rename
//     makes two instances of one name.
//   - A state that no node understands is refused with 400, not stored. So is
//     what could be stored and not be read any more: text that XML cannot
//     carry, values nested beyond reason.
//   - A missing or unreadable field is answered with 400 and its name, and an
//     unknown node or partition with 404, where slapproxy has an internal error.
//   - Formatting over JSON-RPC works with all that the schema of the call allows.
//   - getHateoasUrl answers.
//   - The HATEOAS document of a root is never that of a sub-instance of the same
//     name, and that of a title with a slash can be read.
//   - A partition has its own addresses, not also those of its namesakes on other
//     nodes.
//   - What is forwarded to another Master has one name there, whichever interface
//     it came over, and is answered on both; a failure there is a 502.
//   - There is no panel, no /http_proxy and no /shacache.
//
// The package knows nothing of plans, of Starlark or of the terminal.
package proxy
