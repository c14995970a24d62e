package proxy

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
	"slapstar/slap/marshal"
)

// What a node reports of an instance is kept, over either interface, and told on
// all.
func TestFullInstanceReports(t *testing.T) {
	for _, only := range []slap.Interface{slap.Legacy, slap.JSONRPC} {
		t.Run(string(only), func(t *testing.T) {
			s := ready(t, 1)
			ctx := context.Background()
			s.running(t, vm("a"))
			node := s.client(t, slap.Options{Only: only})
			long := strings.Repeat("é", 100) + " the end\n"
			for _, report := range []struct {
				do   func() error
				want string
			}{
				{func() error { return nil }, "#error no data found for SOFTINST-1"},
				{func() error { return node.ReportInstance(ctx, "local_computer", "slappart0", slap.Started) }, "#access Instance correctly started"},
				{func() error { return node.ReportInstance(ctx, "local_computer", "slappart0", slap.Stopped) }, "#access Instance correctly stopped"},
				{func() error { return node.ReportInstanceError(ctx, "local_computer", "slappart0", "", long) }, "#error while instanciating: " + strings.Repeat("é", 72) + " the end"},
			} {
				if err := report.do(); err != nil {
					t.Fatal(err)
				}
				list, err := s.Orders(ctx, "local_computer")
				if err != nil || list.Partitions[0].AccessStatus != report.want {
					t.Errorf("node: got %q, %v, want %q", list.Partitions[0].AccessStatus, err, report.want)
				}
				i, err := s.Instance(ctx, "a")
				if err != nil || i.Status.Text != report.want {
					t.Errorf("JSON-RPC: got %q, %v, want %q", i.Status.Text, err, report.want)
				}
				status, err := s.PartitionStatus(ctx, "local_computer", "slappart0")
				if err != nil || status["text"] != report.want || status["portal_type"] != "Software Instance" || status["reference"] != "SOFTINST-1" {
					t.Errorf("status: got %v, %v, want %q", status, err, report.want)
				}
				if _, err := time.Parse(time.RFC1123, status["since"]); err != nil {
					t.Error(err)
				}
				if nodata := status["no_data"] == "1"; nodata != strings.HasPrefix(report.want, "#error no data") || nodata != (status["no_data_since_5_minutes"] == "") {
					t.Errorf("status: got %v", status)
				}
				info, err := s.Info(ctx, "a")
				if err != nil || !strings.Contains(string(info.News), report.want) {
					t.Errorf("news: got %s, %v, want %q", info.News, err, report.want)
				}
			}
			if err := node.ReportInstance(ctx, "local_computer", "slappart9", slap.Started); !errors.Is(err, slap.ErrNotFound) {
				t.Errorf("of an unknown partition: got error %v, want %v", err, slap.ErrNotFound)
			}
		})
	}
}

// So is what it reports of software. The end has to have been asked for.
func TestFullSoftwareReports(t *testing.T) {
	for _, only := range []slap.Interface{slap.Legacy, slap.JSONRPC} {
		t.Run(string(only), func(t *testing.T) {
			s := newFull(t, Options{})
			ctx := context.Background()
			node := s.client(t, slap.Options{Only: only})
			report := func(state string) error { return node.ReportSoftware(ctx, "local_computer", kvm, state) }
			if err := report("building"); !errors.Is(err, slap.ErrNotFound) {
				t.Errorf("not supplied: got error %v, want %v", err, slap.ErrNotFound)
			}
			supply := slap.SoftwareInstallation{SoftwareRelease: kvm, Computer: "local_computer", State: slap.Available}
			if err := node.Supply(ctx, supply); err != nil {
				t.Fatal(err)
			}
			for _, r := range []struct {
				do   func() error
				want string
			}{
				{func() error { return nil }, "#error no data found for SOFTINSTALL-1"},
				{func() error { return report("building") }, "#building software release " + kvm},
				{func() error { return report(slap.Available) }, "#access software release " + kvm + " available"},
				{func() error { return node.ReportSoftwareError(ctx, "local_computer", kvm, "it broke") }, "#error while installing " + kvm},
			} {
				if err := r.do(); err != nil {
					t.Fatal(err)
				}
				if err := node.Supply(ctx, supply); err != nil { // again, which changes nothing
					t.Fatal(err)
				}
				if status, err := s.SoftwareStatus(ctx, "local_computer", kvm); err != nil || status["text"] != r.want || status["reference"] != "SOFTINSTALL-1" {
					t.Errorf("got %v, %v, want %q", status, err, r.want)
				}
			}
			if err := report(slap.Destroyed); err == nil {
				t.Error("the end of what is wanted: got no error")
			}
			list := func(want ...string) {
				t.Helper()
				software, err := s.SoftwareInstallations(ctx, "local_computer")
				var got []string
				for _, w := range software {
					got = append(got, w.State)
				}
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("%v (-want +got):\n%s", err, diff)
				}
			}
			list(slap.Available)
			supply.State = slap.Destroyed
			for range 2 {
				if err := node.Supply(ctx, supply); err != nil {
					t.Fatal(err)
				}
			}
			list(slap.Destroyed)
			if err := report(slap.Destroyed); err != nil {
				t.Error(err)
			}
			list()
		})
	}
}

func TestFullSupply(t *testing.T) {
	s := newFull(t, Options{})
	const unknown = `{"computer_guid": "COMP-9", "software_release_uri": "x"}`
	if code, answer := s.call(t, "post.v0.software_installation", unknown); code != 404 || !strings.Contains(answer, `"type":"not-found"`) {
		t.Errorf("on an unknown node: got %d %s", code, answer)
	}
	if code, answer := s.call(t, "post.v0.software_installation", `{"computer_guid": "local_computer", "software_release_uri": "x", "state": "destroyed"}`); code != 503 || answer != "" {
		t.Errorf("removing what is not there: got %d %s", code, answer)
	}
	for _, test := range []struct {
		computer, state string
		code            int
		want            string
	}{
		{"local_computer", slap.Destroyed, 200, "None"}, // nothing happens
		{"local_computer", slap.Available, 200, "None"},
		{"COMP-9", slap.Available, 404, "COMP-9 is not registered."},
		{"local_computer", "broken", 404, "broken"},
	} {
		if code, answer := s.form(t, "supplySupply", "url", "y", "computer_id", test.computer, "state", test.state); code != test.code || !strings.Contains(answer, test.want) {
			t.Errorf("%s on %s: got %d %s", test.state, test.computer, code, answer)
		}
	}
	if code, answer := s.form(t, "supplySupply", "url", "z", "computer_id", "local_computer"); code != 200 || answer != "None" {
		t.Errorf("without a state: got %d %s", code, answer)
	}
	list, err := s.SoftwareInstallations(context.Background(), "local_computer")
	want := []slap.SoftwareInstallation{
		{SoftwareRelease: "y", Computer: "local_computer", State: slap.Available},
		{SoftwareRelease: "z", Computer: "local_computer", State: slap.Available},
	}
	if diff := cmp.Diff(want, list); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if list, err := s.SoftwareInstallations(context.Background(), "COMP-9"); err != nil || len(list) != 0 {
		t.Errorf("of an unknown node: got %v, %v", list, err)
	}
}

// With a simulator a node that is named comes into being, and has no end of
// partitions.
func TestFullSimulated(t *testing.T) {
	s := newFull(t, Options{Simulator: DefaultSimulator{}, AllocationDelay: time.Millisecond})
	ctx := context.Background()
	if _, err := s.Orders(ctx, "COMP-9"); err == nil || !strings.Contains(err.Error(), "500 Internal Server Error") {
		t.Errorf("got error %v, want status 500", err)
	}
	if err := s.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: kvm, Computer: "COMP-9"}); err != nil {
		t.Fatal(err)
	}
	if computers, err := s.Nodes(ctx); err != nil || len(computers) != 2 || computers[1].Reference != "COMP-9" {
		t.Errorf("got %v, %v", computers, err)
	}
	for n := range 20 {
		s.taken(t, vm(fmt.Sprint("vm", n)))
	}
	for n := range 20 {
		name := fmt.Sprint("vm", n)
		until(t, name+" has published", func() bool {
			i, err := s.Instance(ctx, name)
			return err == nil && i.Computer == "COMP-9" && i.ConnectionParameters["url"] != "" && i.Status.Text == "#access Instance correctly started"
		})
	}
	gone := vm("vm3")
	gone.State = slap.Destroyed
	s.taken(t, gone)
	until(t, "the end is reported", func() bool {
		node, err := s.Orders(ctx, "COMP-9")
		return err == nil && !node.Partitions[3].Occupied
	})
}

func TestFullNodes(t *testing.T) {
	s := newFull(t, Options{})
	ctx := context.Background()
	if node, err := s.Orders(ctx, "local_computer"); err != nil || len(node.Partitions) != 0 {
		t.Errorf("the default node: got %+v, %v", node, err)
	}
	if _, err := s.Orders(ctx, "COMP-9"); err == nil || !strings.Contains(err.Error(), "500 Internal Server Error") {
		t.Errorf("an unknown node: got error %v, want status 500", err)
	}
	if _, err := s.Partition(ctx, "local_computer", "slappart0"); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("an unknown partition: got error %v, want %v", err, slap.ErrNotFound)
	}
	document, _ := marshal.Encode(map[string]any{"reference": "COMP-9", "address": "", "netmask": "", "partition_list": []any{}})
	if code, answer := s.form(t, "loadComputerConfigurationFromXML", "xml", string(document)); code != 404 {
		t.Errorf("format: got %d %s", code, answer)
	}
	if code, answer := s.call(t, "put.v0.compute_node_format", `{"computer_guid": "COMP-9", "compute_partition_list": []}`); code != 403 || !strings.Contains(answer, "COMPUTE-NODE-NOT-FOUND") {
		t.Errorf("format: got %d %s", code, answer)
	}
	if code, answer := s.form(t, "requestComputer", "computer_title", "my node"); code != 400 || !strings.Contains(answer, "project_reference") {
		t.Errorf("without a project: got %d %s", code, answer)
	}
	name, err := s.CreateNode(ctx, "my node", "PROJ-1")
	if err != nil || name != "COMP-2" {
		t.Fatalf("got %q, %v", name, err)
	}
	if again, err := s.CreateNode(ctx, "my node", "PROJ-1"); err != nil || again != name {
		t.Errorf("got %q, %v", again, err)
	}
	document, _ = marshal.Encode(map[string]any{"reference": name, "address": "", "netmask": "", "partition_list": []any{}})
	if code, answer := s.form(t, "loadComputerConfigurationFromXML", "xml", string(document)); code != 200 || answer != "Content properly posted." {
		t.Errorf("format: got %d %s", code, answer)
	}
	computers, err := s.Nodes(ctx)
	want := []slap.Node{{Reference: "local_computer", Title: "local_computer", Kind: slap.ComputeNode, AllocationScope: "open", Project: "PROJ-1"},
		{Reference: "COMP-2", Title: "my node", Kind: slap.ComputeNode, AllocationScope: "open", Project: "PROJ-1"}}
	if diff := cmp.Diff(want, computers); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if status, err := s.NodeStatus(ctx, name); err != nil || status["reference"] != name || status["no_data"] != "1" {
		t.Errorf("got %v, %v", status, err)
	}
	if status, err := s.client(t, slap.Options{Only: slap.Legacy}).NodeStatus(ctx, name); err != nil || status["reference"] != name {
		t.Errorf("got %v, %v", status, err)
	}
	if err := s.ReportUsage(ctx, name, "<journal/>"); err != nil {
		t.Error(err)
	}
	if err := s.ReportUsage(ctx, name, "nonsense"); err == nil {
		t.Error("usage that is no XML: got no error")
	}
	if code, answer := s.call(t, "post.v0.compute_node_usage", fmt.Sprintf(`{"computer_guid": %q, "tioxml": "<a>"}`, name)); code != 400 || !strings.Contains(answer, "INVALIDATE_TIOXML") {
		t.Errorf("usage that is no XML: got %d %s", code, answer)
	}
}

// A partition that its node lists no longer keeps what is on it and gets nothing
// new, until it is listed again.
func TestFullFormatKeeps(t *testing.T) {
	s := ready(t, 2)
	ctx := context.Background()
	s.running(t, vm("a"))
	s.format(t, "local_computer")
	s.taken(t, vm("b"))
	s.neverAllocated(t, "b")
	if i, err := s.Instance(ctx, "a"); err != nil || i.Partition != "slappart0" {
		t.Errorf("got %+v, %v", i, err)
	}
	s.format(t, "local_computer", "slappart1")
	if i := s.allocated(t, "b"); i.Partition != "slappart1" {
		t.Errorf("got it on %s", i.Partition)
	}
}

func TestFullBang(t *testing.T) {
	s := ready(t, 2)
	ctx := context.Background()
	s.running(t, vm("a"))
	s.running(t, vm("b"))
	before := s.timestamps(t)
	check := func(what string, want ...string) {
		t.Helper()
		var banged []string
		after := s.timestamps(t)
		for _, name := range []string{"a", "b"} {
			if after[name] != before[name] {
				banged = append(banged, name)
			}
		}
		if diff := cmp.Diff(want, banged); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		before = after
	}
	if err := s.Bang(ctx, "local_computer", "slappart0", "why"); err != nil {
		t.Fatal(err)
	}
	check("an instance", "a")
	for _, only := range []slap.Interface{slap.Legacy, slap.JSONRPC} {
		if err := s.client(t, slap.Options{Only: only}).BangNode(ctx, "local_computer", "why"); err != nil {
			t.Fatal(err)
		}
		check("the node", "a", "b")
	}
	if err := s.BangNode(ctx, "COMP-9", "why"); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("got error %v, want %v", err, slap.ErrNotFound)
	}
}

// The two answers about a partition differ in what they say of reports.
func TestFullPartitionAnswer(t *testing.T) {
	s := ready(t, 2)
	r := vm("a")
	r.Parameters, r.SLA = slap.Parameters{"k": "v", "timestamp": "mine"}, slap.Parameters{"computer_guid": "local_computer"}
	s.running(t, r)
	get := func(path string) *marshal.Object {
		t.Helper()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", on(Full, path), nil))
		if kind := w.Header().Get("Content-Type"); kind != "text/xml; charset=utf-8" {
			t.Errorf("content type %q", kind)
		}
		v, err := marshal.Decode(w.Body.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		return v.(*marshal.Object)
	}
	list := get("/getFullComputerInformation?computer_id=local_computer").State["_computer_partition_list"].([]any)
	occupied, free := list[0].(*marshal.Object).State, list[1].(*marshal.Object).State
	if diff := cmp.Diff(map[string]any{"_computer_id": "local_computer", "_need_modification": int64(0), "_partition_id": "slappart1", "_request_dict": nil,
		"_requested_state": "destroyed", "_software_release_document": nil}, free); diff != "" {
		t.Errorf("free (-want +got):\n%s", diff)
	}
	one := get("/registerComputerPartition?computer_reference=local_computer&computer_partition_reference=slappart0").State
	if occupied["_access_status"] == nil || occupied["_synced"] != nil || one["_access_status"] != nil || one["_synced"] != true {
		t.Errorf("got %v of all and %v of one", occupied, one)
	}
	if diff := cmp.Diff(map[string]any{"computer_guid": "local_computer"}, one["_filter_dict"]); diff != "" || one["_instance_guid"] != "SOFTINST-1" {
		t.Errorf("guid %v (-want +got):\n%s", one["_instance_guid"], diff)
	}
	dict := one["_parameter_dict"].(map[string]any)
	if _, ok := dict["timestamp"].(int64); !ok || dict["k"] != "v" || dict["root_instance_short_title"] != "" || dict["full_address_list"] != nil {
		t.Errorf("got %v", dict)
	}
}

func TestFullProducts(t *testing.T) {
	s := newFull(t, Options{Products: map[string]string{"kvm": kvm}, Projects: []string{"PROJ-1", "PROJ-2"}})
	ctx := context.Background()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", legacyBase+"getSoftwareReleaseListFromSoftwareProduct?software_product_reference=kvm", nil))
	if w.Code != 400 || !strings.Contains(w.Body.String(), "project_reference") {
		t.Errorf("without a project: got %d %s", w.Code, w.Body)
	}
	if _, err := s.Product(ctx, "kvm"); err == nil || !strings.Contains(err.Error(), "there are several projects: PROJ-1, PROJ-2") {
		t.Errorf("without a project: got error %v", err)
	}
	c := s.client(t, slap.Options{Project: "PROJ-1"})
	for name, want := range map[string][]string{"kvm": {kvm}, "unknown": {}} {
		if got, err := c.Product(ctx, name); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
	for query, want := range map[string]int{
		"software_release_url=" + url.QueryEscape(kvm): 200,
		"software_release_url=x":                       404,
		"":                                             500,
		"software_product_reference=kvm&software_release_url=x": 500,
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", legacyBase+"getSoftwareReleaseListFromSoftwareProduct?project_reference=PROJ-1&"+query, nil))
		if w.Code != want || want == 200 && !strings.Contains(w.Body.String(), kvm) {
			t.Errorf("%s: got %d %s, want %d", query, w.Code, w.Body, want)
		}
	}
}

// The errors of the JSON-RPC interface have types of their own.
func TestFullProblems(t *testing.T) {
	s := ready(t, 1)
	const document = "application/json"
	for _, test := range []struct {
		method, call, contentType, body string
		code                            int
		kind, title                     string
	}{
		{"POST", "get.v0.instance_tree", document, `{}`, 400, "invalid-json-object-content", "'title' is a required property"},
		{"POST", "get.v0.instance_tree", document, `{`, 400, "not-parsable-json-content", ""},
		{"POST", "get.v0.instance_tree", document, `[]`, 400, "not-json-object-content", ""},
		{"POST", "get.v0.instance_tree", "text/plain", `{}`, 415, "unexpected-media-type", ""},
		{"GET", "get.v0.instance_tree", "text/plain", ``, 415, "unexpected-media-type", ""},
		{"GET", "get.v0.instance_tree", document, `{}`, 405, "not-allowed-http-method", ""},
		{"POST", "get.v0.nothing", document, `{}`, 404, "not-found", "get.v0.nothing"},
		{"POST", "allDocs.WIP.compute_node_list", document, `{}`, 404, "not-found", "allDocs.WIP.compute_node_list"},
		{"POST", "get.v0.instance_tree", document, `{"title": "x"}`, 403, "INSTANCE-TREE-NOT-FOUND", ""},
		{"POST", "get.v0.software_instance", document, `{"instance_guid": "SOFTINST-77"}`, 403, "SOFTWARE-INSTANCE-NOT-FOUND", ""},
		{"POST", "get.v0.software_instance", document, `{"instance_guid": "x"}`, 403, "SOFTWARE-INSTANCE-NOT-FOUND", ""},
		{"POST", "get.v0.compute_partition", document, `{"computer_guid": "local_computer", "compute_partition_id": "slappart0"}`, 403, "SOFTWARE-INSTANCE-NOT-FOUND", ""},
		{"POST", "get.v0.compute_partition", document, `{"computer_guid": "local_computer", "compute_partition_id": "x"}`, 404, "not-found", ""},
		{"POST", "put.v0.software_instance_connection_parameter", document, `{"instance_guid": "SOFTINST-77", "connection_parameter_dict": {}}`, 403, "SOFTWARE-INSTANCE-NOT-FOUND", ""},
		{"POST", "put.v0.software_installation_error", document, `{"computer_guid": "local_computer", "software_release_uri": "x", "message": ""}`, 403, "SOFTWARE-INSTALLATION-NOT-FOUND", ""},
		{"POST", "put.v0.software_installation_reported_state", document, `{"computer_guid": "local_computer", "software_release_uri": "` + kvm + `", "reported_state": "destroyed"}`,
			403, "SOFTWARE-INSTALLATION-DESTROY-NOT-REQUESTED", ""},
		{"POST", "get.v0.compute_node_status", document, `{"computer_guid": "x"}`, 403, "COMPUTE-NODE-NOT-FOUND", ""},
	} {
		r := httptest.NewRequest(test.method, jsonrpcBase+"slapos."+test.call, strings.NewReader(test.body))
		r.Header.Set("Content-Type", test.contentType)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != test.code || !strings.Contains(w.Body.String(), fmt.Sprintf(`"type":%q`, test.kind)) ||
			!strings.Contains(w.Body.String(), `"title":"`+test.title) || w.Header().Get("Content-Type") != document {
			t.Errorf("%s %s %s %s: got %d %s, want %d %s", test.method, test.call, test.contentType, test.body, w.Code, w.Body, test.code, test.kind)
		}
	}
}

// Publishing the same again is said to be that.
func TestFullPublish(t *testing.T) {
	s := ready(t, 1)
	i := s.running(t, vm("a"))
	body := fmt.Sprintf(`{"instance_guid": %q, "connection_parameter_dict": {"n": 1}}`, i.GUID)
	for _, want := range []string{"connection parameter updated", "connection parameter not modified as identical"} {
		if code, answer := s.call(t, "put.v0.software_instance_connection_parameter", body); code != 200 || !strings.Contains(answer, want) {
			t.Errorf("got %d %s, want %s", code, answer, want)
		}
	}
	if got := s.allocated(t, "a"); got.ConnectionParameters["n"] != "1" {
		t.Errorf("got %v", got.ConnectionParameters)
	}
}
