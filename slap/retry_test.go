package slap

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
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
		{"being created just now", []fault{{500, "NotImplementedError: x_inProgress"}}, nil, 2},
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
				Notify:  func(error, time.Duration) { notified++ },
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

func TestRetryEndsWithContext(t *testing.T) {
	m := &flakyMaster{faults: []fault{{503, ""}, {503, ""}, {503, ""}}}
	s := httptest.NewServer(m)
	defer s.Close()
	ctx, cancel := context.WithCancel(context.Background())
	c, err := NewClient(Options{MasterURL: s.URL, Retry: RetryPolicy{Initial: time.Minute, Notify: func(error, time.Duration) { cancel() }}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Product(ctx, "kvm"); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}
