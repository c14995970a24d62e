package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
)

// errDeclined is the error of a change that somebody was asked about and did not
// want.
var errDeclined = errors.New("not approved; nothing was changed")

// readLine asks on a terminal. When it is interrupted, it leaves the read waiting: the
// process is about to end.
func readLine(ctx context.Context, e *env, question string) (string, error) {
	fmt.Fprint(e.Err, question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(e.In).ReadString('\n')
		answer <- line
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(e.Err)
		return "", ctx.Err()
	case line := <-answer:
		return line, nil
	}
}
