// Package lang is Starlark as the files of slapstar have it, and nothing of what they
// declare.
//
// An [Evaluation] runs files: load reads below a root folder only, steps, sizes and
// memory are limited, and mistakes come out as an [Error] with positions, stacks and
// hints. What a file may call is handed to it as predeclared names.
//
// A value that is not known yet, or secret, is a [Text]. Starlark asks no value
// before it compares or tests it, so the parsed file is rewritten (see rewrite):
// comparisons, conditions, % and .format become calls of guards, which look for such
// values first. A use that would have to guess is an error with its position.
//
// The package does not know request or [engine.Config], nor HTTP, the terminal or the
// clock. A hint is data to the end, see [HintedError].
package lang
