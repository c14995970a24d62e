// Package diff compares the values of a change and returns what differs as [Row]s: a
// sign, a name, a value.
//
// JSON documents are compared value by value, texts of several lines line by line.
// The comparison is bounded by size and work, never by time, so that the same plan
// always reads the same. A value that is a secret, or looks like a credential, is
// masked here; what could steer a terminal is escaped.
//
// The package prints nothing, and knows neither colours nor the width of a terminal.
package diff
