package release

import (
	"context"
	"errors"
	"slices"
	"sync"

	"slapstar/slap/jsonschema"
)

// mayGrow reports whether a result may be another one later, as the policy refused
// something: what it allows may grow.
func mayGrow(value any, err error) bool {
	if _, refused := errors.AsType[*RefusedHostError](err); refused {
		return true
	}
	schema, _ := value.(*jsonschema.Schema)
	return schema != nil && slices.ContainsFunc(schema.Unchecked(), func(p jsonschema.Part) bool {
		_, refused := errors.AsType[*RefusedHostError](p.Err)
		return refused
	})
}

// An attempt is made once, by whoever needs it first.
type attempt[T any] struct {
	mu    sync.Mutex
	made  bool
	value T
	err   error
}

// try returns the result that was made for a key, or makes it. A failure is kept like a
// success, unless ctx ended or the result may grow. mu guards the map.
func try[T any](ctx context.Context, mu *sync.Mutex, made *map[string]*attempt[T], key string, do func() (T, error)) (T, error) {
	mu.Lock()
	a := (*made)[key]
	if a == nil {
		if *made == nil {
			*made = map[string]*attempt[T]{}
		}
		a = &attempt[T]{}
		(*made)[key] = a
	}
	mu.Unlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.made {
		return a.value, a.err
	}
	value, err := do()
	if ctx.Err() != nil {
		return value, ctx.Err()
	}
	a.made, a.value, a.err = !mayGrow(value, err), value, err
	return value, err
}
