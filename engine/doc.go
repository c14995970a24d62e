// Package engine compares what files declare with what a SlapOS Master has,
// and carries the difference out.
//
// The package knows nothing of Starlark, of HTTP, of flags, of printing, or of the
// JSON of a plan, which is package document's.
//
// A run is data between pure steps: a [Config] (what is wanted) and a [State]
// (what the Master has) make a [Plan], which [Apply] carries out while it
// reports [Event]s. Only Observe, Complete, Read, Wait and Apply talk to a Master,
// through the small interfaces [Reader] and [Master]; NewPlan does no I/O.
//
// A value that only the Master will know, the connection parameter of an
// instance that has not published it, is a [Reference] inside a [Text].
package engine
