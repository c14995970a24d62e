// Package term holds what slapstar knows of terminals: where a command reads and
// writes, how wide that is, which colours and lines it can show, and which text is
// safe there.
//
// Text from files and from a Master may steer a terminal. [Escape] makes it safe for
// one line, and shows what it was; [Clean] is for text of several lines. Whoever
// writes to a terminal uses one of the two.
//
// The package does not know what is written, nor any flag.
package term
