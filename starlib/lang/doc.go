// Package lang holds what is Starlark here rather than slapstar's own: errors with
// their stacks and hints.
package lang
