package proxy

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
	"slapstar/slap/marshal"
)

// A user changes parameters, state and SLA, and nothing else.
func TestFullRequestChanges(t *testing.T) {
	s := ready(t, 1)
	ctx := context.Background()
	r := vm("a")
	r.Parameters, r.SLA = slap.Parameters{"size": "1", "empty": ""}, slap.Parameters{"computer_guid": "local_computer"}
	s.running(t, r)
	stamp := s.timestamps(t)["a"]
	for name, change := range map[string]func(*slap.InstanceRequest){
		"release": func(r *slap.InstanceRequest) { r.SoftwareRelease += "2" },
		"type":    func(r *slap.InstanceRequest) { r.SoftwareType = "RootSoftwareInstance" },
		"shared":  func(r *slap.InstanceRequest) { r.Shared = true },
	} {
		changed := r
		change(&changed)
		for _, client := range []*slap.Client{s.Client, s.client(t, slap.Options{Only: slap.JSONRPC})} {
			_, err := client.RequestInstance(ctx, changed)
			if !errors.Is(err, slap.ErrRefused) || !strings.Contains(err.Error(), "NotImplementedError: You can not change the release / type / shared states") {
				t.Errorf("%s: got error %v", name, err)
			}
		}
	}
	check := func(what string, banged bool) {
		t.Helper()
		if _, err := s.RequestInstance(ctx, r); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got, err := s.Instance(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		want := r
		if want.State == "" {
			want.State = slap.Started
		}
		if want.Parameters == nil {
			want.Parameters = slap.Parameters{}
		}
		if diff := cmp.Diff(want, got.InstanceRequest); diff != "" || !got.SLAKnown {
			t.Errorf("%s: SLA known: %v (-want +got):\n%s", what, got.SLAKnown, diff)
		}
		now := s.timestamps(t)["a"]
		if (now != stamp) != banged {
			t.Errorf("%s: timestamp %s, before %s", what, now, stamp)
		}
		stamp = now
	}
	check("nothing", false)
	r.Parameters = slap.Parameters{"size": "2"}
	check("parameters", true)
	r.SLA = slap.Parameters{"computer_guid": "elsewhere"}
	check("SLA", false)
	r.State = slap.Stopped
	check("state", true)
	r.State = ""
	check("no state, which is started", true)
	r.Parameters = nil
	check("no parameters", true)
}

// What is left out of a legacy request is started, not shared and empty.
func TestFullRequestDefaults(t *testing.T) {
	s := ready(t, 1)
	fields := []string{"software_release", kvm, "partition_reference", "a", "software_type", "default"}
	if code, answer := s.form(t, "requestComputerPartition", fields...); code != http.StatusRequestTimeout {
		t.Fatalf("got %d %s", code, answer)
	}
	i := s.allocated(t, "a")
	if i.State != slap.Started || i.Shared || len(i.Parameters) != 0 || len(i.SLA) != 0 {
		t.Errorf("got %+v", i)
	}
	if code, answer := s.form(t, "requestComputerPartition", fields[2:]...); code != 400 || !strings.Contains(answer, "software_release") {
		t.Errorf("got %d %s", code, answer)
	}
}

// The answer to a request has the keys that the reference lists.
func TestFullRequestAnswer(t *testing.T) {
	s := ready(t, 1)
	r := vm("a")
	r.Parameters, r.SLA = slap.Parameters{"timestamp": "mine"}, slap.Parameters{"computer_guid": "local_computer"}
	i := s.running(t, r)
	encode := func(v any) string {
		document, err := marshal.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(document)
	}
	_, answer := s.form(t, "requestComputerPartition", "software_release", kvm, "partition_reference", "a", "software_type", "default",
		"partition_parameter_xml", encode(map[string]any{"timestamp": "mine"}), "filter_xml", encode(map[string]any{"computer_guid": "local_computer"}))
	v, err := marshal.Decode([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	got := v.(*marshal.Object)
	if stamp, ok := got.State["timestamp"].(int64); !ok || stamp < 1e15 {
		t.Errorf("timestamp: got %#v, want microseconds", got.State["timestamp"])
	}
	delete(got.State, "timestamp")
	want := map[string]any{
		"_connection_dict": map[string]any{}, "_filter_dict": map[string]any{"computer_guid": "local_computer"},
		"_instance_guid": i.GUID, "_parameter_dict": map[string]any{"timestamp": "mine"}, "_requested_state": "started",
		"full_ip_list": []any{}, "instance_title": "a", "ip_list": []any{marshal.Tuple{"tap1", "2001:db8::1"}},
		"root_instance_short_title": "", "root_instance_title": "a", "slap_computer_id": "local_computer",
		"slap_computer_partition_id": "slappart0", "slap_software_release_url": kvm, "slap_software_type": "default",
		"slave_instance_list": []any{},
	}
	if diff := cmp.Diff(want, got.State); diff != "" || got.Class != "SoftwareInstance" {
		t.Errorf("class %s (-want +got):\n%s", got.Class, diff)
	}
}
