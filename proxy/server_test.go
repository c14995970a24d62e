package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
	"slapstar/slap/marshal"
)

const kvm = "https://lab.example/kvm/software.cfg"

// A site is an embedded Master and a client of it.
type site struct {
	*Server
	*slap.Client
	http *http.Client
}

func newSite(t *testing.T, o Options) *site {
	t.Helper()
	s := openTest(t, o)
	transport, closeServing := s.Transport()
	t.Cleanup(closeServing)
	c, err := slap.NewClient(slap.Options{MasterURL: "http://embedded" + o.Profile.MasterPath(), JSONRPCURL: "http://embedded" + o.Profile.JSONRPCPath(), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return &site{s, c, &http.Client{Transport: transport}}
}

// on is where a Master of a profile has what a slapproxy has at a path.
func on(profile Profile, path string) string {
	rest, hateoas := strings.CutPrefix(path, "/hateoas")
	endpoint, _, _ := strings.Cut(path, "?")
	switch {
	case profile != Full, endpoint == "/", endpoint == "/metrics":
		return path
	case strings.HasPrefix(path, "/slapos."):
		return jsonrpcBase + path[1:]
	case hateoas:
		return strings.TrimSuffix(hateoasBase, "/") + rest
	}
	return legacyBase + path[1:]
}

func (s *site) post(t *testing.T, endpoint, contentType, body string) (int, string) {
	t.Helper()
	resp, err := s.http.Post("http://embedded"+on(s.options.Profile, "/"+endpoint), contentType, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// formatNode is what slapos node format posts.
func (s *site) formatNode(t *testing.T, node string, partitions int) {
	t.Helper()
	list := make([]any, partitions)
	for i := range list {
		list[i] = map[string]any{
			"reference":    fmt.Sprintf("slappart%d", i),
			"tap":          map[string]any{"name": fmt.Sprintf("slaptap%d", i)},
			"address_list": []any{map[string]any{"addr": fmt.Sprintf("2001:db8::%d", i+1), "netmask": "ffff::"}},
		}
	}
	document, err := marshal.Encode(map[string]any{"reference": node, "address": "127.0.0.1", "netmask": "255.255.255.255", "partition_list": list})
	if err != nil {
		t.Fatal(err)
	}
	if code, answer := s.post(t, "loadComputerConfigurationFromXML", "application/x-www-form-urlencoded",
		url.Values{"xml": {string(document)}}.Encode()); code != 200 || answer != "done" {
		t.Fatalf("format: got %d %s", code, answer)
	}
}

func vm(name string) slap.InstanceRequest {
	return slap.InstanceRequest{Name: name, SoftwareRelease: kvm, SoftwareType: slap.DefaultType, State: slap.Started}
}

func (s *site) instances(t *testing.T) map[string]slap.Instance {
	t.Helper()
	list, err := s.Instances(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return list.Instances
}

func TestFormatBothWays(t *testing.T) {
	for _, way := range []string{"legacy", "JSON-RPC"} {
		t.Run(way, func(t *testing.T) {
			s := newSite(t, Options{})
			if way == "legacy" {
				s.formatNode(t, "COMP-7", 1)
			} else {
				code, answer := s.post(t, "slapos.put.v0.compute_node_format", "application/json",
					`{"computer_guid": "COMP-7", "compute_partition_list": [{"partition_id": "slappart0", "ip_list": [
						{"ip-address": "2001:db8::1", "netmask": "ffff::", "network-interface": "slaptap0"}]}]}`)
				if code != 200 || !strings.Contains(answer, `"title":"Formatted"`) {
					t.Fatalf("got %d %s", code, answer)
				}
			}
			ctx := context.Background()
			r := vm("one")
			r.SLA = slap.Parameters{"computer_guid": "COMP-7"}
			if _, err := s.RequestInstance(ctx, r); err != nil {
				t.Fatal(err)
			}
			// The node publishes, as code in the partition does.
			connection, _ := marshal.Encode(map[string]string{"url": "https://[2001:db8::1]/"})
			if code, answer := s.post(t, "setComputerPartitionConnectionXml", "application/x-www-form-urlencoded", url.Values{
				"computer_id": {"COMP-7"}, "computer_partition_id": {"slappart0"}, "slave_reference": {"None"}, "connection_xml": {string(connection)},
			}.Encode()); code != 200 || answer != "done" {
				t.Errorf("publish: got %d %s", code, answer)
			}
			got := s.instances(t)["one"]
			if got.Computer != "COMP-7" || got.Partition != "slappart0" || got.ConnectionParameters["url"] != "https://[2001:db8::1]/" {
				t.Errorf("got %+v", got)
			}
			r.Name = "two"
			if _, err := s.RequestInstance(ctx, r); !errors.Is(err, slap.ErrNoPartition) {
				t.Errorf("on the full node: got error %v, want %v", err, slap.ErrNoPartition)
			}
		})
	}
}

// A real slapproxy gave 28 partitions to 40 instances that were asked for at
// once, and answered all with success.
func TestParallelCreationsShareNoPartition(t *testing.T) {
	s := newSite(t, Options{})
	s.formatNode(t, "local_computer", 50)
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			if _, err := s.RequestInstance(context.Background(), vm(fmt.Sprintf("vm%d", i))); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	places := map[string]string{}
	for name, i := range s.instances(t) {
		if other, taken := places[i.Partition]; taken {
			t.Errorf("%s and %s are both on %s", name, other, i.Partition)
		}
		places[i.Partition] = name
	}
	if len(places) != 40 {
		t.Errorf("got %d instances, want 40", len(places))
	}
}

func TestDestroyingTheUnknownAllocatesNothing(t *testing.T) {
	s := newSite(t, Options{})
	s.formatNode(t, "local_computer", 1)
	r := vm("never")
	r.State = slap.Destroyed
	if _, err := s.RequestInstance(context.Background(), r); err == nil {
		t.Error("got no error")
	}
	if got := s.instances(t); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestSharedInstance(t *testing.T) {
	s := newSite(t, Options{})
	s.formatNode(t, "local_computer", 1)
	ctx := context.Background()
	shared := vm("on-host")
	shared.Shared, shared.Parameters = true, slap.Parameters{"k": "v"}
	if _, err := s.RequestInstance(ctx, shared); !errors.Is(err, slap.ErrNoPartition) {
		t.Errorf("without a host: got error %v, want %v", err, slap.ErrNoPartition)
	}
	if _, err := s.RequestInstance(ctx, vm("host")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RequestInstance(ctx, shared); err != nil {
		t.Fatal(err)
	}
	got, err := s.Instance(ctx, "on-host")
	if err != nil || !got.Shared || got.Parameters["k"] != "v" || got.Partition != "slappart0" {
		t.Errorf("got %+v, %v", got, err)
	}
	shared.State = slap.Destroyed
	if _, err := s.RequestInstance(ctx, shared); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Instance(ctx, "on-host"); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("after its end: got error %v, want %v", err, slap.ErrNotFound)
	}
}

// Simulated nodes come into being when named, do not fill up, publish, and free
// what is to be destroyed.
func TestSimulatedNodes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.sqlite")
	ctx := context.Background()
	requests := []string{"a", "b", "c d/é"}
	func() {
		s := newSiteOn(t, Options{Database: file, Simulator: DefaultSimulator{Delay: time.Hour}})
		defer s.close()
		for _, name := range requests {
			r := vm(name)
			r.SLA = slap.Parameters{"computer_guid": "COMP-1"}
			if _, err := s.RequestInstance(ctx, r); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: kvm, Computer: "COMP-9", State: slap.Available}); err != nil {
			t.Fatal(err)
		}
		if err := s.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: kvm, Computer: "COMP-9", State: slap.Destroyed}); err != nil {
			t.Fatal(err)
		}
		for name, i := range s.instances(t) {
			if len(i.ConnectionParameters) > 0 {
				t.Errorf("%s has published before its time: %v", name, i.ConnectionParameters)
			}
		}
	}()
	// What was left when the process ended is done.
	s := newSiteOn(t, Options{Database: file, Simulator: DefaultSimulator{}})
	defer s.close()
	got := map[string]slap.Parameters{}
	for name, i := range s.instances(t) {
		got[name] = i.ConnectionParameters
	}
	want := map[string]slap.Parameters{
		"a":     {"ipv6": "2001:db8:1::1", "url": "https://[2001:db8:1::1]:8443/a"},
		"b":     {"ipv6": "2001:db8:1::2", "url": "https://[2001:db8:1::2]:8443/b"},
		"c d/é": {"ipv6": "2001:db8:1::3", "url": "https://[2001:db8:1::3]:8443/c%20d%2F%C3%A9"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if list, err := s.SoftwareInstallations(ctx, "COMP-9"); err != nil || len(list) != 0 {
		t.Errorf("software: got %v, %v, want none", list, err)
	}
	r := vm("a")
	r.State = slap.Destroyed
	if _, err := s.RequestInstance(ctx, r); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if _, there := s.instances(t)["a"]; !there {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("a is still there")
}

// newSiteOn opens a Master that the test closes itself.
func newSiteOn(t *testing.T, o Options) *closingSite {
	t.Helper()
	o.Computer = "local_computer"
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	transport, closeServing := s.Transport()
	c, err := slap.NewClient(slap.Options{MasterURL: "http://embedded/", Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return &closingSite{site{s, c, &http.Client{Transport: transport}}, func() {
		closeServing()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}}
}

type closingSite struct {
	site
	close func()
}

// A read-only Master neither makes a file nor changes one.
func TestReadOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sub ?#%", "master.sqlite")
	ctx := context.Background()
	empty := newSiteOn(t, Options{Database: file, ReadOnly: true, Simulator: DefaultSimulator{}})
	if got := empty.instances(t); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	empty.close()
	if _, err := os.Stat(filepath.Dir(file)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("reading made a file: %v", err)
	}
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	s := newSiteOn(t, Options{Database: file, Simulator: DefaultSimulator{}})
	if _, err := s.RequestInstance(ctx, vm("a")); err != nil {
		t.Fatal(err)
	}
	s.close()
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s = newSiteOn(t, Options{Database: file, ReadOnly: true, Simulator: DefaultSimulator{}})
	if got := s.instances(t); len(got) != 1 {
		t.Errorf("got %v, want one instance", got)
	}
	if _, err := s.RequestInstance(ctx, vm("b")); err == nil {
		t.Error("a write had no error")
	}
	s.close()
	after, err := os.ReadFile(file)
	if err != nil || string(before) != string(after) {
		t.Errorf("the file has changed: %v", err)
	}
}

// A database is read where nothing can be written.
func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "master.sqlite")
	s := newSiteOn(t, Options{Database: file, Simulator: DefaultSimulator{}})
	if _, err := s.RequestInstance(context.Background(), vm("a")); err != nil {
		t.Fatal(err)
	}
	s.close()
	if err := os.Chmod(file, 0o400); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	s = newSiteOn(t, Options{Database: file, ReadOnly: true})
	if got := s.instances(t); len(got) != 1 {
		t.Errorf("got %v, want one instance", got)
	}
	s.close()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 || entries[1].Name() != "master.sqlite.lock" {
		t.Errorf("the folder has %v, %v, want the database and its lock", entries, err)
	}
}

// A simulated node that was registered by somebody else before keeps its
// partitions.
func TestSimulatedNodeWithPartitions(t *testing.T) {
	s := newSite(t, Options{Simulator: DefaultSimulator{Delay: time.Hour}})
	document, _ := marshal.Encode(map[string]any{"reference": "local_computer", "address": "", "netmask": "", "partition_list": []any{
		map[string]any{"reference": "slappart1", "tap": map[string]any{"name": "tap"}, "address_list": []any{}},
	}})
	s.post(t, "loadComputerConfigurationFromXML", "application/x-www-form-urlencoded", url.Values{"xml": {string(document)}}.Encode())
	for _, name := range []string{"a", "b", "c"} {
		if _, err := s.RequestInstance(context.Background(), vm(name)); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]string{}
	for name, i := range s.instances(t) {
		got[name] = i.Partition
	}
	if diff := cmp.Diff(map[string]string{"a": "slappart1", "b": "slappart0", "c": "slappart2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestForeignDatabase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(file, []byte(strings.Repeat("this is not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Database: file}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got error %v, want one that names %s", err, file)
	}
}

func TestBadRequests(t *testing.T) {
	s := openTest(t, Options{})
	const form, document = "application/x-www-form-urlencoded", "application/json"
	for _, test := range []struct {
		name, method, path, contentType, body string
		code                                  int
		want                                  string
	}{
		{"missing field", "POST", "/requestComputerPartition", form, "software_release=x", 400, "partition_reference"},
		{"not marshal", "POST", "/requestComputerPartition", form, "software_release=x&partition_reference=x&software_type=x&state=nonsense", 400, "field state"},
		{"query instead of form", "POST", "/supplySupply?url=x&computer_id=y&state=available", form, "", 400, "url"},
		{"bad supply state", "POST", "/supplySupply", form, "url=x&computer_id=y&state=gone", 400, "gone"},
		{"wrong method", "GET", "/requestComputerPartition", "", "", 405, ""},
		{"unknown endpoint", "GET", "/nosuchendpoint", "", "", 404, ""},
		{"method of no HTTP", "BREW", "/hateoas/", "", "", 405, "The method is not allowed for the requested URL."},
		{"path that is not clean", "GET", "/a/../b//c", "", "", 404, "The requested URL was not found"},
		{"options", "OPTIONS", "/requestComputerPartition", "", "", 200, ""},
		{"product by release", "GET", "/getSoftwareReleaseListFromSoftwareProduct?software_release_url=x", "", "", 500, "want software_product_reference alone"},
		{"product by both", "GET", "/getSoftwareReleaseListFromSoftwareProduct?software_release_url=x&software_product_reference=y", "", "", 500, "want software_product_reference alone"},
		{"bang of nothing", "POST", "/softwareInstanceBang", form, "computer_id=a&computer_partition_id=b&message=", 200, "OK"},
		{"bang of what is not said", "POST", "/softwareInstanceBang", form, "computer_id=a", 400, "missing field: computer_partition_id"},
		{"publication for nothing", "POST", "/setComputerPartitionConnectionXml", form, "computer_id=a&computer_partition_id=b&connection_xml=<marshal><dictionary/></marshal>", 200, "done"},
		{"product without a name", "GET", "/getSoftwareReleaseListFromSoftwareProduct?software_product_reference=", "", "", 200, "<list"},
		{"search for what is not said", "GET", "/hateoas/?mode=search", "", "", 400, "missing field: query"},
		{"traverse to what is not said", "GET", "/hateoas/?mode=traverse", "", "", 400, "missing field: relative_url"},
		{"unknown query", "GET", "/hateoas/?mode=search&query=x", "", "", 400, "Unhandled query: x"},
		{"unknown mode", "GET", "/hateoas/?mode=bogus", "", "", 400, "Unhandled mode: bogus"},
		{"traverse to elsewhere", "GET", "/hateoas/?mode=traverse&relative_url=https://evil.example/", "", "", 404, ""},
		{"JSON-RPC with two unknown fields", "POST", "/slapos.get.v0.hateoas_url", document, `{"z": 1, "a": 2}`, 400, "Additional properties are not allowed ('a', 'z' were unexpected)"},
		{"JSON-RPC with an empty partition", "POST", "/slapos.put.v0.compute_node_format", document, `{"computer_guid": "a", "compute_partition_list": [{"partition_id": ""}]}`, 400, "'' is too short"},
		{"JSON-RPC with a number in a list", "POST", "/slapos.put.v0.compute_node_format", document, `{"computer_guid": "a", "compute_partition_list": [1.50]}`, 400, "1.5 is not of type 'object'"},
		{"JSON-RPC rename of nothing", "POST", "/slapos.put.v0.software_instance_title", document, `{"instance_guid": "a______0", "title": "b"}`, 200, "Renamed"},
		{"JSON-RPC without a field", "POST", "/slapos.get.v0.instance_tree", document, "{}", 400, "title"},
		{"JSON-RPC with an unknown field", "POST", "/slapos.get.v0.instance_tree", document, `{"title": "a", "x": 1}`, 400, "x"},
		{"JSON-RPC with a bad state", "POST", "/slapos.post.v0.software_instance", document, `{"title": "a", "software_release_uri": "b", "software_type": "c", "state": "paused"}`, 400, "'paused' is not one of ['started', 'stopped', 'destroyed']"},
		{"JSON-RPC without JSON", "POST", "/slapos.get.v0.instance_tree", document, `{`, 400, "not JSON"},
		{"JSON-RPC with a form", "POST", "/slapos.get.v0.instance_tree", form, `title=a`, 400, "content type"},
		{"JSON-RPC not found", "POST", "/slapos.get.v0.instance_tree", document, `{"title": "a"}`, 403, "No instance tree a found."},
		{"unknown partition", "GET", "/registerComputerPartition?computer_reference=a&computer_partition_reference=b", "", "", 404, "Unknown partition"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, test.path, strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.contentType)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != test.code || !strings.Contains(w.Body.String(), test.want) {
				t.Errorf("got %d %s, want %d with %q", w.Code, w.Body, test.code, test.want)
			}
		})
	}
}

func TestAccept(t *testing.T) {
	s := openTest(t, Options{})
	for accept, want := range map[string]int{
		"":                                 200,
		"*/*":                              200,
		"text/html, application/*;q=0.1":   200,
		"application/json; q=0, text/html": 406,
		"text/html":                        406,
		";":                                406,
	} {
		r := httptest.NewRequest("POST", "/slapos.get.v0.hateoas_url", strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		r.Header["Accept"] = []string{accept}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Accept %q: got %d, want %d", accept, w.Code, want)
		}
	}
}

// A page on the web cannot use the browser of whoever runs the Master to write.
func TestCrossOrigin(t *testing.T) {
	s := openTest(t, Options{})
	const body = "url=https://lab.example/kvm/software.cfg&computer_id=COMP-1&state=available"
	for _, test := range []struct {
		name, method, path, header, value string
		want                              int
	}{
		{"client", "POST", "/supplySupply", "User-Agent", "slapos", 200},
		{"own page", "POST", "/supplySupply", "Sec-Fetch-Site", "same-origin", 200},
		{"foreign page", "POST", "/supplySupply", "Sec-Fetch-Site", "cross-site", 403},
		{"old browser", "POST", "/supplySupply", "Origin", "https://evil.example", 403},
		{"link", "GET", "/", "Sec-Fetch-Site", "cross-site", 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, test.path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(test.header, test.value)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != test.want {
				t.Errorf("got %d %s, want %d", w.Code, w.Body, test.want)
			}
		})
	}
}
