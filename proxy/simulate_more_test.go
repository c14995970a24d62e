package proxy

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// What a simulator publishes may be no text that XML carries: it was stored, and
// then nothing that has to do with the instance could be read, the page neither.
func TestSimulatedNonsense(t *testing.T) {
	for _, profile := range []Profile{Slapproxy, Full} {
		sim := &script{instance: func(i SimulatedInstance) (Reaction, error) {
			if i.Name == "error" {
				return Reaction{Error: "no\x00space"}, nil
			}
			return Reaction{Connection: slap.Parameters{"url": "a\x00b"}}, nil
		}}
		s, err := Open(Options{Simulator: sim, Profile: profile, Computer: "local_computer", CatalogDelay: -1, SubscriptionDelay: -1, AllocationDelay: -1})
		if err != nil {
			t.Fatal(err)
		}
		transport, closeServing := s.Transport()
		site := &site{Server: s, http: &http.Client{Transport: transport}}
		if profile == Full {
			site.post(t, "slapos.post.v0.software_installation", "application/json", `{"computer_guid": "local_computer", "software_release_uri": "`+kvm+`"}`)
		}
		for _, name := range []string{"nonsense", "error"} {
			site.post(t, "slapos.post.v0.software_instance", "application/json", `{"title": "`+name+`", "software_release_uri": "`+kvm+`", "software_type": "default"}`)
			eventually(t, "reported", func() bool { return strings.HasPrefix(site.status1(t, name), "#error ") })
		}
		for _, path := range []string{"/", "/getFullComputerInformation?computer_id=local_computer"} {
			if code, _, page := site.page(t, on(profile, path)); code != http.StatusOK {
				t.Errorf("%s, %s: got %d %s", profile, path, code, page)
			}
		}
		closeServing()
		s.Close()
	}
}

// Software that is wanted again while its node is asked about the end of it was
// removed.
func TestSoftwareWantedAgain(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	sim := &script{software: func(w SimulatedSoftware) Reaction {
		if w.State == slap.Destroyed && once.CompareAndSwap(false, true) {
			asked <- struct{}{}
			<-answer
		}
		return Reaction{}
	}}
	s := newSite(t, Options{Simulator: sim})
	supply := func(state string) {
		t.Helper()
		if err := s.Supply(context.Background(), slap.SoftwareInstallation{SoftwareRelease: kvm, Computer: "local_computer", State: state}); err != nil {
			t.Fatal(err)
		}
	}
	is := func(state, status string) func() bool {
		return func() bool {
			list, err := findSoftware(s.db, "1")
			return err == nil && len(list) == 1 && list[0].State == state && list[0].status == status
		}
	}
	supply(slap.Available)
	eventually(t, "there", is(slap.Available, slap.Available))
	supply(slap.Destroyed)
	<-asked
	supply(slap.Available)
	close(answer)
	eventually(t, "there again", is(slap.Available, slap.Available))
}

// Software that is asked for again and again takes no longer for it.
func TestSoftwareAskedForAgain(t *testing.T) {
	sim := &script{software: func(w SimulatedSoftware) Reaction {
		if w.Attempt < 5 {
			return Reaction{Delay: time.Millisecond}
		}
		return Reaction{}
	}}
	s := newSite(t, Options{Simulator: sim})
	eventually(t, "there", func() bool {
		if err := s.Supply(context.Background(), slap.SoftwareInstallation{SoftwareRelease: kvm, Computer: "local_computer", State: slap.Available}); err != nil {
			t.Fatal(err)
		}
		list, err := findSoftware(s.db, "status = 'available'")
		return err == nil && len(list) == 1
	})
}

// A root waits for a child that takes time to end, and is not asked about over
// and over meanwhile.
func TestRootWaitsForChild(t *testing.T) {
	ctx := context.Background()
	sim := &script{instance: func(i SimulatedInstance) (Reaction, error) {
		if i.State == slap.Destroyed && i.Name == "child" && i.Attempt == 0 {
			return Reaction{Delay: time.Second}, nil
		}
		return Reaction{Connection: slap.Parameters{"x": "y"}}, nil
	}}
	s := newSite(t, Options{Simulator: sim})
	root, err := s.RequestInstance(ctx, vm("root"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.RequestChild(ctx, root.Computer, root.Partition, vm("child")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "published", func() bool { return len(s.instances(t)["root"].ConnectionParameters) > 0 })
	r := vm("root")
	r.State = slap.Destroyed
	if _, err := s.RequestInstance(ctx, r); err != nil {
		t.Fatal(err)
	}
	eventually(t, "gone", func() bool { return len(s.instances(t)) == 0 })
	of := 0
	for _, q := range sim.questions() {
		if q.Name == "root" && q.State == slap.Destroyed {
			of++
		}
	}
	if of < 1 || of > 3 {
		t.Errorf("the root was asked about %d times", of)
	}
}

// A simulation that never comes to an end does not keep the Master from ending.
func TestEndOfEndlessSimulation(t *testing.T) {
	sim := &script{instance: func(SimulatedInstance) (Reaction, error) {
		time.Sleep(100 * time.Millisecond) // what the calls of a file take
		return Reaction{Delay: time.Hour}, nil
	}}
	s, err := Open(Options{Simulator: sim, Computer: "local_computer"})
	if err != nil {
		t.Fatal(err)
	}
	err = s.update(context.Background(), func(tx *store.Tx) error {
		for _, name := range []string{"a", "b", "c"} {
			if _, err := s.request(tx, &request{InstanceRequest: vm(name)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > 2*simulationEnd {
		t.Errorf("it took %s", took)
	}
}

// What a simulated node could not report, it tries again later, without another
// write that wakes it.
func TestReportFails(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for simulationRetry")
	}
	file := filepath.Join(t.TempDir(), "master.sqlite")
	sim := &script{instance: func(SimulatedInstance) (Reaction, error) { return Reaction{Connection: slap.Parameters{"x": "y"}}, nil }}
	failed := make(chan string, 100)
	s := newSiteOn(t, Options{Database: file, Simulator: sim, Log: func(text string) { failed <- text }})
	defer s.close()
	change(t, file, "CREATE TRIGGER refuse BEFORE UPDATE OF connection ON instance BEGIN SELECT raise(ABORT, 'not now'); END")
	if _, err := s.RequestInstance(context.Background(), vm("a")); err != nil {
		t.Fatal(err)
	}
	for n := range 3 { // the write itself wakes the node twice at most
		select {
		case text := <-failed:
			if !strings.Contains(text, "not now") {
				t.Errorf("the log has %q", text)
			}
		case <-time.After(3 * simulationRetry):
			t.Fatalf("it was tried %d times", n)
		}
	}
}

// With the clock set back, what was asked for before is allocated, and may be
// asked for again.
func TestClockSetBack(t *testing.T) {
	ctx := context.Background()
	var now atomic.Pointer[time.Time]
	set := func(v time.Time) { now.Store(&v) }
	begin := time.Now()
	set(begin)
	s, err := Open(Options{Profile: Full, Computer: "local_computer", CatalogDelay: time.Minute, AllocationDelay: time.Minute, Now: func() time.Time { return *now.Load() }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := &request{InstanceRequest: vm("a"), login: login{person: defaultPerson}}
	ask := func() error {
		return s.update(ctx, func(tx *store.Tx) error { _, err := s.requestFull(tx, r); return err })
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		if _, err := s.supplyFull(tx, login{person: defaultPerson}, slap.SoftwareInstallation{SoftwareRelease: kvm, Computer: "local_computer", State: slap.Available}); err != nil {
			return err
		}
		if err := s.reportSoftwareFull(tx, "local_computer", kvm, slap.Available); err != nil {
			return err
		}
		return s.formatNode(tx, "local_computer", "", "", []partition{{reference: "slappart0"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	set(begin.Add(-24 * time.Hour))
	if err := ask(); err != nil {
		t.Errorf("asked for again: %v", err)
	}
	eventually(t, "allocated", func() bool {
		i, err := findInstance(s.db, "title = 'a'")
		if i != nil { // the clock goes on
			set(begin.Add(-23 * time.Hour))
			s.wakeDue()
		}
		return err == nil && i != nil && i.computer != ""
	})
}
