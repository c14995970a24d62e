package slap

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The places of all kinds, and those of a Master that does not take the query.
func TestAllNodes(t *testing.T) {
	d := &double{rows: []row{
		{"portal_type": "Compute Node", "title": "n", "reference": "COMP-1", "allocation_scope": "open", "getFollowUpReference": "PROJ-1"},
		{"portal_type": "Compute Node", "title": "odd", "reference": nil},
		{"portal_type": "Instance Node", "title": "i", "reference": "INST-1"},
		{"portal_type": "Remote Node", "title": "r", "reference": "REMOTE-1", "allocation_scope": "close/forever"},
		{"portal_type": "Computer Network", "title": "net", "reference": "NET-1"},
	}}
	want := []Node{{"COMP-1", "n", ComputeNode, "open", "PROJ-1"}, {"INST-1", "i", InstanceNode, "", ""}, {"REMOTE-1", "r", RemoteNode, "close/forever", ""}, {"NET-1", "net", ComputerNetwork, "", ""}}
	c := d.serve(t, Options{})
	if got, err := c.AllNodes(t.Context()); err != nil || !cmp.Equal(want, got) {
		t.Errorf("%v (-want +got):\n%s", err, cmp.Diff(want, got))
	}
	if got, err := c.Nodes(t.Context()); err != nil || !cmp.Equal(want[:1], got) {
		t.Errorf("compute nodes: %v (-want +got):\n%s", err, cmp.Diff(want[:1], got))
	}
	d.broken = "Remote Node"
	if got, err := c.AllNodes(t.Context()); err != nil || !cmp.Equal(want[:1], got) {
		t.Errorf("refused: %v (-want +got):\n%s", err, cmp.Diff(want[:1], got))
	}
}

func TestSoftwareProducts(t *testing.T) {
	product := func(id, reference, project string) row {
		return row{"portal_type": "Software Product", "title": reference + "!", "reference": reference, "relative_url": "software_product_module/" + id, "getFollowUpReference": project}
	}
	d := &double{rows: []row{
		product("1", "kvm", "PROJ-1"), product("2", "db", "PROJ-1"), product("3", "foreign", "PROJ-2"),
		{"portal_type": "Software Product Release Variation", "title": "1.0", "url_string": kvm, "relative_url": "software_product_module/1/a"},
		{"portal_type": "Software Product Release Variation", "title": "odd", "url_string": nil, "relative_url": "software_product_module/1/b"},
		{"portal_type": "Software Product Release Variation", "title": "9", "url_string": mariadb, "relative_url": "software_product_module/9/a"},
		{"portal_type": "Software Product Type Variation", "title": "default", "relative_url": "software_product_module/1/c"},
		{"portal_type": "Software Product Type Variation", "title": nil, "reference": "cluster", "relative_url": "software_product_module/1/d"},
	}}
	got, err := d.serve(t, Options{Project: "PROJ-1"}).SoftwareProducts(t.Context())
	want := []SoftwareProduct{
		{Reference: "db", Title: "db!", Project: "PROJ-1"},
		{Reference: "kvm", Title: "kvm!", Project: "PROJ-1", Releases: []ProductRelease{{kvm, "1.0"}}, Types: []string{"cluster", "default"}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got, err = d.serve(t, Options{}).SoftwareProducts(t.Context()); err != nil || len(got) != 3 {
		t.Errorf("of all projects: got %v, %v", got, err)
	}
}

func TestUpgradeDecisions(t *testing.T) {
	d := &double{rows: []row{{"portal_type": "Upgrade Decision", "title": "u", "reference": "UD-1", "simulation_state": "planned", "aggregate": "instance_tree_module/1", "aggregate_title": "shop"}, {"portal_type": "Upgrade Decision", "title": "v", "simulation_state": "started"}}}
	got, err := d.serve(t, Options{}).UpgradeDecisions(t.Context())
	want := []UpgradeDecision{{"UD-1", "u", "planned", "instance_tree_module/1", "shop"}, {"", "v", "started", "", ""}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// A slapproxy has none of these.
func TestListingsOfSlapproxy(t *testing.T) {
	c := newReplay(t, "client-startup").client()
	for name, err := range map[string]error{
		"products": second(c.SoftwareProducts(t.Context())), "upgrades": second(c.UpgradeDecisions(t.Context())), "me": second(c.Me(t.Context())),
		"all": func() error { _, _, err := c.AllInstances(t.Context()); return err }(),
	} {
		if !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}

// What the node says of software comes with its row, or is not known.
func TestSoftwareReports(t *testing.T) {
	d := &double{rows: []row{
		{"portal_type": "Software Installation", "node": "COMP-1", "url_string": kvm, "slap_state": "destroy_requested"},
		{"portal_type": "Software Installation", "node": "COMP-1", "url_string": kvm, "slap_state": "start_requested", "SoftwareInstallation_getNewsDict": row{"text": "#error while installing: no", "created_at": "Thu, 26 Nov 2026 17:00:00 GMT"}},
		{"portal_type": "Software Installation", "node": "COMP-1", "url_string": mariadb, "slap_state": "start_requested", "SoftwareInstallation_getNewsDict": row{"text": "#error no data found for SOFTINSTALL-2", "no_data": 1}},
	}}
	c := d.serve(t, Options{})
	if _, err := c.Full(t.Context()); err != nil {
		t.Fatal(err)
	}
	read := func() []StatusKind {
		t.Helper()
		got, err := c.SoftwareInstallations(t.Context(), "COMP-1")
		if err != nil || len(got) != 2 || got[0].State != Available {
			t.Fatalf("got %+v, %v", got, err)
		}
		return []StatusKind{got[0].Status.Kind, got[1].Status.Kind}
	}
	if got := read(); !slices.Equal(got, []StatusKind{Failing, NotReported}) {
		t.Errorf("got %v", got)
	}
	d.broken = "SoftwareInstallation_getNewsDict"
	if got := read(); !slices.Equal(got, []StatusKind{StatusUnknown, StatusUnknown}) {
		t.Errorf("without the column: got %v", got)
	}
}

func TestParseStatus(t *testing.T) {
	for text, want := range map[string]StatusKind{
		"": StatusUnknown, "#access Instance correctly started": Running, "#error no data found for SOFTINST-1": NotReported, " #error oops": Failing,
		"#error while instanciating: x": Failing, "#error bang called: why": Processing, "while installing https://x": Failing,
		"#nodata is a slave a": NeverReports, "#nodata is an stopped b": NeverReports, "#building software release": Building, "hello": OtherStatus,
	} {
		if got := ParseStatus(text); got.Kind != want || got.Kind.String() == "" {
			t.Errorf("%q: got %s, want %s", text, got.Kind, want)
		}
	}
}

func TestNewsStatus(t *testing.T) {
	for news, want := range map[string]Status{
		`null`: {}, `"text"`: {}, `[1]`: {}, `{}`: {},
		`{"text": "#error no data found for X", "created_at": "Thu, 26 Nov 2026 17:00:00 GMT"}`: {Kind: NotReported, Text: "#error no data found for X"},
		`{"text": "", "is_slave": 1}`:                {Kind: NeverReports},
		`{"text": "#error x", "is_stopped": 0}`:      {Kind: Failing, Text: "#error x"},
		`{"text": "#error oops", "is_stopped": 1}`:   {Kind: Failing, Text: "#error oops"},
		`{"text": "#access", "colour": "green"}`:     {Kind: Running, Text: "#access", Colour: "green"},
		`{"text": "#access", "created_at": "never"}`: {Kind: Running, Text: "#access"},
	} {
		if got := newsStatus(cell(news)); got != want {
			t.Errorf("%s: got %+v, want %+v", news, got, want)
		}
	}
}
