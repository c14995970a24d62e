package release

import (
	"context"
	"sync"
)

// maxParallel is how many software types are read at a time.
const maxParallel = 8

// Prefetch reads the schemas that checks will need, several at a time and each once. What
// is wrong with them is for Validate to say. If done is not nil, it is called at first and
// after each software type with how many are read, of how many; never concurrently.
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
	each(ctx, len(kinds), done, func(n int) {
		k := kinds[n]
		if schema, err := s.Release(ctx, k.release); err == nil {
			if entry, ok := schema.Type(k.softwareType, k.shared); ok && entry.Broken == "" {
				s.compiledAt(ctx, entry.Request)
			}
		}
	})
}

// ReadReleases reads the schema files of releases, several at a time and each once. What
// is wrong with them is for Release to say. Done is as for Prefetch.
func (s *Schemas) ReadReleases(ctx context.Context, releases []string, done func(n, of int)) {
	each(ctx, len(releases), done, func(n int) { s.Release(ctx, releases[n]) })
}

// AtHand reports whether Release answers without the network: the file was tried before, is
// none of the web, is in a fresh copy, or is not fetched in any case.
func (s *Schemas) AtHand(release string) bool {
	s.mu.Lock()
	tried := s.releases[release]
	s.mu.Unlock()
	location := release + ".json"
	if tried != nil || s.Dir != "" || s.Offline || !isURL(location) {
		return true
	}
	if s.Refuses(release) {
		return true
	}
	u, err := parseWeb(location)
	if err != nil {
		return true
	}
	cache := openCache(s.Cache)
	defer cache.close()
	return cache.read(u.String()).fresh()
}

// Refuses reports whether the policy does not let the schema of a release be fetched.
func (s *Schemas) Refuses(release string) bool {
	u, err := parseWeb(release + ".json")
	if err == nil {
		_, err = s.allowed(u)
	}
	return err != nil
}

// each calls do for 0 to of-1, several at a time, until ctx ends; then it waits.
func each(ctx context.Context, of int, done func(n, of int), do func(int)) {
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		n    int
		next = make(chan int)
	)
	if done != nil && of > 0 {
		done(0, of)
	}
	for range min(maxParallel, of) {
		wg.Go(func() {
			for i := range next {
				do(i)
				mu.Lock()
				if n++; done != nil {
					done(n, of)
				}
				mu.Unlock()
			}
		})
	}
	for i := range of {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
}
