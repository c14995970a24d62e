package jsonschema

import (
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A work is what validations may still do. Schemas that share parts share it.
type work struct {
	mu       sync.Mutex // held during a validation
	left     int        // steps
	matching *matching
	step     *jsonschema.Format
}

func newWork() *work {
	w := &work{matching: &matching{left: maxMatching}}
	w.step = &jsonschema.Format{Validate: func(any) error {
		if w.left--; w.left < 0 {
			panic(errWork)
		}
		return nil
	}}
	return w
}

func (w *work) begin() { w.left, w.matching.left = maxSteps, maxMatching }

// bound lets each application of a schema to a value take a step, through what the
// library calls for the keyword format, and ends a validation without steps left. That
// keyword has no other effect then.
func (w *work) bound(parts map[string]*jsonschema.Schema) {
	for _, sub := range parts {
		if sub.Format != w.step {
			sub.Format = w.step
		}
	}
}
