package engine

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// fewChanges are so few that nothing is gained by more than one processor.
const fewChanges = 100

// concurrently does something with each change, which may not look at another one. In
// which order it is done does not show.
func concurrently(changes []*Change, do func(*Change)) {
	var next atomic.Int64
	work := func() {
		for i := next.Add(1) - 1; i < int64(len(changes)); i = next.Add(1) - 1 {
			do(changes[i])
		}
	}
	if len(changes) <= fewChanges {
		work()
		return
	}
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(work)
	}
	workers.Wait()
}
