// Command slapstar plans and applies what Starlark files ask of a SlapOS
// Master. It turns flags into calls of the other packages, and their errors
// into messages and exit codes; it does not know how anything is done.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"slapstar/cmd/slapstar/internal/term"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one has its usual effect: it ends the
	// process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(execute(ctx, term.New(os.Stdin, os.Stdout, os.Stderr), os.Args))
}
