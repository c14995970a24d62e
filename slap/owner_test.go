package slap

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	mePerson = "person_module/1"
	other    = "person_module/2"
)

// sharedAccount is one that a manager sees: his own and that of a colleague.
func sharedAccount() *double {
	return &double{me: jioPrefix + mePerson, rows: slices.Concat(
		treeOf("1", "shop", mePerson, "PROJ-1"), treeOf("2", "shop", other, "PROJ-1"), treeOf("3", "his", other, "PROJ-1"),
		treeOf("4", "elsewhere", mePerson, "PROJ-2"), treeOf("5", "_remote_PROJ-1_HOSTSUBS-7", mePerson, "PROJ-1"), treeOf("6", `a "quoted" name`, mePerson, "PROJ-1"),
	)}
}

func names(list map[string]Instance) []string { return slices.Sorted(maps.Keys(list)) }

// The account is what we own, whatever else we may see, and whatever it is called.
func TestMine(t *testing.T) {
	d := sharedAccount()
	c := d.serve(t, Options{Project: "PROJ-1"})
	list, err := c.Instances(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"_remote_PROJ-1_HOSTSUBS-7", `a "quoted" name`, "shop"}, names(list.Instances)); diff != "" || len(list.Partial)+len(list.Odd) > 0 || list.Owner != mePerson {
		t.Errorf("partial %v, odd %v, owner %q (-want +got):\n%s", list.Partial, list.Odd, list.Owner, diff)
	}
	if len(d.searches) != 4 {
		t.Errorf("got searches %q, want one of each kind, in two pages", d.searches)
	}
	shop := list.Instances["shop"]
	if shop.GUID != "SOFTINST-1" || shop.ConnectionParameters["url"] != "https://1/" || shop.Owner != mePerson || shop.Project != "PROJ-1" || shop.Remote {
		t.Errorf("got %+v", shop)
	}
	if !list.Instances["_remote_PROJ-1_HOSTSUBS-7"].Remote {
		t.Error("a tree that the Master made for a remote node is not marked")
	}
	if diff := cmp.Diff([]string{"elsewhere"}, names(list.Elsewhere)); diff != "" || list.Elsewhere["elsewhere"].Project != "PROJ-2" {
		t.Errorf("elsewhere %+v (-want +got):\n%s", list.Elsewhere, diff)
	}

	for name, want := range map[string]string{"shop": "SOFTINST-1", `a "quoted" name`: "SOFTINST-6"} {
		if i, err := c.Instance(t.Context(), name); err != nil || i.GUID != want {
			t.Errorf("%s: got %+v, %v", name, i, err)
		}
	}
	if _, err := c.Instance(t.Context(), "his"); !errors.Is(err, ErrNotFound) {
		t.Errorf("somebody else's: got error %v", err)
	}
	_, err = c.Instance(t.Context(), "elsewhere")
	if wrong, ok := errors.AsType[*OtherProjectError](err); !ok || wrong.Project != "PROJ-2" || MeaningOf(err) != TitleElsewhere || errors.Is(err, ErrNotFound) {
		t.Errorf("of another project: got error %v", err)
	}

	all, odd, err := c.AllInstances(t.Context())
	if err != nil || len(all) != 6 || len(odd) != 0 || all[4].Owner != mePerson || all[5].Owner != other || all[5].Name != "shop" {
		t.Errorf("all: got %+v, %v, %v", all, odd, err)
	}
	if me, err := c.Me(t.Context()); err != nil || me != mePerson {
		t.Errorf("me: got %q, %v", me, err)
	}
}

// Without a project those of all projects are listed.
func TestAllProjects(t *testing.T) {
	list, err := sharedAccount().serve(t, Options{}).Instances(t.Context())
	if err != nil || len(list.Instances) != 4 || len(list.Elsewhere) != 0 || list.Instances["elsewhere"].Project != "PROJ-2" {
		t.Errorf("got %+v, %v", list, err)
	}
}

// Where the Master does not tell who we are, or whose a tree is, nothing is guessed.
func TestOwnersAreNotTold(t *testing.T) {
	noColumn := func(d *double) {
		for _, r := range d.rows {
			delete(r, "getDestinationSection")
		}
	}
	names := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"result_list": [{"title": "shop"}]}`)
	}
	for name, test := range map[string]struct {
		change  func(*double)
		mine    int
		partial int
		odd     []Oddity
		is      error
		meaning Meaning
	}{
		"no column, and a query": {change: noColumn, mine: 4},
		"another form, and a query": {change: func(d *double) {
			for _, r := range d.rows {
				r["getDestinationSection"] = "Me"
			}
		}, mine: 4},
		"neither": {change: func(d *double) { noColumn(d); d.broken = "destination_section_relative_url" }, is: errAny},
		"no column, and a query that finds none": {change: func(d *double) {
			noColumn(d)
			for _, r := range d.rows {
				r["owner"] = "nobody"
			}
		}, is: ErrUnsupported},
		"no column, none found, and JSON-RPC": {change: func(d *double) {
			noColumn(d)
			for _, r := range d.rows {
				r["owner"] = "nobody"
			}
			d.calls = map[string]http.HandlerFunc{"/slapos.allDocs.v0.instance_tree_list": names}
		}, partial: 1},
		"who are we": {change: func(d *double) { d.me = "" }, is: ErrUnsupported},
		"who are we, and JSON-RPC": {change: func(d *double) {
			d.me, d.calls = "", map[string]http.HandlerFunc{"/slapos.allDocs.v0.instance_tree_list": names}
		}, partial: 1},
		"one person, who is not told": {change: func(d *double) { d.me, d.rows = "", treeOf("1", "shop", mePerson, "") }, mine: 1},
		"nothing is told":             {change: func(d *double) { d.me, d.rows = "", treeOf("1", "shop", "", ""); noColumn(d) }, mine: 1, odd: []Oddity{{Kind: OddOwners}}},
		"one is not told":             {change: func(d *double) { d.rows[0]["getDestinationSection"] = nil }, mine: 3, odd: []Oddity{{Kind: OddOwner, Name: "shop"}}},
		"a node":                      {change: func(d *double) { d.me = "compute_node_module/1" }, is: ErrUnauthorized, meaning: NodeCertificate},
		"an empty account":            {change: func(d *double) { d.rows = nil }},
	} {
		d := sharedAccount()
		test.change(d)
		list, err := d.serve(t, Options{}).Instances(context.Background())
		if test.is != nil {
			if !isError(err, test.is) || test.meaning != Unclear && MeaningOf(err) != test.meaning {
				t.Errorf("%s: got %+v, %v, want %v", name, list, err, test.is)
			}
			continue
		}
		if err != nil || len(list.Instances) != test.mine || len(list.Partial) != test.partial {
			t.Errorf("%s: got %+v, %v, want %d and %d partial", name, list, err, test.mine, test.partial)
			continue
		}
		if diff := cmp.Diff(test.odd, list.Odd); diff != "" {
			t.Errorf("%s: oddities (-want +got):\n%s", name, diff)
		}
	}
}

// Odd rows are reported, and the rest is listed.
func TestOddRows(t *testing.T) {
	change := func(rows []row, tree, member row) []row {
		maps.Copy(rows[0], tree)
		maps.Copy(rows[1], member)
		return rows
	}
	person := func(id, title string) []row { return treeOf(id, title, mePerson, "PROJ-1") }
	d := &double{me: jioPrefix + mePerson, rows: slices.Concat(
		person("1", "good"),
		person("2", "")[:1],
		change(person("3", "x"), row{"title": nil}, nil)[:1],
		change(person("4", "null"), row{"url_string": nil}, nil),
		change(person("5", "number"), row{"text_content": 7}, nil),
		change(person("6", "xml"), row{"text_content": "<instance"}, nil),
		change(person("7", "state"), row{"slap_state": "draft"}, nil),
		person("8", "no instance")[:1],
		person("9", "twice"), person("10", "twice"),
		person("11", "again"), change(person("12", "again"), row{"slap_state": "destroy_requested"}, row{"slap_state": "destroy_requested"}),
		change(person("13", "no connection"), nil, row{"getConnectionXmlAsDict": nil}),
		change(person("14", "no project"), row{"getFollowUpReference": nil}, nil),
		person("15", "orphan")[1:],
		change(person("16", "odd news"), nil, row{"SoftwareInstance_getNewsDict": "text", "SoftwareInstance_getAllocationInformation": 5, "aggregate": nil}),
	)}
	list, err := d.serve(t, Options{Project: "PROJ-1"}).Instances(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"again", "good", "no instance", "no project", "odd news"}, names(list.Instances)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"no connection", "null", "number", "state", "twice", "xml"}, slices.Sorted(maps.Keys(list.Partial))); diff != "" {
		t.Errorf("partial (-want +got):\n%s", diff)
	}
	if list.Instances["again"].GUID != "SOFTINST-11" {
		t.Errorf("of two the one that goes was taken: %+v", list.Instances["again"])
	}
	if none := list.Instances["no instance"]; none.Members == nil || len(none.Members) != 0 || none.Allocation != NotAllocated {
		t.Errorf("without an instance: got %+v", none)
	}
	got := map[string]bool{}
	for _, odd := range list.Odd {
		got[odd.String()] = true
	}
	for _, want := range []string{
		`the Master lists instance_tree_module/2 without a name`, `the Master lists instance_tree_module/3 without a name`,
		`instance "null": the Master does not tell its url_string`, `instance "number": the Master does not tell its text_content`,
		`instance "state": cannot be read: state "draft"`, `instance "no instance": has no instance yet; its subscription may be waited for`,
		`instance "twice": the Master lists two of this name`, `instance "no connection": the Master does not tell its getConnectionXmlAsDict`,
	} {
		if !got[want] {
			t.Errorf("not reported: %s", want)
		}
	}
	if len(got) != 9 || !slices.ContainsFunc(list.Odd, func(o Oddity) bool { return o.Name == "xml" && strings.HasPrefix(o.Detail, "parameters: ") }) {
		t.Errorf("got %v", list.Odd)
	}
}

// Status and place of an instance come with its row, or are not known.
func TestReports(t *testing.T) {
	d := &double{me: mePerson, rows: treeOf("1", "shop", mePerson, "")}
	c := d.serve(t, Options{})
	read := func() (Instance, *InstanceList) {
		t.Helper()
		list, err := c.Instances(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return list.Instances["shop"], list
	}
	i, _ := read()
	if i.Computer != "COMP-1" || i.Partition != "slappart1" || i.Allocation != Allocated || i.Status.Kind != Running || i.Status.Colour != "green" || i.Status.Since.Hour() != 16 || i.Status.Reported.Hour() != 17 {
		t.Errorf("got %+v", i)
	}
	member := d.rows[1]
	for _, test := range []struct {
		text, aggregate, reference any
		computer, partition        string
		want                       Allocation
	}{
		{"Not allocated", nil, nil, "", "", NotAllocated},
		{"Restricted information", "x", "slappart3", "", "", AllocatedHidden},
		{nil, "compute_node_module/1/slappart3", "slappart3", "", "slappart3", Allocated},
		{nil, nil, nil, "", "", AllocationUnknown},
		{"something new", nil, nil, "", "", AllocationUnknown},
	} {
		member["SoftwareInstance_getAllocationInformation"], member["aggregate"], member["aggregate_reference"] = test.text, test.aggregate, test.reference
		if i, _ := read(); i.Computer != test.computer || i.Partition != test.partition || i.Allocation != test.want {
			t.Errorf("%v: got %s %s, %s", test, i.Computer, i.Partition, i.Allocation)
		}
	}
	// A search that fails with these columns is made without them, from then on.
	d.broken, d.searches = "SoftwareInstance_getNewsDict", nil
	for range 2 {
		if i, list := read(); i.Status.Kind != StatusUnknown || i.ConnectionParameters["url"] == "" || !slices.Contains(list.Odd, Oddity{Kind: OddReports}) {
			t.Errorf("got %+v, %v", i, list.Odd)
		}
	}
	if len(d.searches) != 9 {
		t.Errorf("got %d searches, want one that fails", len(d.searches))
	}
}

func TestProjects(t *testing.T) {
	d := &double{rows: []row{{"portal_type": "Project", "title": "Two", "reference": "PROJ-2"}, {"portal_type": "Project", "title": "One", "reference": "PROJ-1"}, {"portal_type": "Project", "title": "odd", "reference": nil}}}
	got, err := d.serve(t, Options{}).Projects(t.Context())
	if diff := cmp.Diff([]Project{{"PROJ-1", "One"}, {"PROJ-2", "Two"}}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := newReplay(t, "client-startup").client().Projects(t.Context()); !errors.Is(err, ErrUnsupported) {
		t.Errorf("a slapproxy: got error %v", err)
	}
}

func TestIsRemote(t *testing.T) {
	for name, want := range map[string]bool{"_remote_PROJ-1_HOSTSUBS-7": true, "_remote_x": false, "_remote__x": false, "remote_a_b": false, "_remote_a_": false, "": false} {
		if IsRemote(name) != want {
			t.Errorf("%q: got %t", name, !want)
		}
	}
}

func TestQuoted(t *testing.T) {
	full, err := parseRoot("", []byte(`{"_links": {"raw_search": {"href": "http://x/{?query,limit*}"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{`a`: `"a"`, `a"b`: `"a\"b"`, `a\b`: `"a\b"`, `a\`: "", `a\"b`: "", `" OR title:"%`: `"\" OR title:\"%"`} {
		if got, err := full.quoted(name); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, want)
		}
	}
}
