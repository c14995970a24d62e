package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"slapstar/slap"
)

func need(instance, key string) Reference { return Reference{Instance: instance, Key: key} }

// said writes needs as people would.
func said(list []Need) string {
	var texts []string
	for _, n := range list {
		texts = append(texts, fmt.Sprintf("%s.%s %s%s", n.Instance, n.Key, n.Since, n.Status))
	}
	return strings.Join(texts, ", ")
}

// publishes is a reading in which instances have published a key; a name alone is one
// that is there and has published nothing.
func publishes(refs ...Reference) *State {
	s := state()
	for _, ref := range refs {
		i := current(ref.Instance, nil)
		if ref.Key != "" {
			i.ConnectionParameters = slap.Parameters{ref.Key: "x"}
		}
		s.Instances[ref.Instance] = i
	}
	return s
}

// A waiting says what is left, until when, and what to tell of it, without a Master
// and without a clock.
func TestWaiting(t *testing.T) {
	begin := time.Unix(1000, 0)
	at := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }
	slow := instance("slow", nil)
	slow.Timeout = 30 * time.Second
	end := instance("end", nil)
	end.State = slap.Destroyed
	unread := state()
	for _, name := range []string{"db", "slow", "end"} {
		unread.Unread[name] = true
	}
	failed := publishes(need("db", ""))
	i := failed.Instances["db"]
	i.Status.Text = " #error"
	failed.Instances["db"] = i

	for _, test := range []struct {
		name            string
		limit           time.Duration
		needed, awaited []Reference
		read            *State
		after           int // seconds, when it was read

		came    string
		enough  bool
		left    string // with what is reported
		late    string // with what was given up
		expired bool
		bound   time.Duration
	}{
		{name: "nothing came", needed: []Reference{need("db", "url")}, read: publishes(need("db", "")), after: 5, left: "db.url 5s", late: "db.url 5s"},
		{name: "it came", needed: []Reference{need("db", "url")}, read: publishes(need("db", "url")), after: 5, came: "db.url 5s", enough: true},
		{name: "one of two that are needed", needed: []Reference{need("db", "url"), need("app", "url")}, read: publishes(need("db", "url")), after: 1,
			came: "db.url 1s", enough: true, left: "app.url 1s", late: "app.url 1s"},
		{name: "what is awaited is not enough", needed: []Reference{need("app", "url")}, awaited: []Reference{need("db", "url")}, read: publishes(need("db", "url")), after: 1,
			came: "db.url 1s", left: "app.url 1s", late: "app.url 1s"},
		{name: "ready, as it published something", awaited: []Reference{need("db", "")}, read: publishes(need("db", "url")), came: "db. 0s"},
		{name: "there, and not ready", awaited: []Reference{need("db", "")}, read: publishes(need("db", "")), left: "db. 0s", late: "db. 0s"},
		{name: "what the node says", awaited: []Reference{need("db", "")}, read: failed, left: "db. 0s #error", late: "db. 0s #error"},
		{name: "the end of an instance", awaited: []Reference{need("end", "")}, read: state(), came: "end. 0s"},
		{name: "an instance that could not be read is not at its end", awaited: []Reference{need("end", "")}, read: unread, left: "end. 0s", late: "end. 0s"},
		{name: "in time", limit: time.Minute, awaited: []Reference{need("db", "url")}, read: unread, after: 59, left: "db.url 59s", late: "db.url 59s", bound: time.Minute},
		{name: "out of time", limit: time.Minute, awaited: []Reference{need("db", "url")}, read: unread, after: 60, left: "db.url 1m0s", late: "db.url 1m0s", expired: true, bound: time.Minute},
		{name: "an instance with a time of its own", awaited: []Reference{need("slow", "url")}, read: unread, after: 29, left: "slow.url 29s", late: "slow.url 29s", bound: 30 * time.Second},
		{name: "which is up", awaited: []Reference{need("slow", "url"), need("db", "url")}, read: unread, after: 30, left: "db.url 30s", late: "slow.url 30s, db.url 30s"},
		{name: "too late and there", awaited: []Reference{need("slow", "url")}, read: publishes(need("slow", "url")), after: 40, came: "slow.url 40s"},
	} {
		w := newWaiting(test.limit, slow, end)
		w.begin(begin, test.needed, test.awaited)
		came, enough := w.take(at(test.after), test.read)
		w.giveUp(at(test.after))
		if said(came) != test.came || enough != test.enough {
			t.Errorf("%s: came %q, enough %t, want %q, %t", test.name, said(came), enough, test.came, test.enough)
		}
		if got := said(w.report(at(test.after), test.read)); got != test.left {
			t.Errorf("%s: left %q, want %q", test.name, got, test.left)
		}
		if got := said(w.overdue(at(test.after), test.read)); got != test.late {
			t.Errorf("%s: overdue %q, want %q", test.name, got, test.late)
		}
		if w.expired(at(test.after)) != test.expired || w.bound() != test.bound {
			t.Errorf("%s: expired %t, bound %s, want %t, %s", test.name, w.expired(at(test.after)), w.bound(), test.expired, test.bound)
		}
	}
}

// The limit is of all waits together, and how long something is waited for counts
// from the first.
func TestWaitingAgain(t *testing.T) {
	begin := time.Unix(1000, 0)
	w := newWaiting(time.Minute)
	w.begin(begin, []Reference{need("db", "url")}, nil)
	w.end(begin.Add(40 * time.Second))
	second := begin.Add(time.Hour)
	w.begin(second, []Reference{need("db", "url")}, nil)
	if now := second.Add(19 * time.Second); w.expired(now) || w.delay(now, time.Hour) != time.Second || said(w.report(now, state())) != "db.url 1h0m19s" {
		t.Errorf("after 59 s: expired %t, delay %s, report %q", w.expired(now), w.delay(now, time.Hour), said(w.report(now, state())))
	}
	if !w.expired(second.Add(20 * time.Second)) {
		t.Error("after 60 s it is not expired")
	}
	w.limit = 0
	for elapsed, want := range map[time.Duration]time.Duration{0: 100 * time.Millisecond, 30 * time.Second: 3 * time.Second, time.Hour: 10 * time.Second} {
		if got := w.delay(second.Add(elapsed), 0); got != want {
			t.Errorf("after %s: the delay is %s, want %s", elapsed, got, want)
		}
	}
}

// A scripted Master answers the reads of one instance in order, the last one again
// and again.
type scripted struct {
	Reader
	answers []error // nil: the instance
	found   slap.Instance
}

func (s *scripted) Instance(context.Context, string) (slap.Instance, error) {
	err := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	if err != nil {
		return slap.Instance{}, err
	}
	return s.found, nil
}

func TestWait(t *testing.T) {
	away := fmt.Errorf("reading: %w", slap.ErrUnreachable)
	found := current("db", nil)
	found.ConnectionParameters = slap.Parameters{"url": "x"}
	for _, test := range []struct {
		name    string
		answers []error
		keys    []string
		limit   time.Duration
		want    error
		reports int // at least
	}{
		{"there", []error{nil}, []string{"url"}, 0, nil, 0},
		{"ready", []error{nil}, nil, 0, nil, 0},
		{"what passes", []error{away, slap.ErrNotReady, &slap.StatusError{Code: 502}, slap.ErrNotFound, nil}, []string{"url"}, 0, nil, 4},
		{"what does not", []error{slap.ErrUnauthorized}, nil, 0, slap.ErrUnauthorized, 0},
		{"too late", []error{nil}, []string{"url", "other"}, 300 * time.Millisecond, ErrNotReadyInTime, 2},
		{"away all the time", []error{away}, nil, 300 * time.Millisecond, ErrNotReadyInTime, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			reports := 0
			want := instance("db", nil)
			want.Timeout = test.limit
			for _, key := range test.keys {
				want.WaitFor = append(want.WaitFor, Reference{Key: key})
			}
			got, err := Wait(context.Background(), &scripted{answers: test.answers, found: found}, want, func(e Event) {
				if e.Kind == Waiting {
					reports++
				}
			})
			if !errors.Is(err, test.want) || err == nil && got.Name != "db" || reports < test.reports {
				t.Errorf("got %v, %v after %d reports, want %v", got.Name, err, reports, test.want)
			}
		})
	}
}

// An instance that there is not is waited for as long as a Master may need to list
// it.
func TestWaitForNothing(t *testing.T) {
	now := time.Unix(0, 0)
	w := waiter{waiting: newWaiting(0), master: &scripted{answers: []error{slap.ErrNotFound}}, tell: func(Event) {}, read: NewState(),
		now: func() time.Time { return now }, sleep: func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil }}
	_, err := w.instance(context.Background(), instance("db", nil))
	if !errors.Is(err, slap.ErrNotFound) || now.Sub(time.Unix(0, 0)) < forgetful {
		t.Errorf("got %v after %s", err, now.Sub(time.Unix(0, 0)))
	}
}

// What is there at the first look is said only of what has just been asked for; what
// comes later was waited for.
func TestArrived(t *testing.T) {
	there := current("db", nil)
	there.ConnectionParameters = slap.Parameters{"url": "x"}
	for _, test := range []struct {
		name    string
		answers []error
		waited  bool
		want    int
	}{
		{"unchanged, there already", []error{nil}, false, 0},
		{"changed, there at once", []error{nil}, true, 1},
		{"unchanged, comes", []error{slap.ErrNotReady, nil}, false, 1},
	} {
		now, arrived := time.Unix(0, 0), 0
		w := waiter{waiting: newWaiting(0), master: &scripted{answers: test.answers, found: there}, read: NewState(),
			tell: func(e Event) {
				if e.Kind == Arrived {
					arrived += len(e.Waits)
				}
			},
			waited: func(Reference) bool { return test.waited },
			now:    func() time.Time { return now }, sleep: func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil }}
		if _, err := w.instance(context.Background(), instance("db", nil)); err != nil || arrived != test.want {
			t.Errorf("%s: said of %d, %v, want %d", test.name, arrived, err, test.want)
		}
	}
}

// After an update a node has to report once more, where a Master tells when it did. Of what
// is stopped or shared there is no report to wait for.
func TestReportedSince(t *testing.T) {
	at := func(seconds int64) time.Time { return time.Unix(seconds, 0) }
	status := func(kind slap.StatusKind, reported time.Time) slap.Status {
		return slap.Status{Kind: kind, Reported: reported}
	}
	for _, test := range []struct {
		name          string
		before, after slap.Status
		state         string
		want          bool
	}{
		{"not again", status(slap.Running, at(5)), status(slap.Running, at(5)), slap.Started, false},
		{"again", status(slap.Running, at(5)), status(slap.Running, at(6)), slap.Started, true},
		{"stopped", status(slap.Running, at(5)), status(slap.NeverReports, time.Time{}), slap.Stopped, true},
		{"stopped, as if it had not reported", status(slap.Running, at(5)), status(slap.NotReported, time.Time{}), slap.Stopped, true},
		{"forgotten by a Master that began anew", status(slap.Running, at(5)), status(slap.NotReported, time.Time{}), slap.Started, false},
		{"started, not yet", status(slap.NeverReports, time.Time{}), status(slap.NotReported, time.Time{}), slap.Started, false},
		{"started", status(slap.NeverReports, time.Time{}), status(slap.Running, at(6)), slap.Started, true},
		{"first report to come", status(slap.NotReported, time.Time{}), status(slap.NotReported, time.Time{}), slap.Started, false},
		{"first report, whose time is not told", status(slap.NotReported, time.Time{}), status(slap.Running, time.Time{}), slap.Started, true},
		{"shared", status(slap.NeverReports, time.Time{}), status(slap.NeverReports, time.Time{}), slap.Started, true},
		{"not told", status(slap.Running, time.Time{}), status(slap.Running, time.Time{}), slap.Started, true},
		{"nothing is known", slap.Status{}, slap.Status{}, slap.Started, true},
	} {
		before := current("db", nil)
		before.Status = test.before
		r := &run{Apply: Apply{Now: time.Now, Report: func(Event) {}}, shown: map[Address]*Change{}, tries: map[Address]int{}, asked: map[Address]time.Time{}, written: map[Address]*Change{}}
		r.waiting = newWaiting(0)
		c := &Change{Action: Update, Resource: instance("db", nil), Current: &before}
		r.shown[c.Address()] = c
		r.start(c)
		read := state()
		after := current("db", nil)
		after.Status, after.State = test.after, test.state
		read.Instances["db"] = after
		if got := r.reportedSince("db", read); got != test.want {
			t.Errorf("%s: reported since: %t, want %t", test.name, got, test.want)
		}
	}
}
