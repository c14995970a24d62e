package engine

import "time"

// An EventKind says what happened.
type EventKind string

// The kinds of events. For one change, Started comes first and then either Done
// or Failed; changes that run at the same time mix theirs.
const (
	Started EventKind = "started" // a request to the Master is under way
	Done    EventKind = "done"    // the Master took it
	Failed  EventKind = "failed"  // for good, after all that was tried
	Waiting EventKind = "waiting" // for instances, repeated while it lasts
	Arrived EventKind = "arrived" // what was waited for is there

	Unlisted  EventKind = "unlisted"  // a full Master took changes and does not list them yet, repeated while it lasts
	Postponed EventKind = "postponed" // it cannot take changes yet: a name is not free, or it is busy; repeated, too
)

// An Event reports the progress of an apply. Events come one at a time.
type Event struct {
	Kind    EventKind
	Time    time.Time
	Change  *Change       // of Started, Done and Failed
	Changes []*Change     // of Unlisted and Postponed
	Err     error         // of Failed; of Waiting, why the Master could not be asked; of Postponed, what it answered, or nil
	Waits   []Need        // of Waiting and Arrived: each once
	Limit   time.Duration // of Waiting, Unlisted and Postponed: how long it may last in total; 0 is for ever
	Elapsed time.Duration // of Done and Failed since Started, of the others since the wait began
}

// A Need is something that an instance has to do before an apply can go on, or end:
// publish a connection parameter, or be ready at all, where the key is empty.
type Need struct {
	Reference
	Came   []string      // of Waiting: names of what the instance has published already, in order
	Status string        // what the node reported last of the instance; empty where the Master does not tell
	Phase  Phase         // why it does not come; empty where that is not known
	Since  time.Duration // how long it is waited for
}
