package starlib

import (
	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
)

// Hooks are asked before a builtin does what it does in a file: in a session calls act
// at once, or see what the Master has. Files have none. Package console alone sets
// them.
type Hooks interface {
	// Keep fills in what a request leaves out, shared too if sharedToo is set, from
	// what there is of that name. It returns the parameters that there are; nil when
	// there is no such instance.
	Keep(i *engine.Instance, sharedToo bool) (map[string]engine.Text, error)

	// Declare makes the Master have a resource, and returns what the call returns;
	// nil: it is collected, as in a file.
	Declare(r engine.Resource) (starlark.Value, error)

	// Information returns the handle of an instance that exists; nil: it is that of
	// a file.
	Information(name string) (starlark.Value, error)

	// Look reads an instance before the inputs are asked for it.
	Look(name string) error

	// Published notes what a call returns of what an instance has published.
	Published(p slap.Parameters)

	// Plain reports whether what looks like a credential and comes from the Master is
	// text like other text.
	Plain() bool

	// AtOnce returns the error of something that reads or writes the Master at once
	// and that this session does not have.
	AtOnce(what string) error

	// Waiting returns the error of a wait for a connection parameter.
	Waiting() error
}

// look reads an instance where somebody wants to know of it.
func (e *Evaluation) look(name string) error {
	if e.hooks == nil {
		return nil
	}
	return e.hooks.Look(name)
}
