package slap

import (
	"context"
	"errors"
	"fmt"
)

// An Interface is one of those that a Master speaks.
type Interface string

// The interfaces that a client can be kept to. Without one, each call uses the
// interface that costs the Master least, and a read tries another one if the Master does
// not have it.
const (
	Any     Interface = ""
	Legacy  Interface = "legacy"
	JSONRPC Interface = "json-rpc"
	HATEOAS Interface = "hateoas"
)

// allows returns an error when the client is kept to another interface.
func (c *Client) allows(i Interface) error {
	if c.only == Any || c.only == i {
		return nil
	}
	return fmt.Errorf("%w: %s", errKept, c.only)
}

// errKept says that no request was made.
var errKept = fmt.Errorf("%w: the client is kept to one interface", ErrUnsupported)

// A way is how a call goes over one interface. Its error wraps [ErrUnsupported]
// when the Master does not have it.
type way[T any] func(context.Context) (T, error)

// firstOf tries several ways until the Master has one. It begins with the way that
// worked last time, so each client tries the others once.
func firstOf[T any](ctx context.Context, c *Client, call string, ways ...way[T]) (T, error) {
	first := 0
	if n, ok := c.found.Load(call); ok {
		first = n.(int)
	}
	var zero T
	var failure error
	for i := range ways {
		n := (first + i) % len(ways)
		v, err := ways[n](ctx)
		if err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrNotReady) {
			c.found.Store(call, n) // which a passing failure does not show
		}
		if !errors.Is(err, ErrUnsupported) {
			return v, err
		}
		// The answer of a Master says more than that no request was made.
		if _, answered := errors.AsType[*StatusError](err); answered || failure == nil || errors.Is(failure, errKept) {
			failure = err
		}
	}
	return zero, failure
}
