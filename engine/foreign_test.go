package engine_test

import (
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/slap"
)

// What is in another project, and what the Master keeps for itself, is neither changed nor
// destroyed, whether it is declared or claimed.
func TestForeignInstances(t *testing.T) {
	const remote = "_remote_PROJ-1_HOSTSUBS-7"
	there := func(name string) slap.Instance {
		return slap.Instance{Project: "PROJ-2", InstanceRequest: slap.InstanceRequest{Name: name, SoftwareRelease: release, SoftwareType: "default", State: slap.Started}}
	}
	state := engine.NewState()
	state.Full = true
	state.Elsewhere = map[string]slap.Instance{"shop": there("shop")}
	state.Instances[remote] = there(remote)
	for name, test := range map[string]struct{ state, want string }{
		"shop": {slap.Started, "in project PROJ-2"},
		remote: {slap.Stopped, "for its Remote Nodes"},
	} {
		for _, wanted := range []string{test.state, slap.Destroyed} {
			i := declare(name, nil)
			i.State = wanted
			plan, err := engine.NewPlan(&engine.Config{Resources: []engine.Resource{i}}, state, engine.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if name == "shop" && wanted == slap.Destroyed { // in this project there is none
				if plan.Changes[0].Action != engine.NoOp || len(plan.Refusals) > 0 {
					t.Errorf("%s: got %v, %v", name, plan.Changes[0].Action, plan.Refusals)
				}
				continue
			}
			if plan.CanApply() || !strings.Contains(plan.Refusals[0].Message, test.want) {
				t.Errorf("%s to be %s: got refusals %v, want one with %q", name, wanted, plan.Refusals, test.want)
			}
		}
	}
	plan, err := engine.NewPlan(&engine.Config{Claims: []engine.Claim{{Pattern: "*"}}}, state, engine.Options{})
	if err != nil || len(plan.Changes) != 0 {
		t.Errorf("claimed: got %v, %v", plan.Changes, err)
	}
}
