package engine

import "time"

// An EventKind says what happened.
type EventKind string

// The kinds of events, in the order in which they may come for one change.
const (
	Started EventKind = "started" // a request to the Master is under way
	Done    EventKind = "done"    // the Master took it
	Failed  EventKind = "failed"
	Waiting EventKind = "waiting" // for connection parameters, repeated while it lasts
)

// An Event reports the progress of an apply.
type Event struct {
	Kind    EventKind
	Change  *Change       // of Started, Done and Failed
	Err     error         // of Failed; of Waiting, why the Master could not be asked
	Missing []Reference   // of Waiting: each instance and key once
	Limit   time.Duration // of Waiting: how long it may last in total; 0 is for ever
	Elapsed time.Duration // of Waiting: since the wait began
}
