package starlib

import (
	"maps"
	"slices"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// Config returns what is declared so far. It is not to be changed.
func (e *Evaluation) Config() *engine.Config { return e.config }

// Declared returns what is declared at an address, or nil.
func (e *Evaluation) Declared(a engine.Address) engine.Resource { return e.declared[a].resource }

// Check returns the mistakes that the end of the files would show: instances outside
// of the claims, and dependencies that nothing declares.
func (e *Evaluation) Check() []lang.Problem {
	before := len(e.Problems())
	e.checkClaims()
	e.checkDependencies()
	found := e.Problems()[before:]
	e.Forget(len(found))
	return found
}

// Snapshot returns a function that takes back all that was declared since, and
// declares again what was rewound since.
func (e *Evaluation) Snapshot() (restore func()) {
	config, declared := *e.config, maps.Clone(e.declared)
	return func() {
		e.Rewind(config)
		e.declared = declared
	}
}

// Rewind declares what was declared before, and nothing else.
func (e *Evaluation) Rewind(before engine.Config) {
	for _, r := range e.config.Resources[min(len(before.Resources), len(e.config.Resources)):] {
		delete(e.declared, r.Address())
	}
	*e.config = before
	e.config.Resources = before.Resources[:len(before.Resources):len(before.Resources)]
	e.config.Claims = before.Claims[:len(before.Claims):len(before.Claims)]
	e.config.Reads = slices.Clip(before.Reads)
	e.config.Published, e.config.Secrets, e.config.Inputs = slices.Clip(before.Published), slices.Clip(before.Secrets), slices.Clip(before.Inputs)
	clear(e.given)
	for _, known := range before.Published {
		e.given[known] = true
	}
	clear(e.used)
	for _, name := range before.Inputs {
		e.used[name] = true
	}
}
