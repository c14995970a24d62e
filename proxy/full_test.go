package proxy

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"slapstar/slap"
)

// A clock is one that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_800_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Microsecond) // no two timestamps are the same
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.mu.Unlock()
}

// newFull returns a full Master that allocates at once, and a client that
// repeats nothing.
func newFull(t *testing.T, o Options) *site {
	t.Helper()
	o.Profile = Full
	for _, delay := range []*time.Duration{&o.CatalogDelay, &o.SubscriptionDelay, &o.AllocationDelay} {
		if *delay == 0 {
			*delay = -1
		}
	}
	s := newSite(t, o)
	s.Client = s.client(t, slap.Options{})
	return s
}

func (s *site) client(t *testing.T, o slap.Options) *slap.Client {
	t.Helper()
	o.MasterURL, o.JSONRPCURL = "http://embedded"+legacyBase, "http://embedded"+jsonrpcBase
	o.Transport, o.Retry = s.http.Transport, slap.RetryPolicy{Tries: 1}
	c, err := slap.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *site) form(t *testing.T, endpoint string, fields ...string) (int, string) {
	t.Helper()
	values := url.Values{}
	for n := 0; n < len(fields); n += 2 {
		values.Set(fields[n], fields[n+1])
	}
	return s.post(t, endpoint, "application/x-www-form-urlencoded", values.Encode())
}

func (s *site) call(t *testing.T, method, body string) (int, string) {
	t.Helper()
	return s.post(t, "slapos."+method, "application/json", body)
}

// format registers the partitions of a node that the full Master knows.
func (s *site) format(t *testing.T, node string, partitions ...string) {
	t.Helper()
	list := make([]string, len(partitions))
	for n, p := range partitions {
		list[n] = fmt.Sprintf(`{"partition_id": %q, "ip_list": [{"ip-address": "2001:db8::%d", "network-interface": "tap%[2]d"}]}`, p, n+1)
	}
	code, answer := s.call(t, "put.v0.compute_node_format",
		fmt.Sprintf(`{"computer_guid": %q, "compute_partition_list": [%s]}`, node, strings.Join(list, ",")))
	if code != 200 || !strings.Contains(answer, "Format handled") {
		t.Fatalf("format: got %d %s", code, answer)
	}
}

// supplied has a release reported available on a node.
func (s *site) supplied(t *testing.T, node, release string) {
	t.Helper()
	ctx := context.Background()
	if err := s.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: release, Computer: node}); err != nil {
		t.Fatal(err)
	}
	if err := s.ReportSoftware(ctx, node, release, slap.Available); err != nil {
		t.Fatal(err)
	}
}

// taken asks for an instance and wants the answer "not ready".
func (s *site) taken(t *testing.T, r slap.InstanceRequest) {
	t.Helper()
	if _, err := s.RequestInstance(context.Background(), r); !errors.Is(err, slap.ErrNotReady) {
		t.Fatalf("%s: got error %v, want %v", r.Name, err, slap.ErrNotReady)
	}
}

// until waits for something that happens in the background.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain: %s", what)
}

// allocated waits until a tree has a place.
func (s *site) allocated(t *testing.T, name string) (i slap.Instance) {
	t.Helper()
	until(t, name+" is allocated", func() bool {
		var err error
		i, err = s.Instance(context.Background(), name)
		if err != nil && !errors.Is(err, slap.ErrNotReady) {
			t.Fatal(err)
		}
		return i.Computer != ""
	})
	return i
}

// neverAllocated looks whether an instance has a place although the allocation
// has had its time.
func (s *site) neverAllocated(t *testing.T, name string) {
	t.Helper()
	for range 3 {
		if _, err := s.allocateDue(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if i, err := s.Instance(context.Background(), name); err != nil || i.Computer != "" {
		t.Errorf("%s: got it on %q, %v, want it without a place", name, i.Computer, err)
	}
}

// ready has a full Master with the node local_computer of so many partitions, on
// which the release is available.
func ready(t *testing.T, partitions int) *site {
	s := newFull(t, Options{})
	list := make([]string, partitions)
	for n := range list {
		list[n] = fmt.Sprintf("slappart%d", n)
	}
	s.format(t, "local_computer", list...)
	s.supplied(t, "local_computer", kvm)
	return s
}

func (s *site) running(t *testing.T, r slap.InstanceRequest) slap.Instance {
	t.Helper()
	s.taken(t, r)
	return s.allocated(t, r.Name)
}
