package engine

import (
	"testing"

	"slapstar/slap"
)

// Software that is on its way out, or that is gone meanwhile, is brought to a node by the
// same wish; its removal is another one.
func TestSameSupply(t *testing.T) {
	plan := func(there, wanted string) *Plan {
		s := NewState()
		s.Software["COMP-1"] = map[string]string{}
		if there != "" {
			s.Software["COMP-1"]["r"] = there
		}
		p, err := NewPlan(&Config{Resources: []Resource{&Software{SoftwareRelease: "r", Computer: "COMP-1", State: wanted}}}, s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, test := range []struct {
		before, now, wanted string
		moved               int
	}{
		{slap.Destroyed, "", slap.Available, 0},
		{"", slap.Destroyed, slap.Available, 0},
		{"", "", slap.Available, 0},
		{slap.Available, "", slap.Destroyed, 0}, // nothing is left to do
		{slap.Destroyed, slap.Available, slap.Destroyed, 1},
	} {
		moved, err := checkRefines(plan(test.before, test.wanted), plan(test.now, test.wanted), nil, func(Reference) (string, bool) { return "", false })
		if err != nil || len(moved) != test.moved {
			t.Errorf("%+v: got %v, %v", test, moved, err)
		}
	}
}
