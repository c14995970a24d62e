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
//   - What a page of another site makes a browser send is refused with 403, and a
//     request for a host of another name than [Options.Hosts] with 421.
//   - Texts are text/plain and marshalled values text/xml, not text/html, and no
//     browser may guess another kind.
//   - A traversal leads to a document of this Master, never to another host.
//   - A JSON-RPC document has at most 4 MiB and 200 000 values, a form 32 MiB. Those
//     of more than 16 KiB take turns: at once there is one document, or forms of 32
//     MiB together. One that waits for a minute is refused with 503.
//   - The page at / is its own; there is no /http_proxy and no /shacache.
//
// With the profile [Full] it does what the source of the real Master says, which nobody
// has tried on one; docs/reference/full-profile.md has the options:
//
//   - master_url ends in /erp5/portal_slap, JSON-RPC is beside it, and HATEOAS where
//     getHateoasUrl says. Errors are the page of ERP5.
//   - Searches, lists and look-ups find what was written after a delay. Until then the
//     same request is in progress, a destroyed tree is listed, and its title is taken.
//     What is found follows from times that are stored with rows, and from the clock.
//   - There are persons and projects. A tree is of one person and in one project, and
//     its title is that of one tree of the person. A manager of a project sees and
//     supplies what is in it.
//   - A tree gets its root instance when its subscription has come, and that gets its
//     place in the background: where a product, an allocation supply, the software and
//     a free partition let it, and only if it is to be started. An SLA key that no
//     Master knows keeps it waiting for ever. Of the known ones computer_guid,
//     instance_guid and project_guid choose; the nodes here have nothing that the
//     others could ask for.
//   - A person changes the parameters, the state and the SLA of a tree, and not its
//     release, type or shared. Another release comes by an upgrade decision.
//   - Nodes see what is destroyed until they report the end.
//   - The SLA and what nodes report is kept and answered; reports until the next start.
//   - A partition that its node lists no longer gets nothing new, and keeps what it
//     has. A node has to be known before it is formatted.
//   - The HATEOAS interface has the templates and the columns of the real one, and
//     understands the queries that clients send.
//
// Where the real Master is not known, or more than this program needs, it is simpler:
// certificates of nodes and instances are empty, what a node reports is one text, and
// who may see nodes and software is whoever has a part in the project.
package proxy
