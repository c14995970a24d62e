package release

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// What the schemas of one run may take together.
const (
	maxRunBytes    = 32 << 20
	maxRunTime     = 30 * time.Second
	maxRunRequests = 500
)

// maxSilence is how long a host may take for one file.
const maxSilence = 10 * time.Second

// errSpent is wrapped by the errors of a Budget that is spent.
var errSpent = errors.New("the schemas of this run take too much")

// A Budget counts the bytes and the time that all schemas of a run take together: at
// most 32 MiB, and 30 seconds and 500 requests on the network. A host that takes more than
// 10 seconds for a file, or cannot be reached, is not asked again. The zero value is
// unspent. It may be used concurrently.
type Budget struct {
	Silence time.Duration // how long a host may take for a file; zero: 10 seconds

	mu       sync.Mutex
	bytes    int64
	requests int
	time     time.Duration
	under    int               // fetches under way
	since    time.Time         // when the first of them began
	fallen   map[string]string // hosts that did not answer, and why

	most budgetLimits // zero: the constants
}

type budgetLimits struct {
	bytes int64
	time  time.Duration
}

func (b *Budget) limits() budgetLimits {
	if b.most == (budgetLimits{}) {
		return budgetLimits{maxRunBytes, maxRunTime}
	}
	return b.most
}

// take counts the bytes of a file.
func (b *Budget) take(location string, n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bytes += int64(n); b.bytes > b.limits().bytes {
		return fmt.Errorf("%s: %w: more than %d MiB", location, errSpent, b.limits().bytes>>20)
	}
	return nil
}

// request counts one request.
func (b *Budget) request(location string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.requests++; b.requests > maxRunRequests {
		return fmt.Errorf("%s: %w: more than %d requests", location, errSpent, maxRunRequests)
	}
	return nil
}

// begin starts a fetch: the context that it returns ends when the time is spent. Time in
// which several fetches are under way counts once. Patience is how long the host may take;
// zero: as long as any.
func (b *Budget) begin(ctx context.Context, location string, patience time.Duration) (context.Context, func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	most := b.limits().time
	spent := fmt.Errorf("%w: more than %s", errSpent, most)
	left := most - b.time
	if b.under > 0 {
		left -= time.Since(b.since)
	}
	if left <= 0 {
		return nil, nil, fmt.Errorf("%s: %w", location, spent)
	}
	if b.under++; b.under == 1 {
		b.since = time.Now()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, left, spent)
	patience = cmp.Or(patience, b.Silence, maxSilence)
	ctx, cancelSilence := context.WithTimeoutCause(ctx, patience, &slowError{patience})
	return ctx, func() {
		cancelSilence()
		cancel()
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.under--; b.under == 0 {
			b.time += time.Since(b.since)
		}
	}, nil
}

// silent returns why a host is not asked again; empty: it is.
func (b *Budget) silent(host string) (reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fallen[host]
}

// fell notes that a host did not answer, and returns the first reason.
func (b *Budget) fell(host, reason string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fallen == nil {
		b.fallen = map[string]string{}
	}
	if b.fallen[host] == "" {
		b.fallen[host] = reason
	}
	return b.fallen[host]
}

// Renew makes the budget unspent again.
func (b *Budget) Renew() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bytes, b.requests, b.time, b.fallen = 0, 0, 0, nil
}
