package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// Live shows an apply on a terminal: at the bottom what is under way and what is
// waited for, above it a line for all that is over. Other text that goes to the
// same terminal has to be written to it. Its methods may run concurrently.
type Live struct {
	text     Text
	width    func() int
	progress *mpb.Progress
	bar      *mpb.Bar
	now      func() time.Time

	mu      sync.Mutex
	total   int
	done    int
	failed  int
	running []activity
	waiting engine.Event // the last one; none when its Kind is empty
	heard   time.Time    // when that came
	rest    []byte       // the beginning of a line that was written
}

type activity struct {
	change *engine.Change
	since  time.Time
}

// The area at the bottom.
const (
	liveLines   = 8
	liveRefresh = 125 * time.Millisecond
)

// A LiveOptions says how an apply is shown.
type LiveOptions struct {
	W     io.Writer  // the terminal; nothing else may write to it until Close
	Width func() int // of the terminal, asked for again each time; may be nil
	Color bool
	Total int // changes
}

// NewLive takes the last lines of a terminal over.
func NewLive(o LiveOptions) *Live {
	if o.Width == nil {
		o.Width = func() int { return 80 }
	}
	l := &Live{text: Text{W: o.W, Color: o.Color}, width: o.Width, total: o.Total, now: time.Now}
	l.progress = mpb.New(mpb.WithOutput(o.W), mpb.WithRefreshRate(liveRefresh), mpb.ForceAutoRefresh(), mpb.ForceTTY())
	extenders := make([]mpb.BarFiller, liveLines)
	for i := range extenders {
		extenders[i] = mpb.BarFillerFunc(func(w io.Writer, _ decor.Statistics) error { return l.draw(w, i+1) })
	}
	l.bar = l.progress.New(0, filler{l}, mpb.BarBtmExtender(extenders...), mpb.BarFillerTrim(), mpb.BarRemoveOnComplete())
	return l
}

// A filler draws the first line.
type filler struct{ live *Live }

// Build implements [mpb.BarFillerBuilder].
func (f filler) Build() mpb.BarFiller {
	return mpb.BarFillerFunc(func(w io.Writer, _ decor.Statistics) error {
		f.live.mu.Lock()
		defer f.live.mu.Unlock()
		_, err := io.WriteString(w, f.live.lines()[0])
		return err
	})
}

// draw writes a line of the area, if there is one.
func (l *Live) draw(w io.Writer, i int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines()
	if i >= len(lines) {
		return nil
	}
	_, err := io.WriteString(w, lines[i]+"\n")
	return err
}

// lines are those of the area, each shorter than the terminal is wide.
func (l *Live) lines() []string {
	now := l.now()
	head := fmt.Sprintf("%d of %d done", l.done, l.total)
	if l.failed > 0 {
		head += fmt.Sprintf(", %d failed", l.failed)
	}
	lines := []string{head}
	for _, r := range l.running {
		symbol, _ := look(r.change.Action)
		lines = append(lines, fmt.Sprintf("  %s %s  %s", symbol, address(r.change.Address(), mask.Of(l.text.W)), now.Sub(r.since).Round(time.Second)))
	}
	lines = append(lines, l.waits(now)...)
	if len(lines) > liveLines+1 {
		hidden := len(lines) - liveLines
		lines = append(lines[:liveLines], fmt.Sprintf("  … %d more", hidden))
	}
	for i := range lines {
		lines[i] = term.Cut(lines[i], l.width()-1)
	}
	return lines
}

func (l *Live) waits(now time.Time) []string {
	if l.waiting.Kind == "" {
		return nil
	}
	later := now.Sub(l.heard)
	var lines []string
	for _, w := range l.waiting.Waits {
		line := fmt.Sprintf("  … %s  %s", Missing([]engine.Need{w}, mask.Of(l.text.W)), (w.Since + later).Round(time.Second))
		if w.Status != "" {
			line += "  the node says: " + status(w.Status)
		}
		lines = append(lines, line)
	}
	switch l.waiting.Kind {
	case engine.Unlisted, engine.Postponed:
		e := l.waiting
		e.Elapsed += later
		for _, line := range l.text.eventLines(e) {
			lines = append(lines, "  "+line)
		}
	case engine.Waiting:
		if l.waiting.Err != nil {
			lines = append(lines, "  the Master could not be asked"+trouble(l.waiting.Err))
		}
	}
	return lines
}

// Event shows what happened.
func (l *Live) Event(e engine.Event) {
	e = hide(e, mask.Of(l.text.W))
	l.mu.Lock()
	switch e.Kind {
	case engine.Started:
		l.running = append(l.running, activity{e.Change, l.now()})
		l.waiting.Kind = ""
	case engine.Done, engine.Failed:
		l.running = slices.DeleteFunc(l.running, func(a activity) bool { return a.change.Address() == e.Change.Address() })
		if l.done++; e.Kind == engine.Failed {
			l.done--
			l.failed++
		}
	case engine.Waiting, engine.Unlisted, engine.Postponed:
		l.waiting, l.heard = e, l.now()
	case engine.Arrived:
		l.waiting.Kind = ""
	}
	l.mu.Unlock()
	if l.waiting.Kind != e.Kind { // else it is in the area
		for _, line := range l.text.eventLines(e) {
			fmt.Fprintf(l, "  %s\n", line)
		}
	}
}

// Write shows text above the area, whole lines at once.
func (l *Live) Write(p []byte) (int, error) {
	l.mu.Lock()
	l.rest = append(l.rest, p...)
	end := strings.LastIndexByte(string(l.rest), '\n') + 1
	lines := slices.Clone(l.rest[:end])
	l.rest = slices.Delete(l.rest, 0, end)
	l.mu.Unlock()
	if len(lines) > 0 {
		if _, err := l.progress.Write(lines); err != nil { // it is over
			return l.text.W.Write(p)
		}
	}
	return len(p), nil
}

// Close takes the area away and gives the terminal back; a second one does
// nothing. What is written after that goes to the terminal as it is.
func (l *Live) Close() {
	l.mu.Lock()
	rest := append(l.rest, '\n')
	l.rest = nil
	l.mu.Unlock()
	if len(rest) > 1 {
		l.progress.Write(rest)
	}
	l.bar.Abort(true)
	l.progress.Wait()
}
