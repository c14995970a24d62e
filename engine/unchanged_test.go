package engine

import (
	"fmt"
	"testing"

	"slapstar/slap"
)

// What stays as it is, with its values; of what the Master does not tell there is none
// before.
func TestUnchanged(t *testing.T) {
	config := &Config{Resources: []Resource{
		&Instance{Name: "a", State: slap.Started, SLA: slap.Parameters{"network_guid": "N"}, Parameters: map[string]Text{"_": Literal(`{"n": 1, "password": "x"}`)}},
		&Instance{Name: "changed", State: slap.Started, Parameters: map[string]Text{"k": Literal("2")}},
		&Instance{Name: "gone", State: slap.Destroyed},
		&Software{SoftwareRelease: "r", Computer: "COMP-1", State: slap.Available},
	}}
	state := NewState()
	state.Instances["a"] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "a", State: slap.Started, Parameters: slap.Parameters{"_": `{"password":"x","n":1}`}}}
	state.Instances["changed"] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "changed", State: slap.Started, Parameters: slap.Parameters{"k": "1"}}}
	state.Software["COMP-1"] = map[string]string{"r": slap.Available}
	for _, listed := range []bool{false, true} {
		plan, err := NewPlan(config, state, Options{Unchanged: listed})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, c := range plan.Unchanged {
			got += string(c.Address()) + ":"
			for _, l := range c.Leaves {
				before := "?"
				if l.Before != nil {
					before = *l.Before
				}
				after, _ := l.After.Known()
				got += fmt.Sprintf(" %s.%s%v %s=%s %t", l.Group, l.Name, l.At, before, after, l.Sensitive())
			}
			got += "\n"
		}
		want := ""
		if listed {
			want = "instance a: .software_release[] = false .software_type[] = false .state[] started=started false sla.network_guid[] ?=N false parameters._[\"n\"] 1=1 false parameters._[\"password\"] \"x\"=\"x\" true\n" +
				"software r on COMP-1: .state[] available=available false\n"
		}
		if got != want {
			t.Errorf("listed %t: got\n%swant\n%s", listed, got, want)
		}
	}
}
