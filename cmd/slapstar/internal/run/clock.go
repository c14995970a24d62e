package run

import (
	"net/http"
	"sync"
	"time"
)

// A clockTransport notes what the clock of a Master says.
type clockTransport struct {
	next http.RoundTripper

	mu    sync.Mutex
	ahead time.Duration // of ours
	known bool
}

// RoundTrip implements [http.RoundTripper]. The header Date has whole seconds, and is
// written somewhere between question and answer.
func (c *clockTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	begin := time.Now()
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		return resp, err
	}
	if date, wrong := http.ParseTime(resp.Header.Get("Date")); wrong == nil {
		asked := begin.Add(time.Since(begin) / 2)
		c.mu.Lock()
		c.ahead, c.known = date.Add(time.Second/2).Sub(asked), true
		c.mu.Unlock()
	}
	return resp, nil
}

// now returns how far the Master's clock is ahead, if it has said what it says.
func (c *clockTransport) now() (ahead time.Duration, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead, c.known
}
