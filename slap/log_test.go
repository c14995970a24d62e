package slap

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// The log names what is sent and never says it.
func TestLog(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte(`<marshal><object id="i2" module="slapos.slap.slap" class="SoftwareInstance"><tuple/><dictionary id="i3"><string>slap_computer_id</string><string>n</string></dictionary></object></marshal>`))
	}))
	defer s.Close()
	var out bytes.Buffer
	log := &Log{Next: http.DefaultTransport, W: &out, Fields: true}
	c, err := NewClient(Options{MasterURL: s.URL, Transport: log, Retry: RetryPolicy{Tries: 1}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.RequestInstance(context.Background(), InstanceRequest{Name: "vm", SoftwareRelease: kvm, SoftwareType: "default", Parameters: Parameters{"password": "hush"}})
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^POST http://127.0.0.1:\d+/requestComputerPartition filter_xml\[\d+\] partition_parameter_xml\[\d+\] partition_reference\[2\] .* → text/html, \d+ bytes: 200 OK, \d+`)
	if got := out.String(); !want.MatchString(got) || strings.Contains(got, "hush") {
		t.Errorf("got %s", got)
	}
	if log.Requests() != 1 {
		t.Errorf("counted %d requests, want 1", log.Requests())
	}
	out.Reset()
	s.Close()
	c.Product(context.Background(), "kvm")
	if got := out.String(); !strings.Contains(got, "getSoftwareReleaseListFromSoftwareProduct?software_product_reference=kvm: failed, ") {
		t.Errorf("got %s", got)
	}
}

// A full Master answers a bare 503 for the end of software that is not there, and a busy
// one answers so, too.
func TestEndOfMissingSoftware(t *testing.T) {
	for listed, want := range map[string]error{
		`{"result_list": []}`: nil,
		`{"result_list": [{"software_release_uri": "r", "state": "destroyed"}]}`: nil,
		`{"result_list": [{"software_release_uri": "r", "state": "available"}]}`: ErrBusy,
		`nonsense`: ErrBusy,
	} {
		c := answering(t, JSONRPC, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "post.v0.software_installation") {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte(listed))
		})
		if err := c.Supply(context.Background(), SoftwareInstallation{SoftwareRelease: "r", Computer: "n", State: Destroyed}); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", listed, err, want)
		}
	}
}

// What the JSON-RPC interface is sent for a request and a supply.
func TestRequestOverJSONRPC(t *testing.T) {
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		body.ReadFrom(r.Body)
		got = append(got, r.URL.Path+" "+body.String())
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.Contains(body.String(), "full"):
			w.WriteHeader(http.StatusForbidden)
			w.Write([]byte(`{"status": 403, "type": "Forbidden", "title": "No free computer partition found for: full"}`))
		case strings.HasSuffix(r.URL.Path, "get.v0.compute_partition"), strings.Contains(body.String(), `"vm"`):
			w.Write([]byte(`{"title": "a", "instance_guid": "G", "software_release_uri": "r", "state": "started", "computer_guid": "n"}`))
		case strings.Contains(body.String(), "later"):
			w.Write([]byte(`{"title": "later", "instance_guid": "G", "software_release_uri": "r", "state": "started", "computer_guid": ""}`))
		default:
			w.Write([]byte(`{"type": "success", "title": "x"}`))
		}
	}))
	defer s.Close()
	c, err := NewClient(Options{MasterURL: s.URL, Only: JSONRPC})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for _, err := range []error{
		second(c.RequestInstance(ctx, InstanceRequest{Name: "vm", SoftwareRelease: "r", SoftwareType: "t", State: Started, SLA: Parameters{"retention_delay": "7.5", "computer_guid": "n"}})),
		c.Supply(ctx, SoftwareInstallation{SoftwareRelease: "r", Computer: "n", State: Available}),
		c.Publish(ctx, "n", "p", "", Parameters{"url": "x"}),
		c.FormatNode(ctx, NodeFormat{Computer: "n", Partitions: []PartitionFormat{{Reference: "p", Addresses: []Address{{"tap", "::1", "ffff::"}, {"", "10.0.0.1", "255.0.0.0"}},
			Tap: Tap{IPv4: "10.0.0.1", IPv4Gateway: "10.0.0.2", IPv4Network: "10.0.0.0"}}}}),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{
		`/slapos.post.v0.software_instance {"parameters":{},"shared":false,"sla_parameters":{"computer_guid":"n","retention_delay":7.5},"software_release_uri":"r","software_type":"t","state":"started","title":"vm"}`,
		`/slapos.post.v0.software_installation {"computer_guid":"n","software_release_uri":"r","state":"available"}`,
		`/slapos.get.v0.compute_partition {"compute_partition_id":"p","computer_guid":"n"}`,
		`/slapos.put.v0.software_instance_connection_parameter {"connection_parameter_dict":{"url":"x"},"instance_guid":"G"}`,
		`/slapos.put.v0.compute_node_format {"compute_partition_list":[{"ip_list":[{"ip-address":"::1","netmask":"ffff::","network-interface":"tap"},{"gateway-ip-address":"10.0.0.2","ip-address":"10.0.0.1","netmask":"255.0.0.0","network-address":"10.0.0.0","network-interface":"tap"}],"partition_id":"p"}],"computer_guid":"n"}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if _, err := c.RequestInstance(ctx, InstanceRequest{Name: "later"}); !errors.Is(err, ErrNotReady) {
		t.Errorf("not allocated yet: got error %v, want %v", err, ErrNotReady)
	}
	if _, err := c.RequestInstance(ctx, InstanceRequest{Name: "full"}); err == nil || !strings.Contains(err.Error(), "No free") {
		t.Errorf("got error %v", err)
	}
	if _, err := c.RequestInstance(ctx, InstanceRequest{Name: "vm", SLA: Parameters{"retention_delay": "soon"}}); err == nil || !strings.Contains(err.Error(), "want a number") {
		t.Errorf("got error %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
