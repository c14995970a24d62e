// Package starlib runs the Starlark files of a user and returns what they
// declare as an [engine.Config].
//
// Evaluation is hermetic: the files see their own folder and the [Inputs],
// which are data, with one exception in form: product.NAME is answered by a
// function that is passed in. Builtins only declare; nothing they do reaches a
// Master.
//
// A connection parameter that the Master does not have yet is a value of its
// own type, unknown. Starlark asks no value before it compares or tests it, so
// the parsed file is rewritten (see rewrite): comparisons, conditions, % and
// .format become calls that look for unknown values first. A use that would
// have to guess is an error with its position.
//
// The package knows nothing of HTTP, of [slap.Client], of printing or of the
// clock.
package starlib
