// Package proxy is the embedded SlapOS Master: an http.Handler over a SQLite
// file that speaks the legacy, the JSON-RPC and the HATEOAS interface of a
// slapproxy, so that slapstar, the stock slapos commands and a node agent can
// all use it.
//
// The package knows nothing of plans, of Starlark or of the terminal.
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
//     makes two instances of one name, or one without.
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
//   - What a page of another site makes a browser send is refused with 403.
//   - The page at / is its own; there is no /http_proxy and no /shacache.
//
// With the profile [Full] it does what the real Master does, as far as that is
// known without ever having been tried on one:
//
//   - An instance gets its place later, in the background, on a node that reported
//     its release as available and has a partition free, or on a host; until then
//     the answer is "not ready". An SLA key that no Master knows keeps it waiting
//     for ever. Of the known ones computer_guid and instance_guid choose; the
//     nodes here have nothing that the others could ask for.
//   - A user changes the parameters, the state and the SLA of a tree, and not its
//     release, type or shared. Plain and shared instances have one namespace.
//   - A tree that is destroyed is archived at once, with its children. Its nodes
//     see it until they report the end.
//   - The SLA and what nodes report is kept and answered.
//   - A partition that its node lists no longer gets nothing new, and keeps what it
//     has. A node has to be known before it is formatted.
//   - The HATEOAS interface has the templates and the columns of the real one, and
//     understands the queries that clients send.
//
// Where the real Master is not known, or more than this program needs, it is
// simpler: there is one user and no project, product and node ask for a
// project_reference without looking at it, certificates are empty, no cache is
// ever being filled, and the time of a report is that of the last change.
package proxy
