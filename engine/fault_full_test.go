package engine_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slapstar/engine"
	"slapstar/proxy"
	"slapstar/slap"
)

// newFaultyFullMaster is a full Master with a late catalogue, whose writes of instances meet
// a fault where unhappy says so.
func newFaultyFullMaster(t *testing.T, f fault, unhappy func(body string, try int) bool) *master {
	t.Helper()
	server, err := proxy.Open(proxy.Options{Computer: "COMP-1", Profile: proxy.Full, CatalogDelay: 3 * time.Second, Simulator: proxy.DefaultSimulator{Delay: 100 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	transport, closeServing := server.Transport()
	t.Cleanup(func() {
		closeServing()
		server.Close()
	})
	injected := &faulty{next: transport, tries: map[string]int{}, fault: f, unhappy: unhappy}
	client, err := slap.NewClient(slap.Options{MasterURL: "http://embedded" + proxy.Full.MasterPath(), JSONRPCURL: "http://embedded" + proxy.Full.JSONRPCPath(), Transport: injected})
	if err != nil {
		t.Fatal(err)
	}
	return &master{Client: client, server: server}
}

// Each fault for a while, and for ever, on a full Master: the report is true, applying again
// ends in an empty plan, and nothing is there twice.
func TestFaultsOnFullMaster(t *testing.T) {
	for name, f := range faults {
		for _, stays := range []bool{false, true} {
			t.Run(name+map[bool]string{false: " for a while", true: " for ever"}[stays], func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					active := true
					m := newFaultyFullMaster(t, f, func(body string, try int) bool {
						return active && (try <= 2 || stays && strings.Contains(body, "partition_reference=app&"))
					})
					a := m.apply(t, context.Background(), onNode(nil), byDefault)
					time.Sleep(time.Minute) // until all is listed
					list, err := m.Instances(context.Background())
					if err != nil {
						t.Fatal(err)
					}
					for _, c := range a.outcome.Done {
						if i, ok := c.Resource.(*engine.Instance); ok && len(list.Instances[i.Name].Parameters) == 0 {
							t.Errorf("%s is said to be done, and it is not", i.Name)
						}
					}
					for _, c := range append(a.outcome.Failed, a.outcome.NotStarted...) {
						if i, ok := c.Resource.(*engine.Instance); ok && len(list.Instances[i.Name].Parameters) > 0 {
							t.Errorf("%s is said to have failed, or not to have begun, and it is done: %v", i.Name, a.outcome.Errors)
						}
					}
					active = false
					if a := m.apply(t, context.Background(), onNode(nil), byDefault); a.err != nil || len(a.outcome.Failed) > 0 {
						t.Errorf("applying again: %v, %v", a.err, a.outcome.Errors)
					}
					m.settled(t, onNode(nil))
				})
			})
		}
	}
}
