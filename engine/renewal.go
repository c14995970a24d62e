package engine

import "time"

// Reading again takes at most a part of the time of an apply, and not more often than that.
const (
	renewalPart  = 20
	leastRenewal = 2 * time.Second
)

// due reports whether the Master is to be read again, after it was read last at a time.
// The next read may take twice as long as the last: all that was created is in it.
func (r *run) due(read time.Time) bool {
	if len(r.tries) == 0 {
		return false
	}
	now := r.Now()
	return now.Sub(read) > max(leastRenewal, renewalPart*r.pace) && now.Sub(r.begun) > renewalPart*(r.renewals+2*r.pace)
}
