package release

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"slapstar/slap"
)

// fetch reads a file from the web, or from the cache, as the policy allows.
func (s *Schemas) fetch(ctx context.Context, location string) ([]byte, error) {
	u, err := parseWeb(location)
	if err != nil {
		return nil, err
	}
	if _, err := s.allowed(u); err != nil { // before the cache: it must not decide
		return nil, err
	}
	cache := openCache(s.Cache)
	defer cache.close()
	kept := cache.read(u.String())
	switch {
	case kept.fresh(), kept != nil && s.Offline:
		return kept.data, s.budget().take(location, len(kept.data))
	case s.Offline:
		return nil, fmt.Errorf("%s: %w", location, ErrOffline)
	}
	answer, err := s.fetchNow(ctx, u, kept)
	switch {
	case err == nil && answer == nil:
		cache.confirm(u.String())
		return kept.data, s.budget().take(location, len(kept.data))
	case err == nil:
		cache.write(u.String(), answer)
		return answer.data, nil
	case kept != nil && ctx.Err() == nil && isUnreachable(err): // better an old answer than none
		s.noteStale(u, kept)
		return kept.data, s.budget().take(location, len(kept.data))
	}
	return nil, err
}

// ErrOffline is wrapped by the errors of a file that is not in the cache, when the
// network is not to be used.
var ErrOffline = errors.New("the schema is not in the cache, and the network is not used")

// errUnreachable is wrapped by the errors of a host that did not answer.
var errUnreachable = errors.New("the schema cannot be fetched")

func isUnreachable(err error) bool { return errors.Is(err, errUnreachable) }

// fetchNow asks for a file. The answer is nil if what is kept is still right. A host that
// did not answer once is not asked again in this run.
func (s *Schemas) fetchNow(ctx context.Context, u *url.URL, kept *copied) (*copied, error) {
	host := slap.HostPort(u)
	if reason := s.budget().silent(host); reason != "" {
		return nil, &SilentHostError{plainHost(u), reason, fmt.Errorf("%s: %w: %s did not answer before", u, errUnreachable, host)}
	}
	answer, err := s.ask(ctx, u, kept)
	if err != nil && isUnreachable(err) && ctx.Err() == nil {
		err = &SilentHostError{plainHost(u), s.budget().fell(host, silence(err)), err}
	}
	return answer, err
}

func (s *Schemas) ask(ctx context.Context, u *url.URL, kept *copied) (*copied, error) {
	location := u.String()
	patience := s.Patience
	if anywhere, err := s.allowed(u); err != nil || anywhere { // the operator named the host
		patience = 0
	}
	limited, done, err := s.budget().begin(ctx, location, patience)
	if err != nil {
		return nil, err
	}
	defer done()
	req, err := http.NewRequestWithContext(limited, http.MethodGet, location, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", slap.UserAgent)
	kept.ask(req.Header)
	resp, err := s.client().Do(req)
	if err != nil {
		return nil, s.fetchError(ctx, limited, location, err)
	}
	defer resp.Body.Close()
	if kept != nil && resp.StatusCode == http.StatusNotModified {
		return nil, nil
	}
	if resp.StatusCode != http.StatusOK {
		return nil, slap.NewStatusError(req.Method, location, resp.StatusCode)
	}
	data, err := s.readAll(resp.Body, location)
	if err != nil && limited.Err() != nil {
		err = s.fetchError(ctx, limited, location, err)
	}
	if err != nil {
		return nil, err
	}
	return newCopy(resp.Header, data), nil
}

// fetchError returns the error for a file that was not answered.
func (s *Schemas) fetchError(ctx, limited context.Context, location string, err error) error {
	refused, isRefused := errors.AsType[*RefusedHostError](err)
	slow, isSlow := errors.AsType[*slowError](context.Cause(limited))
	_, isForm := errors.AsType[*formError](err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case isSlow:
		return fmt.Errorf("%s: %w: %w", location, errUnreachable, slow)
	case limited.Err() != nil: // the time of the run is over
		return fmt.Errorf("%s: %w", location, context.Cause(limited))
	case isRefused:
		return refused
	case isForm, errors.Is(err, errSpent):
		return errors.Unwrap(err) // without the words of package http
	}
	return fmt.Errorf("%w: %w", errUnreachable, err) // the error names the URL
}

// noteStale notes that a host did not answer, and that what is kept serves.
func (s *Schemas) noteStale(u *url.URL, kept *copied) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stale == nil {
		s.stale = map[string]time.Time{}
	}
	if at, ok := s.stale[plainHost(u)]; !ok || kept.at.Before(at) {
		s.stale[plainHost(u)] = kept.at
	}
}

// A StaleHost is one that did not answer, so that what the cache has of it serves.
type StaleHost struct {
	Host string
	At   time.Time // the oldest of what serves
}

// Stale returns the hosts that did not answer, and whose files the cache has, sorted.
func (s *Schemas) Stale() []StaleHost {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []StaleHost
	for host, at := range s.stale {
		list = append(list, StaleHost{host, at})
	}
	slices.SortFunc(list, func(a, b StaleHost) int { return cmp.Compare(a.Host, b.Host) })
	return list
}
