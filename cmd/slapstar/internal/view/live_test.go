package view

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"slapstar/engine"
)

func TestEvents(t *testing.T) {
	c := &engine.Change{Action: engine.Create, Resource: instance("d\nb", 1)}
	wait := engine.Need{Reference: engine.Reference{Instance: "db", Key: "url"}, Status: "#error no\ndisk"}
	ready := engine.Need{Reference: engine.Reference{Instance: "web"}}
	for _, test := range []struct {
		event engine.Event
		want  string
	}{
		{engine.Event{Kind: engine.Started, Change: c}, ""},
		{engine.Event{Kind: engine.Done, Change: c}, "  + instance d\\nb: created\n"},
		{engine.Event{Kind: engine.Done, Change: c, Elapsed: 90 * time.Second}, "  + instance d\\nb: created (took 1m30s)\n"},
		{engine.Event{Kind: engine.Failed, Change: c, Err: errors.New("no")}, "  ! instance d\\nb: failed\n"},
		{engine.Event{Kind: engine.Waiting, Waits: []engine.Need{wait, ready}, Elapsed: 20 * time.Second, Limit: time.Hour},
			"  … waiting for \"url\" of instance db; instance web (for 20s of 1h0m0s)\n      instance db: the node says: #error no\\ndisk\n"},
		{engine.Event{Kind: engine.Waiting, Waits: []engine.Need{ready}, Err: errors.New("away")}, "  … waiting for instance web: away\n"},
		{engine.Event{Kind: engine.Arrived, Waits: []engine.Need{wait, wait}, Elapsed: 5 * time.Second}, "  … arrived: \"url\" of instance db (for 5s)\n"},
	} {
		var b bytes.Buffer
		Text{W: &b}.Event(test.event)
		if b.String() != test.want {
			t.Errorf("%s: got %q, want %q", test.event.Kind, &b, test.want)
		}
	}
}

// A screen is written to and read at the same time.
type screen struct {
	mu sync.Mutex
	bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.Write(p)
}

var steering = regexp.MustCompile(`\x1b\[[0-9]*[A-Z]`)

func TestLive(t *testing.T) {
	before := runtime.NumGoroutine()
	s := &screen{}
	live := NewLive(LiveOptions{W: s, Width: func() int { return 40 }, Total: 20})
	var changes []*engine.Change
	for i := range 15 {
		c := &engine.Change{Action: engine.Create, Resource: instance(fmt.Sprintf("a-name-that-is-longer-than-the-terminal-%d", i), i)}
		changes = append(changes, c)
		live.Event(engine.Event{Kind: engine.Started, Change: c})
	}
	live.Event(engine.Event{Kind: engine.Done, Change: changes[0]})
	live.Event(engine.Event{Kind: engine.Failed, Change: changes[1], Err: errors.New("no")})
	fmt.Fprint(live, "slapstar: trying")
	fmt.Fprint(live, " again\nrest")
	time.Sleep(3 * liveRefresh)
	live.Event(engine.Event{Kind: engine.Waiting, Waits: []engine.Need{{Reference: engine.Reference{Instance: "db", Key: "url"}, Status: "broken"}}})
	live.Close()
	live.Close()
	fmt.Fprint(live, "after\n")
	live.Event(engine.Event{Kind: engine.Done, Change: changes[2]})
	out := s.String()
	for _, want := range []string{"1 of 20 done, 1 failed", "  … 6 more", "terminal-0: created\n", "terminal-1: failed\n", "slapstar: trying again\n", "rest\n", "after\n", "terminal-2: created\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("there is no %q in %q", want, out)
		}
	}
	for _, code := range steering.FindAllString(out, -1) {
		if !strings.HasSuffix(code, "A") && code != "\x1b[J" {
			t.Errorf("it sends %q", code)
		}
	}
	frames := strings.Split(out, "A\x1b[J")
	if last := frames[len(frames)-1]; strings.Contains(last, "of 20 done") {
		t.Errorf("the area stays behind: %q", last)
	}
	for range 100 { // those of the library end on their own
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines are left of %d", runtime.NumGoroutine(), before)
}

// A terminal that is gone ends nothing.
func TestLiveWithoutTerminal(t *testing.T) {
	live := NewLive(LiveOptions{W: broken{}, Total: 1})
	c := &engine.Change{Action: engine.Create, Resource: instance("a", 1)}
	for range 5 {
		live.Event(engine.Event{Kind: engine.Started, Change: c})
		live.Event(engine.Event{Kind: engine.Done, Change: c})
		time.Sleep(liveRefresh / 2)
	}
	live.Close()
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
