package conformance

import (
	"fmt"
	"strings"
	"testing"

	"slapstar/bench/sample"
)

// A plan right after an apply is empty on the real slapproxy, for instances of
// every kind that are created and then changed. (The embedded Master sees ten times
// as many: TestPlanAfterApplyIsEmpty of the command.)
func TestPlanAfterApplyIsEmptyOnSlapproxy(t *testing.T) {
	s := newSite(t)
	s.slapproxy()
	s.node("format", s.url, "250", sample.Nodes[0], sample.Nodes[1], sample.Nodes[2])
	for round := range 2 {
		file := s.write(fmt.Sprintf("round-%d.star", round), sample.Random(2, 200, round, 100_000))
		if out := s.star(0, "apply", "--auto-approve", file).stdout; !strings.Contains(out, "done (") {
			t.Errorf("round %d changed nothing:\n%s", round, tail(out))
		}
		s.star(0, "plan", "--detailed-exitcode", file)
	}
}
