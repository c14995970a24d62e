package limit

import "runtime/metrics"

// A gauge reads how much memory the process takes, without allocating any.
type gauge []metrics.Sample

func newGauge() gauge {
	return gauge{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
	}
}

// read returns what is in use, and how much of it the stacks are. What was allocated
// counts at once, even if nothing was written to it yet.
func (g gauge) read() (used, stacks Size) {
	metrics.Read(g)
	total, released, free := g[0].Value.Uint64(), g[1].Value.Uint64(), g[2].Value.Uint64()
	return Size(total - released - free), Size(g[3].Value.Uint64())
}
