package jsonschema

import (
	"errors"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A pool compiles schemas that refer to the same documents, each part once.
type pool struct {
	*loader
	compiler *jsonschema.Compiler
	work     *work
}

// errPool is the error of a document that was not given.
var errPool = errors.New("the pool does not have this document")

func newPool() *pool {
	w := newWork()
	c := &pool{loader: newLoader(nil, nil, w.matching), work: w}
	c.compiler = c.libraryCompiler(poolDocuments{c.loader}, true)
	return c
}

// poolDocuments are those that a pool was given.
type poolDocuments struct{ *loader }

// Load implements [jsonschema.URLLoader].
func (d poolDocuments) Load(location string) (any, error) {
	if doc, ok := d.docs[location]; ok {
		return doc, nil
	}
	return nil, errPool
}

// compileInPool compiles a schema whose documents were read and looked through. It returns
// nil for one that is not for the pool: its documents cannot be compiled as they are, a part
// that it applies is not there, or another file may be had later.
func (d *Documents) compileInPool(location string, r *repairer) (s *Schema) {
	if r.err != nil || slices.ContainsFunc(r.holes, func(h *hole) bool { return h.part.Err != nil }) {
		return nil
	}
	d.compiling.Lock()
	defer d.compiling.Unlock()
	if d.pool == nil {
		d.pool = newPool()
	}
	p := d.pool
	d.pool = nil // unless all goes well: half of a schema may be there
	defer func() {
		if recover() != nil { // the library does, over what it does not expect
			s = nil
		}
	}()
	for at, doc := range r.docs {
		if _, ok := p.docs[at]; !ok {
			p.docs[at] = clone(doc)
		}
	}
	compiled, err := p.compiler.Compile(location)
	if err != nil || p.err != nil {
		return nil
	}
	d.pool = p
	if s = newSchema(compiled, p.work); len(r.applied(s)) > 0 {
		return nil
	}
	return s
}
