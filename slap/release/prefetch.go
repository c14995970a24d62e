package release

import (
	"context"
	"sync"
)

// maxParallel is how many software types are read at a time.
const maxParallel = 8

// Prefetch reads the schemas that checks will need, several at a time and each once. What
// is wrong with them is for Validate to say. If done is not nil, it is called after each
// software type with how many are read, of how many; never concurrently.
func (s *Schemas) Prefetch(ctx context.Context, checks []ParameterCheck, done func(n, of int)) {
	type kind struct {
		release, softwareType string
		shared                bool
	}
	var kinds []kind
	seen := map[kind]bool{}
	for _, c := range checks {
		k := kind{c.Release, c.SoftwareType, c.Shared}
		if !seen[k] {
			seen[k] = true
			kinds = append(kinds, k)
		}
	}
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		n    int
		next = make(chan kind)
	)
	for range min(maxParallel, len(kinds)) {
		wg.Go(func() {
			for k := range next {
				if schema, err := s.Release(ctx, k.release); err == nil {
					if entry, ok := schema.Type(k.softwareType, k.shared); ok && entry.Broken == "" {
						s.compiledAt(ctx, entry.Request)
					}
				}
				mu.Lock()
				if n++; done != nil {
					done(n, len(kinds))
				}
				mu.Unlock()
			}
		})
	}
	for _, k := range kinds {
		if ctx.Err() != nil {
			break
		}
		next <- k
	}
	close(next)
	wg.Wait()
}
