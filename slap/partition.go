package slap

import (
	"fmt"

	"slapstar/slap/marshal"
)

// A Partition is a slot of a compute node, and the instance in it.
type Partition struct {
	Computer  string
	Reference string
	GUID      string // of the instance; a slapproxy has one for a free partition, too
	State     string // requested; Destroyed for a free partition
	Occupied  bool   // whether there is an instance; the fields below are empty otherwise

	Instance        string // name
	Root            string // name of the instance tree
	SoftwareRelease string
	SoftwareType    string
	Parameters      Parameters // without the keys that a Master adds
	Connection      Parameters
	SLA             Parameters // on the full Master only
	Addresses       []Address
	Shared          []SharedInstance
	Timestamp       string // opaque: another one means that there is something to do
	AccessStatus    string // what the node reported last, on the full Master only
}

// An Address is a network address of a partition.
type Address struct {
	Interface string
	Address   string
	Netmask   string // only where partitions are registered
}

// A SharedInstance is one that the instance of a partition carries.
type SharedInstance struct {
	Reference    string // names it to its host, for Publish
	Title        string
	SoftwareType string
	Parameters   Parameters
}

// reserved are the keys that a Master adds to the parameters of a partition,
// over parameters of the same name.
var reserved = map[string]bool{
	"timestamp": true, "ip_list": true, "full_ip_list": true, "full_address_list": true, "slap_software_type": true,
	"instance_title": true, "root_instance_title": true, "root_instance_short_title": true, "slap_computer_id": true,
	"slap_computer_partition_id": true, "slap_software_release_url": true, "slave_instance_list": true,
}

func newPartition(v any) (*Partition, error) {
	o, ok := v.(*marshal.Object)
	if !ok || o.Class != "ComputerPartition" {
		return nil, fmt.Errorf("partition: got a %T, want a ComputerPartition", v)
	}
	p := &Partition{
		Computer:     str(o.State["_computer_id"]),
		Reference:    str(o.State["_partition_id"]),
		GUID:         str(o.State["_instance_guid"]),
		State:        str(o.State["_requested_state"]),
		AccessStatus: str(o.State["_access_status"]),
		Connection:   storedTexts(o.State["_connection_dict"], nil),
		SLA:          storedTexts(o.State["_filter_dict"], nil),
	}
	release, ok := o.State["_software_release_document"].(*marshal.Object)
	if !ok {
		return p, nil
	}
	p.Occupied = true
	p.SoftwareRelease = str(release.State["_software_release"])
	dict, _ := o.State["_parameter_dict"].(map[string]any)
	p.Parameters = storedTexts(dict, reserved)
	p.Instance, p.Root = str(dict["instance_title"]), str(dict["root_instance_title"])
	p.SoftwareType, p.Timestamp = str(dict["slap_software_type"]), str(dict["timestamp"])
	p.Addresses = addresses(list(dict["ip_list"]))
	sharedKeys := map[string]bool{"slave_reference": true, "slave_title": true, "slap_software_type": true, "timestamp": true}
	for _, item := range list(dict["slave_instance_list"]) {
		entry, _ := item.(map[string]any)
		p.Shared = append(p.Shared, SharedInstance{
			Reference:    str(entry["slave_reference"]),
			Title:        str(entry["slave_title"]),
			SoftwareType: str(entry["slap_software_type"]),
			Parameters:   storedTexts(entry, sharedKeys),
		})
	}
	return p, nil
}

func addresses(items []any) []Address {
	var addresses []Address
	for _, item := range items {
		if pair, ok := item.(marshal.Tuple); ok && len(pair) >= 2 {
			addresses = append(addresses, Address{Interface: str(pair[0]), Address: str(pair[1])})
		}
	}
	return addresses
}

// storedTexts turns a marshalled dictionary into stored texts, without the keys
// in skip. Null is the empty text.
func storedTexts(v any, skip map[string]bool) Parameters {
	p := Parameters{}
	dict, _ := v.(map[string]any)
	for key, value := range dict {
		switch {
		case skip[key]:
		case value == nil:
			p[key] = ""
		default:
			p[key] = Text(value)
		}
	}
	return p
}

// str is the text of a marshalled scalar; none is empty.
func str(v any) string {
	if v == nil {
		return ""
	}
	return Text(v)
}

func list(v any) []any {
	items, _ := v.([]any)
	return items
}
