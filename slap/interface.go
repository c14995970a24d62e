package slap

import (
	"context"
	"errors"
	"fmt"
)

// An Interface is one of those that a Master speaks.
type Interface string

// The interfaces that a client can be kept to. Without one, each call goes over
// the one that costs the Master least; what reads goes over another where the
// Master does not have that.
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

// errKept says that nobody was asked.
var errKept = fmt.Errorf("%w: the client is kept to one interface", ErrUnsupported)

// A way is how a call goes over one interface. Its error wraps [ErrUnsupported]
// when the Master does not have it.
type way[T any] func(context.Context) (T, error)

// firstOf goes the first of several ways that the Master has. The one that was
// answered last time is tried first, so the others are asked for once a client.
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
		// What a Master answered says more than that nobody was asked.
		if _, answered := errors.AsType[*StatusError](err); answered || failure == nil || errors.Is(failure, errKept) {
			failure = err
		}
	}
	return zero, failure
}
