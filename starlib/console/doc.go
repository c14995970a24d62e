// Package console evaluates what is typed at a prompt, entry by entry: with the words
// of the files, and with those of slapos console besides.
//
// A [Session] acts on a Master at once, through the interface [Live], or collects what
// is declared and has it planned and carried out ([Staging]). It is the one package in
// which a builtin may act: [starlib] does not know it, and asks the hooks that a
// session sets.
//
// The package does not know HTTP, plans or the terminal.
package console
