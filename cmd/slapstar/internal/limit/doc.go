// Package limit ends what takes too long or too much memory, whatever it does.
//
// The interpreter counts steps and guards what one step can make, and its messages are
// the better ones. But one step, or planning, can take any time that nobody thought of,
// and the interpreter cannot look up from it. So a [Watch] looks at the clock and the
// heap from beside, every ten milliseconds. When a limit is passed it ends the context
// of the work, and the work ends by itself, with the place and its name. What has not
// ended a second later is ended with the process, after one message with the place of
// the last statement.
//
// # Why it is in the process
//
// The other way is a child process with a limit on its address space. It was measured,
// and docs/explanation/limits.md has the figures: a child costs what the program takes
// to start, which is more than most files take; all that an evaluation asks for (what
// the Master has, products, secrets, approval) would have to go back and forth; and the
// runtime's own message at the end of the memory would still have to be caught. The
// watch costs nothing that can be measured. It can look because Go interrupts a
// goroutine wherever it is, and because what one step can allocate at once is guarded
// in package lang. It comes before the runtime does: stacks are let grow to 1 GiB, and
// the watch ends the process at a quarter of that.
//
// The package does not know what the work is. It is the one place besides main that
// exits.
package limit
