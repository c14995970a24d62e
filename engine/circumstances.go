package engine

import "time"

// Circumstances are what a policy is told of a run besides the plan. All of them may be
// empty.
type Circumstances struct {
	Environment string // such as "prod"
	Branch      string // of git
	Command     string // "plan", "apply" or "destroy"
	Time        string // of the run, as RFC 3339 has it, in its time zone
	Master      string
	Project     string // in which the client works
	Entry       string // the entry file
}

// A Clock is a time of the day, where the run was.
type Clock struct {
	Weekday      string // "Friday"
	Date         string // "2026-11-27"
	Hour, Minute int
}

// Clock reads the time of the run. It reports false where that is not told.
func (c Circumstances) Clock() (Clock, bool) {
	at, err := time.Parse(time.RFC3339, c.Time)
	if err != nil {
		return Clock{}, false
	}
	return Clock{at.Weekday().String(), at.Format(time.DateOnly), at.Hour(), at.Minute()}, true
}
