package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"slapstar/engine"
	"slapstar/proxy"
	"slapstar/slap"
)

// A fault is what becomes of a write, in the place of what the Master does. send
// sends it to the Master.
type fault func(req *http.Request, send func() (*http.Response, error)) (*http.Response, error)

func answer(status int, contentType, body string) fault {
	return func(req *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		return response(req, status, contentType, body), nil
	}
}

func response(req *http.Request, status int, contentType, body string) *http.Response {
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status), Header: http.Header{"Content-Type": {contentType}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: req}
}

func broken(err error) fault {
	return func(*http.Request, func() (*http.Response, error)) (*http.Response, error) { return nil, err }
}

// afterwards lets the write take effect before the fault.
func afterwards(f fault) fault {
	return func(req *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		resp, err := send()
		if err != nil {
			return nil, err
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return f(req, send)
	}
}

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

func netError(err error) error { return &net.OpError{Op: "read", Net: "tcp", Err: err} }

const errorPage = "<!doctype html><html><title>502 Bad Gateway</title><p>nobody there</p></html>"

// faults are those that a network or a Master is known for.
var faults = map[string]fault{
	"connection refused":              broken(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}),
	"reset before the write":          broken(netError(syscall.ECONNRESET)),
	"reset after the write":           afterwards(broken(netError(syscall.ECONNRESET))),
	"time-out before the write":       broken(netError(timeout{})),
	"time-out after the write":        afterwards(broken(netError(timeout{}))),
	"500":                             answer(500, "text/html", "<!doctype html><html><p>Internal Server Error</p></html>"),
	"500 after the write":             afterwards(answer(500, "text/html", "")),
	"503":                             answer(503, "text/html", "<!doctype html><html><p>busy</p></html>"),
	"408":                             answer(408, "text/html", ""),
	"408 after the write":             afterwards(answer(408, "text/html", "")),
	"in progress":                     answer(500, "text/plain", "NotImplementedError: person_1_vm_inProgress"),
	"HTML error page":                 answer(502, "text/html", errorPage),
	"HTML page called success":        answer(200, "text/html", errorPage),
	"garbage":                         answer(200, "text/html", "\x00\xff<<<"),
	"garbage after the write":         afterwards(answer(200, "text/html", "\x00\xff<<<")),
	"truncated body":                  truncated(false),
	"truncated body after the write":  truncated(true),
	"an acknowledged write forgotten": answer(200, "text/html", acknowledged),
	"a slow answer": func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		time.Sleep(20 * time.Millisecond)
		return send()
	},
}

// acknowledged is what a Master answers that took a request.
const acknowledged = `<marshal><object id="i2" module="slapos.slap.slap" class="SoftwareInstance"><tuple></tuple><dictionary id="i3"><string>slap_computer_id</string><string>local_computer</string><string>slap_computer_partition_id</string><string>slappart0</string></dictionary></object></marshal>`

func truncated(after bool) fault {
	f := func(req *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		resp := response(req, 200, "text/html", acknowledged[:60])
		resp.Body = io.NopCloser(io.MultiReader(resp.Body, failing{}))
		return resp, nil
	}
	if after {
		return afterwards(f)
	}
	return f
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A faulty transport injects a fault into writes.
type faulty struct {
	next    http.RoundTripper
	mu      sync.Mutex
	tries   map[string]int // by the body of a write
	unhappy func(name string, try int) bool
	fault   fault
}

func (f *faulty) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.URL.Path, "/requestComputerPartition") {
		return f.next.RoundTrip(req)
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.tries[string(text)]++
	try := f.tries[string(text)]
	f.mu.Unlock()
	if !f.unhappy(string(text), try) {
		return f.next.RoundTrip(req)
	}
	return f.fault(req, func() (*http.Response, error) { return f.next.RoundTrip(req) })
}

// newFaultyMaster is one whose writes meet a fault where unhappy says so.
func newFaultyMaster(t *testing.T, f fault, unhappy func(body string, try int) bool) (*master, *faulty) {
	t.Helper()
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{Delay: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	transport, closeServing := server.Transport()
	t.Cleanup(func() {
		closeServing()
		server.Close()
	})
	injected := &faulty{next: transport, tries: map[string]int{}, fault: f, unhappy: unhappy}
	client, err := slap.NewClient(slap.Options{MasterURL: "http://embedded/", Transport: injected, Retry: slap.RetryPolicy{Tries: 4, Initial: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	return &master{Client: client, server: server}, injected
}

// before is what the Master has at the beginning: one instance that is to be
// destroyed, one that is to be changed, and one that is nobody's business.
func (m *master) populate(t *testing.T) {
	t.Helper()
	for _, name := range []string{"old", "changed", "not ours"} {
		_, err := m.Client.RequestInstance(context.Background(), slap.InstanceRequest{Name: name, SoftwareRelease: release, SoftwareType: "default", State: slap.Started})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// wanted is a chain of instances, a change and an end.
func wanted(published func(instance, key string) engine.Text) []engine.Resource {
	old := declare("old", nil)
	old.State = slap.Destroyed
	return append(chain(published), declare("changed", map[string]engine.Text{"a": engine.Literal("1")}), old)
}

// checkTruth compares what the outcome says with what the Master has.
func (m *master) checkTruth(t *testing.T, a apply) {
	t.Helper()
	list, err := m.Instances(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	there := func(c *engine.Change) bool {
		i := c.Resource.(*engine.Instance)
		current, ok := list.Instances[i.Name]
		if i.State == slap.Destroyed {
			return !ok || current.State == slap.Destroyed
		}
		return ok && len(current.Parameters) == len(i.Parameters)
	}
	for _, c := range a.outcome.Done {
		if !there(c) {
			t.Errorf("%s is said to be done, and it is not", c.Address())
		}
	}
	for _, c := range append(a.outcome.Failed, a.outcome.NotStarted...) {
		if there(c) {
			t.Errorf("%s is said to have failed, or not to have begun, and it is done", c.Address())
		}
	}
	if i, ok := list.Instances["not ours"]; !ok || i.State != slap.Started {
		t.Errorf("what no file declares was touched: %+v", i)
	}
}

// hurry gives an apply a clock on which a second of waiting takes about 10 ms.
func hurry(a *engine.Apply) {
	var mu sync.Mutex
	now := time.Unix(0, 0)
	a.Timeout = 10 * time.Minute
	a.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	a.Sleep = func(ctx context.Context, d time.Duration) error {
		mu.Lock()
		now = now.Add(d)
		mu.Unlock()
		time.Sleep(d / 100)
		return ctx.Err()
	}
}

// Each fault for a while: two tries of each write meet it. Nothing is done twice,
// nothing is destroyed that was not to be, the report is true, and applying again
// ends in an empty plan.
func TestFaultsThatPass(t *testing.T) {
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			active := false
			m, _ := newFaultyMaster(t, f, func(_ string, try int) bool { return active && try <= 2 })
			m.populate(t)
			active = true
			quick := func(a *engine.Apply) {
				a.Parallelism = 4
				hurry(a)
			}
			a := m.apply(t, context.Background(), wanted, quick)
			m.checkTruth(t, a)
			active = false
			m.checkEnd(t, quick)
		})
	}
}

// Each fault for ever, of one instance: it stops what needs it, and nothing else.
func TestFaultsThatStay(t *testing.T) {
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			active := false
			m, _ := newFaultyMaster(t, f, func(body string, _ int) bool {
				return active && (strings.Contains(body, "partition_reference=app&") || strings.Contains(body, "partition_reference=old&"))
			})
			m.populate(t)
			active = true
			a := m.apply(t, context.Background(), wanted, hurry)
			m.checkTruth(t, a)
			done := strings.Join(names(a.outcome.Done), " ")
			for _, name := range []string{"db", "alone", "changed"} {
				if !strings.Contains(done, name) {
					t.Errorf("%s needs nobody that failed, and was not done: %q, %v", name, done, a.err)
				}
			}
			active = false
			m.checkEnd(t, hurry)
		})
	}
}

// checkEnd applies again and wants the plan to be empty, and each instance to be
// there once.
func (m *master) checkEnd(t *testing.T, change func(*engine.Apply)) {
	t.Helper()
	if a := m.apply(t, context.Background(), wanted, change); a.err != nil || len(a.outcome.Failed) > 0 {
		t.Fatalf("applying again: %v, %v", a.err, a.outcome.Errors)
	}
	m.settled(t, wanted)
	node, err := m.Orders(context.Background(), "local_computer")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, p := range node.Partitions {
		if p.Occupied {
			seen[p.Instance]++
		}
	}
	for _, name := range []string{"frontend", "app", "db", "alone", "changed", "not ours"} {
		if seen[name] != 1 {
			t.Errorf("%s is there %d times", name, seen[name])
		}
	}
}

// Two applies of the same files at once: both end well or say why, and nothing is
// there twice.
func TestTwoAppliesAtOnce(t *testing.T) {
	m, _ := newFaultyMaster(t, nil, func(string, int) bool { return false })
	m.populate(t)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			a := m.apply(t, context.Background(), wanted, func(a *engine.Apply) { a.Parallelism = 4 })
			var stale *engine.NotApprovedError
			if len(a.outcome.Failed) > 0 || a.err != nil && !errors.As(a.err, &stale) {
				t.Errorf("got %v, %v", a.err, a.outcome.Errors)
			}
		})
	}
	both.Wait()
	m.checkEnd(t, nil)
}
