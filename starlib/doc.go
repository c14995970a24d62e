// Package starlib runs the Starlark files of a user and returns what they
// declare as an [engine.Config].
//
// Evaluation is hermetic: the files see their own folder and the [Inputs],
// which are data, with one exception in form: product.NAME is answered by a
// function that is passed in. Builtins only declare; nothing they do reaches a
// Master. How files run, and what becomes of a value that is not known yet, is that
// of [lang].
//
// The package knows nothing of HTTP, of a client of a Master, of printing or of the
// clock.
package starlib
