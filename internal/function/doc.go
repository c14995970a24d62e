// Package function has the functions of text that a plan carries along until the text is
// known: what an instance will publish, or a secret that is not shown. A [Function] is
// data, its name and the arguments that are known, so that a plan can be compared, saved
// and shown before it runs.
//
// What a function gives is what the operation of Starlark of that name gives of a known
// text. The package does not know Starlark, plans, files or the network.
package function
