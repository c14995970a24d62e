package engine

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"slapstar/slap"
)

func leavesOf(t *testing.T, before, after any) []Leaf {
	t.Helper()
	old, err := json.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	now, err := json.Marshal(after)
	if err != nil {
		t.Fatal(err)
	}
	text := string(old)
	c := &Change{Action: Update, Resource: &Instance{}, Attributes: []Attribute{{Group: "parameters", Name: "_", Before: &text, After: Literal(string(now))}}}
	c.TakeApart(nil)
	return c.Leaves
}

// Documents in which more differs than anybody reads are one value.
func TestManyDifferences(t *testing.T) {
	for n, want := range map[int]int{mostPairs: mostPairs, mostPairs + 1: 1} {
		before, after := make([]int, n), make([]int, n)
		for i := range after {
			after[i] = i + 1
			before[i] = -1 - i
		}
		if got := leavesOf(t, before, after); len(got) != want {
			t.Errorf("%d values differ: got %d leaves, want %d", n, len(got), want)
		}
	}
}

// Where the work ends does not depend on the order in which the members of an object
// happen to be looked at.
func TestSameWork(t *testing.T) {
	list := func(shift int) []any {
		var items []any
		for i := range 700 {
			item := map[string]any{}
			for j := range 6 {
				item[fmt.Sprint("m", j)] = map[string]any{"a": i + shift, "b": []int{i, j}, "password": j % 2}
			}
			items = append(items, item)
		}
		return items
	}
	before, after := list(0), list(350)
	first := leavesOf(t, before, after)
	for range 4 {
		if got := leavesOf(t, before, after); !reflect.DeepEqual(got, first) {
			t.Fatalf("the same documents have %d leaves, and then %d", len(first), len(got))
		}
	}
}

// Many changes are taken apart at once, and each as if it were alone.
func TestTakeApartConcurrently(t *testing.T) {
	config := &Config{}
	state := NewState()
	for i := range 3 * fewChanges {
		name := fmt.Sprint("i", i)
		config.Resources = append(config.Resources, &Instance{Name: name, State: slap.Started, Parameters: map[string]Text{"_": Literal(fmt.Sprintf(`{"a": %d, "b": [1, 2]}`, i+1))}})
		state.Instances[name] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name, State: slap.Started, Parameters: slap.Parameters{"_": fmt.Sprintf(`{"a": %d, "b": [1, 2]}`, i)}}}
	}
	plan, err := NewPlan(config, state, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range plan.Changes {
		if len(c.Leaves) != 1 || *c.Leaves[0].Before != fmt.Sprint(i) {
			t.Errorf("%s: got the leaves %v", c.Address(), c.Leaves)
		}
	}
}
