package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/slap"
)

// What has drifted is what differs from the files as they were and as they are, leaf by
// leaf.
func TestFindDrift(t *testing.T) {
	type side map[string]string // parameters of the instance a; nil: it is not there
	json := func(text string) side { return side{"_": text} }
	tests := []struct {
		name             string
		then, now, there side
		want             string
	}{
		{"nothing differs", side{"a": "1"}, side{"a": "1"}, side{"a": "1"}, ""},
		{"edited, not applied", side{"a": "1"}, side{"a": "2"}, side{"a": "1"}, ""},
		{"edited and applied", side{"a": "1"}, side{"a": "2"}, side{"a": "2"}, ""},
		{"changed there", side{"a": "1"}, side{"a": "1"}, side{"a": "3"}, "changed on the Master: a"},
		{"changed there and edited", side{"a": "1"}, side{"a": "2"}, side{"a": "3"}, "changed on the Master: a"},
		{"edited, and another changed there", side{"a": "1", "b": "1"}, side{"a": "2", "b": "1"}, side{"a": "1", "b": "3"}, "changed on the Master: b"},
		{"added there", side{"a": "1"}, side{"a": "1"}, side{"a": "1", "b": "3"}, "changed on the Master: b"},
		{"taken away there", side{"a": "1", "b": "1"}, side{"a": "1", "b": "1"}, side{"a": "1"}, "changed on the Master: b"},
		{"missing", side{"a": "1"}, side{"a": "2"}, nil, "missing on the Master: "},
		{"declared now", nil, side{"a": "2"}, nil, ""},
		{"no longer declared", side{"a": "1"}, nil, side{"a": "3"}, ""},
		{"a leaf edited, another changed there", json(`{"x":{"a":1,"b":1}}`), json(`{"x":{"a":2,"b":1}}`), json(`{"x":{"a":1,"b":3}}`), "changed on the Master: _ \"x\" \"b\""},
		{"a leaf edited and applied, another edited", json(`{"a":1}`), json(`{"a":2,"b":1}`), json(`{"a":2}`), ""},
		{"an item changed there, another added", json(`{"l":[1,2,3]}`), json(`{"l":[0,1,2,3]}`), json(`{"l":[1,5,3]}`), "changed on the Master: _ \"l\" 1"},
		{"an item taken away there, another added", json(`{"l":[1,2,3]}`), json(`{"l":[0,1,2,3]}`), json(`{"l":[1,3]}`), "changed on the Master: _ \"l\" 1"},
		{"an item added and applied", json(`{"l":[1,2]}`), json(`{"l":[0,1,2]}`), json(`{"l":[0,1,2]}`), ""},
		{"a named item changed there, another added", json(`{"l":[{"name":"a","x":1}]}`), json(`{"l":[{"name":"n"},{"name":"a","x":1}]}`), json(`{"l":[{"name":"a","x":9}]}`), "changed on the Master: _ \"l\" 0 \"x\""},
		{"a named item edited, another changed there", json(`{"l":[{"name":"a","x":1},{"name":"b","x":1}]}`), json(`{"l":[{"name":"a","x":2},{"name":"b","x":1}]}`), json(`{"l":[{"name":"a","x":1},{"name":"b","x":9}]}`), "changed on the Master: _ \"l\" 1 \"x\""},
		{"a named item edited, another one added there", json(`{"l":[{"name":"a","x":1}]}`), json(`{"l":[{"name":"a","x":2}]}`), json(`{"l":[{"name":"a","x":1},{"name":"b"}]}`), "changed on the Master: _ \"l\" 1 \"name\""},
		{"changed there, where an object became a text", json(`{"x":{"a":1}}`), json(`{"x":"none"}`), json(`{"x":{"a":9}}`), "changed on the Master: _ \"x\" \"a\""},
		{"renamed there, and edited to a third name", side{"a": "value"}, side{"c": "value"}, side{"b": "value"}, "changed on the Master: a"},
		{"turned around there", json(`{"l":[1,2,3]}`), json(`{"l":[1,2,3]}`), json(`{"l":[3,2,1]}`), "changed on the Master: _ \"l\" 1 _ \"l\" 2"},
		{"one form and another", side{"a": "1"}, side{"a": "1"}, json(`{"a":1}`), "changed on the Master: _ a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			state := engine.NewState()
			if test.there != nil {
				state.Instances["a"] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "a", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started, Parameters: slap.Parameters(test.there)}}
			}
			config := func(s side) *engine.Config {
				c := &engine.Config{Resources: []engine.Resource{&engine.Instance{Name: "other", SoftwareRelease: "u", State: slap.Destroyed}}}
				if s == nil {
					return c
				}
				i := &engine.Instance{Name: "a", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started, Parameters: map[string]engine.Text{}}
				for key, value := range s {
					i.Parameters[key] = engine.Literal(value)
				}
				c.Resources = append(c.Resources, i)
				return c
			}
			then, err := engine.NewPlan(config(test.then), state, engine.Options{})
			if err != nil {
				t.Fatal(err)
			}
			now, err := engine.NewPlan(config(test.now), state, engine.Options{Since: &engine.Revision{Name: "HEAD", Config: config(test.then)}})
			if err != nil {
				t.Fatal(err)
			}
			found := engine.FindDrift(then, now, state)
			var lines []string
			for _, c := range found.Plan.Changes {
				var places []string
				for _, l := range c.Leaves {
					place := l.Name
					for _, s := range l.At {
						place += " " + s.String()
					}
					places = append(places, place)
				}
				for _, cause := range found.Causes[c.Address()] {
					lines = append(lines, fmt.Sprintf("%s: %s", cause, strings.Join(places, " ")))
				}
			}
			if got := strings.Join(lines, "\n"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// What the Master does not tell is said, and is no drift.
func TestDriftUnreadable(t *testing.T) {
	state := engine.NewState()
	state.Instances["a"] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "a", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started}}
	now, err := engine.NewPlan(&engine.Config{Resources: []engine.Resource{
		&engine.Instance{Name: "a", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started, SLA: map[string]string{"network_guid": "N"}},
	}}, state, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if found := engine.FindDrift(nil, now, state); found.Drifted() || found.Plan.Unreadable() != 1 {
		t.Errorf("got %t and %d, want no drift, and an instance that cannot be read whole", found.Drifted(), found.Plan.Unreadable())
	}
}

// An instance that is not ready, or somebody else's, cannot be compared.
func TestDriftUnknown(t *testing.T) {
	state := engine.NewState()
	state.NotReady["a"] = true
	now, err := engine.NewPlan(&engine.Config{Resources: []engine.Resource{
		&engine.Instance{Name: "a", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started},
	}}, state, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found := engine.FindDrift(nil, now, state)
	if found.Drifted() || len(found.Unknown) != 1 || !strings.Contains(found.Unknown[0].Message, "not ready") || len(found.Plan.Notes) != 0 {
		t.Errorf("got %+v and notes %+v, want that a is not ready", found.Unknown, found.Plan.Notes)
	}
}

// What is shared there and not in the files is drift, which no change takes back. Without
// an earlier revision all that differs has drifted.
func TestDriftOfShared(t *testing.T) {
	state := engine.NewState()
	state.Instances["a"] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "a", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started, Shared: true}}
	now, err := engine.NewPlan(&engine.Config{Resources: []engine.Resource{&engine.Instance{Name: "a", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started}}}, state, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found := engine.FindDrift(nil, now, state)
	if !found.Drifted() || found.Plan.Changes[0].Leaves[0].Name != "shared" || found.Compared != 1 {
		t.Errorf("got %+v, want that shared has drifted", found.Plan.Changes)
	}
}
