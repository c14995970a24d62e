// Package term holds what slapstar knows of terminals: where a command reads and
// writes, how wide that is, which colours and lines it can show, and which text is
// safe there.
//
// Text from files and from a Master may steer a terminal, look like other text, or be
// taken for a command by what reads a log. [Escape] makes it safe for one line and
// shows what it was, [Name] does so for a name, and [Clean] for text of several lines.
// Whoever writes foreign text uses one of them; where that begins a line, [Word], [Leading]
// or [Lines].
//
// The package does not know what is written, nor any flag.
package term
