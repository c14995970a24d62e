package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/proxy"
)

// requestLog returns where lines of the request log go: a file, stderr with -v,
// or nowhere.
func requestLog(e *env, file string) (write func(proxy.RequestRecord), closeLog func(), err error) {
	var mu sync.Mutex
	var outputs []io.Writer
	closeLog = func() {}
	if e.global.connection.Verbosity > 0 {
		outputs = append(outputs, e.Err)
	}
	if file != "" {
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, nil, fmt.Errorf("opening the log: %w", err)
		}
		outputs, closeLog = append(outputs, f), func() { f.Close() }
	}
	if len(outputs) == 0 {
		return nil, closeLog, nil
	}
	return func(r proxy.RequestRecord) {
		line := time.Now().UTC().Format(time.RFC3339) + " " + term.Escape(r.String()) + "\n"
		mu.Lock()
		defer mu.Unlock()
		for _, w := range outputs {
			io.WriteString(w, line)
		}
	}, closeLog, nil
}
