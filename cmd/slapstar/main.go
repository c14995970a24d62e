// Command slapstar plans and applies what Starlark files ask of a SlapOS
// Master. It turns flags into calls of the other packages, and their errors
// into messages and exit codes; it does not know how anything is done.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"slapstar/cmd/slapstar/internal/term"
)

func main() { os.Exit(start(time.Now)) }

// start runs the process with a clock, and returns its exit code.
func start(now func() time.Time) int {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	// After the first signal the next one has its usual effect: it ends the
	// process at once.
	context.AfterFunc(ctx, stop)
	return executeAt(ctx, term.New(os.Stdin, os.Stdout, os.Stderr), os.Args, now)
}
