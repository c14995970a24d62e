// Package run makes plans of an entry file and a Master, as often as it is asked to.
//
// A [Planner] evaluates the files while the Master is read: evaluation waits for
// the reading only when the files ask for something that the Master has. As long as
// the Master answers the same to what the files asked, they are not evaluated again,
// since evaluation is hermetic: the result would be the same. They are evaluated
// again only if an answer has changed.
//
// The package also opens the Master that the configuration names ([Connection]), and
// saves plans and makes them again ([SavedPlan]). It does not know flags, nor the
// terminal: messages and what the files print go to functions that are passed in.
package run
