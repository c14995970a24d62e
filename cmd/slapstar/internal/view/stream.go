package view

import (
	"io"
	"time"

	"slapstar/engine"
	"slapstar/engine/document"
)

// A Stream writes an apply as JSON, one object a line: each plan, what happens,
// and the outcome. docs/apply.schema.json describes it.
type Stream struct {
	W   io.Writer
	Now func() time.Time // of what is no event of the engine

	Context document.Context // of the plans
}

// A streamLine is one line of a [Stream]. Only what belongs to its event is there.
type streamLine struct {
	Time      time.Time        `json:"time"`
	Event     string           `json:"event"` // "environment", "plan", "outcome", or an engine.EventKind
	Of        string           `json:"environment,omitempty"`
	Plan      *document.Plan   `json:"plan,omitempty"`
	Address   engine.Address   `json:"address,omitempty"`   // of started, done and failed
	Addresses []engine.Address `json:"addresses,omitempty"` // of unlisted and postponed
	Action    engine.Action    `json:"action,omitempty"`
	Error     string           `json:"error,omitempty"`
	Waits     []streamWait     `json:"waits,omitempty"`
	Limit     *float64         `json:"limit_seconds,omitempty"`   // of waiting, unlisted and postponed; absent: for ever
	Elapsed   *float64         `json:"elapsed_seconds,omitempty"` // of all events of the engine but started
	Outcome   *streamOutcome   `json:"outcome,omitempty"`
}

// A streamWait is an [engine.Need].
type streamWait struct {
	Instance  string       `json:"instance"`
	Kind      engine.Kind  `json:"kind,omitempty"` // see [engine.Reference]
	Key       string       `json:"key,omitempty"`  // absent, and nothing else: that it is ready at all
	Path      engine.Path  `json:"path,omitempty"`
	Published []string     `json:"published,omitempty"` // names of what has come already
	Status    string       `json:"status,omitempty"`
	Phase     engine.Phase `json:"phase,omitempty"` // why it does not come
	Since     float64      `json:"since_seconds"`
}

// A streamOutcome is an [engine.Outcome] and how the program ends.
type streamOutcome struct {
	Done       []engine.Address `json:"done"`
	Failed     []streamFailure  `json:"failed"`
	NotStarted []engine.Address `json:"not_started"`
	Needless   []engine.Address `json:"needless"`
	Moved      []engine.Address `json:"moved"`
	Waiting    []streamWait     `json:"waiting"`
	Error      string           `json:"error,omitempty"` // what stopped the apply
	ExitCode   int              `json:"exit_code"`
}

// A streamFailure is a change that failed, and why.
type streamFailure struct {
	Address engine.Address `json:"address"`
	Error   string         `json:"error"`
}

// Environment says of which environment the lines are that follow, where there are several.
func (s Stream) Environment(name string) error {
	return s.write(streamLine{Time: s.Now(), Event: "environment", Of: name})
}

// Plan writes a plan.
func (s Stream) Plan(p *engine.Plan) error {
	return s.write(streamLine{Time: s.Now(), Event: "plan", Plan: document.New(p).Made(s.Context)})
}

// Event writes what happened.
func (s Stream) Event(e engine.Event) error {
	line := streamLine{Time: e.Time, Event: string(e.Kind), Waits: streamWaits(e.Waits)}
	if e.Change != nil {
		line.Address, line.Action = e.Change.Address(), e.Change.Action
	}
	if len(e.Changes) > 0 {
		line.Addresses = addresses(e.Changes)
	}
	if e.Err != nil {
		line.Error = e.Err.Error()
	}
	if e.Limit > 0 {
		line.Limit = seconds(e.Limit)
	}
	if e.Kind != engine.Started {
		line.Elapsed = seconds(e.Elapsed)
	}
	return s.write(line)
}

// Outcome writes how the apply ended: with an error, which may be nil, and the
// code of the process. Without an outcome nothing was begun.
func (s Stream) Outcome(o *engine.Outcome, stopped error, exitCode int) error {
	return s.write(streamLine{Time: s.Now(), Event: "outcome", Outcome: newOutcome(o, stopped, exitCode)})
}

// OutcomeJSON writes how an apply ended as one JSON document, as the last line of a
// [Stream] has it.
func OutcomeJSON(w io.Writer, o *engine.Outcome, stopped error, exitCode int) error {
	return writeJSON(w, newOutcome(o, stopped, exitCode), "  ", planOwn)
}

func newOutcome(o *engine.Outcome, stopped error, exitCode int) *streamOutcome {
	out := &streamOutcome{Failed: []streamFailure{}, Waiting: []streamWait{}, ExitCode: exitCode}
	if o == nil {
		o = &engine.Outcome{}
	}
	out.Done, out.NotStarted, out.Needless, out.Moved = addresses(o.Done), addresses(o.NotStarted), addresses(o.Needless), addresses(o.Moved)
	out.Waiting = append(out.Waiting, streamWaits(o.Waits)...)
	for _, c := range o.Failed {
		f := streamFailure{Address: c.Address()}
		if err := o.Errors[c.Address()]; err != nil {
			f.Error = err.Error()
		}
		out.Failed = append(out.Failed, f)
	}
	if stopped != nil {
		out.Error = stopped.Error()
	}
	return out
}

func (s Stream) write(line streamLine) error {
	line.Time = line.Time.UTC()
	return writeJSON(s.W, line, "", planOwn)
}

func addresses(list []*engine.Change) []engine.Address {
	a := make([]engine.Address, len(list))
	for i, c := range list {
		a[i] = c.Address()
	}
	return a
}

func streamWaits(list []engine.Need) []streamWait {
	var waits []streamWait
	for _, w := range list {
		waits = append(waits, streamWait{w.Instance, w.Kind, w.Key, w.Path, w.Came, w.Status, w.Phase, w.Since.Seconds()})
	}
	return waits
}

func seconds(d time.Duration) *float64 {
	s := d.Seconds()
	return &s
}
