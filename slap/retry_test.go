package slap

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A flakyMaster answers the first requests with faults, in order, and then
// with success. A fault of status 0 breaks the connection.
type flakyMaster struct {
	faults   []fault
	requests atomic.Int64
}

type fault struct {
	code int
	text string
}

func (f *flakyMaster) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if n := int(f.requests.Add(1)); n <= len(f.faults) {
		fault := f.faults[n-1]
		if fault.code == 0 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(fault.code)
		w.Write([]byte("<!doctype html><p>" + fault.text + "</p>"))
		return
	}
	w.Write([]byte("done"))
}

func TestRetry(t *testing.T) {
	for _, test := range []struct {
		name     string
		faults   []fault
		is       error // of the result
		requests int
	}{
		{"nothing wrong", nil, nil, 1},
		{"busy for a while", []fault{{503, ""}, {429, ""}, {502, ""}}, nil, 4},
		{"being created just now", []fault{{500, "NotImplementedError: x_inProgress"}}, ErrTaken, 1},
		{"on its way out", []fault{{500, "NotImplementedError: The system was not able to get the expected instance tree"}}, ErrGoing, 1},
		{"two writes met", []fault{{500, "ConflictError: database conflict error"}}, nil, 2},
		{"another exception", []fault{{500, "KeyError: 'x'"}}, errAny, 1},
		{"internal error of a slapproxy under load", []fault{{500, "oops"}}, nil, 2},
		{"a change that the Master refuses", []fault{{500, "NotImplementedError: You can not change the release"}}, errAny, 1},
		{"busy for too long", []fault{{503, ""}, {503, ""}, {503, ""}, {503, ""}}, ErrBusy, 4},
		{"connection broken in the middle", []fault{{503, ""}, {0, ""}}, nil, 3},
		{"connection broken at once", []fault{{0, ""}}, ErrUnreachable, 1},
		{"not found", []fault{{404, ""}}, ErrNotFound, 1},
		{"not ready", []fault{{408, ""}}, ErrNotReady, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := &flakyMaster{faults: test.faults}
			s := httptest.NewServer(m)
			defer s.Close()
			var notified int
			c, err := NewClient(Options{MasterURL: s.URL, Retry: RetryPolicy{
				Initial: time.Millisecond,
				Notify:  func(Retry) { notified++ },
				Tries:   4,
			}, Transport: &http.Transport{DisableKeepAlives: true}}) // with them, net/http repeats by itself
			if err != nil {
				t.Fatal(err)
			}
			err = c.report(context.Background(), call{name: "someReport"}, nil)
			if !isError(err, test.is) {
				t.Errorf("got error %v, want %v", err, test.is)
			}
			if got := int(m.requests.Load()); got != test.requests || notified != test.requests-1 {
				t.Errorf("got %d requests and %d notices, want %d and %d", got, notified, test.requests, test.requests-1)
			}
		})
	}
}

// A Master that is busy when its HATEOAS interface is looked for is not taken
// for one without.
func TestBusyProbe(t *testing.T) {
	busy := true
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if busy && r.URL.Path == "/getHateoasUrl" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		http.NotFound(w, r)
	}))
	defer s.Close()
	c, err := NewClient(Options{MasterURL: s.URL, Retry: RetryPolicy{Tries: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.hateoas(context.Background()); !errors.Is(err, ErrBusy) || c.noMedia {
		t.Errorf("got error %v, want %v", err, ErrBusy)
	}
}

var errAny = errors.New("any error")

// isError reports whether a call ended as wanted: with errAny, with any error.
func isError(err, want error) bool {
	if errors.Is(want, errAny) {
		return err != nil
	}
	return errors.Is(err, want)
}

// A transport answers a request without a network, so that a test may have a clock of
// its own.
type transport func(n int) (code int, text string)

func (f transport) client(t *testing.T, p RetryPolicy) (c *Client, requests *int) {
	t.Helper()
	requests = new(int)
	c, err := NewClient(Options{MasterURL: "http://master/", Retry: p, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		*requests++
		code, text := f(*requests)
		if code == 0 {
			return nil, errors.New("broken")
		}
		return &http.Response{StatusCode: code, Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	return c, requests
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Each kind of failure has a patience of its own, and the waits grow and differ.
func TestPatience(t *testing.T) {
	for _, test := range []struct {
		name     string
		policy   RetryPolicy
		answer   transport
		patience time.Duration
	}{
		{"two writes met", RetryPolicy{}, func(int) (int, string) { return 500, "ConflictError: database conflict error" }, 2 * time.Minute},
		{"its own error page", RetryPolicy{}, func(int) (int, string) { return 503, erp5Page("KeyError", "x") }, 2 * time.Minute},
		{"a gateway", RetryPolicy{}, func(int) (int, string) { return 502, "" }, 15 * time.Second},
		{"an internal error", RetryPolicy{}, func(int) (int, string) { return 500, "oops" }, 15 * time.Second},
		{"broken later", RetryPolicy{}, func(n int) (int, string) { return map[bool]int{true: 503, false: 0}[n == 1], "" }, 15 * time.Second},
		{"as asked", RetryPolicy{Patience: time.Hour}, func(int) (int, string) { return 500, "ConflictError" }, time.Hour},
		{"as asked of a gateway", RetryPolicy{Faults: time.Minute}, func(int) (int, string) { return 504, "" }, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told []Retry
				test.policy.Notify = func(r Retry) { told = append(told, r) }
				c, requests := test.answer.client(t, test.policy)
				begin := time.Now()
				err := c.report(t.Context(), call{name: "x"}, nil)
				if took := time.Since(begin); took != test.patience || err == nil || !strings.Contains(err.Error(), "(tried ") {
					t.Errorf("took %s, want %s: %v", took, test.patience, err)
				}
				if len(told) != *requests-1 {
					t.Errorf("%d requests and %d notices", *requests, len(told))
				}
				for n, r := range told {
					if r.Patience != test.patience || r.Err == nil || r.Wait > 2*longestWait || n == len(told)-1 && r.Elapsed+r.Wait != test.patience {
						t.Errorf("notice %d: %+v", n, r)
					}
				}
			})
		})
	}
}

// A full Master fills the cache of a node for a while.
func TestPatienceWithCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		c, _ := transport(func(int) (int, string) {
			if time.Since(begin) < 100*time.Second {
				return 503, ""
			}
			return 200, `<marshal><object id="i2" module="slapos.slap.slap" class="Computer"><tuple><string>n</string></tuple><dictionary id="i3"/></object></marshal>`
		}).client(t, RetryPolicy{})
		if _, err := c.Orders(t.Context(), "n"); err != nil {
			t.Error(err)
		}
	})
}

func TestRetryEndsWithContext(t *testing.T) {
	m := &flakyMaster{faults: []fault{{503, ""}, {503, ""}, {503, ""}}}
	s := httptest.NewServer(m)
	defer s.Close()
	ctx, cancel := context.WithCancel(context.Background())
	c, err := NewClient(Options{MasterURL: s.URL, Retry: RetryPolicy{Initial: time.Minute, Notify: func(Retry) { cancel() }}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Product(ctx, "kvm"); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

// What is being finished is not repeated once its context has ended, and the failure is
// what is said.
func TestFinishing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c, requests := transport(func(int) (int, string) { return 503, "" }).client(t, RetryPolicy{Initial: time.Minute, Faults: time.Hour})
		time.AfterFunc(time.Second, cancel)
		err := c.report(Finishing(ctx), call{name: "x"}, nil)
		if !errors.Is(err, ErrBusy) || *requests != 1 {
			t.Errorf("got %v after %d requests", err, *requests)
		}
		if err := c.report(Finishing(ctx), call{name: "x"}, nil); !errors.Is(err, ErrBusy) || *requests != 2 {
			t.Errorf("later: got %v after %d requests", err, *requests)
		}
	})
}

// Two writes that met are for whoever makes several to sort out; others ask again.
func TestConflictWhileFinishing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conflict := func(int) (int, string) { return 500, "ConflictError: database conflict error" }
		c, requests := transport(conflict).client(t, RetryPolicy{})
		if err := c.report(Finishing(t.Context()), call{name: "x"}, nil); MeaningOf(err) != Conflicting || *requests != 1 {
			t.Errorf("got %v after %d requests", err, *requests)
		}
		if err := c.report(t.Context(), call{name: "x"}, nil); MeaningOf(err) != Conflicting || *requests < 5 {
			t.Errorf("alone: got %v after %d requests", err, *requests)
		}
	})
}
