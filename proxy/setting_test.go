package proxy

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each setting of the configuration sets its option.
func TestSettings(t *testing.T) {
	var got Options
	for name, text := range map[string]string{
		"catalog_delay": "0.3", "subscription_delay": "0", "allocation_delay": "20ms", "alarm_period": "24h", "creation_time": "1", "unpaid_deletion": "720h",
		"max_creations": "2", "no_project_status": "404", "accept_upgrades": "true", "projects": "A B",
		"persons":             "\nalice A:manager B unpaid\n\nbob B:customer token=T\n",
		"products":            "A kvm one default\nA kvm two cluster\nB kvm one",
		"allocation_supplies": "A one default COMP-1 COMP-2\nB * * *\nA * * same-tree",
		"remote_nodes":        "far A bob B",
	} {
		if err := got.Set(name, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	want := Options{
		CatalogDelay: 300 * time.Millisecond, SubscriptionDelay: -1, AllocationDelay: 20 * time.Millisecond, AlarmPeriod: 24 * time.Hour, CreationTime: time.Second, UnpaidDeletion: 720 * time.Hour,
		MaxCreations: 2, NoProjectStatus: 404, AcceptUpgrades: true, Projects: []string{"A", "B"},
		Persons: []Person{{Name: "alice", Projects: []string{"B"}, Manages: []string{"A"}, Unpaid: true}, {Name: "bob", Projects: []string{"B"}, Token: "T"}},
		SoftwareProducts: []Product{{Project: "A", Name: "kvm", Releases: []string{"one", "two"}, Types: []string{"default", "cluster"}},
			{Project: "B", Name: "kvm", Releases: []string{"one"}}},
		AllocationSupplies: []Supply{{Project: "A", Releases: []string{"one"}, Types: []string{"default"}, Nodes: []string{"COMP-1", "COMP-2"}}, {Project: "B"},
			{Project: "A", Nodes: []string{""}, SameTree: true}},
		RemoteNodes: []RemoteNode{{Reference: "far", Project: "A", Person: "bob", Remote: "B"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, text := range map[string]string{
		"catalog_delay": "soon", "allocation_delay": "-1s", "max_creations": "many", "accept_upgrades": "perhaps", "persons": "alice", "products": "A kvm", "allocation_supplies": "A * *", "nothing": "",
	} {
		if err := (&Options{}).Set(name, text); err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}
