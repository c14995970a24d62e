package proxy

import (
	"maps"
	"math"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
	"slapstar/slap/marshal"
)

// How the full Master describes instances and partitions. The reference, section
// (b), has the keys.

// micros is a timestamp as the full Master gives it.
func (i instance) micros() int64 { return int64(math.Round(i.timestamp * 1e6)) }

// slaValues returns the SLA as it is answered.
func (i instance) slaValues() (map[string]any, error) {
	sla, err := slap.ParseParameters(i.sla)
	return values(sla), err
}

// fullRequestAnswer is the SoftwareInstance object that answers a request.
func fullRequestAnswer(q store.Reader, i *instance, _ string) (*marshal.Object, error) {
	dict, connection, err := i.dictionaries()
	if err != nil {
		return nil, err
	}
	filter, err := i.slaValues()
	if err != nil {
		return nil, err
	}
	p, err := i.place()
	if err != nil {
		return nil, err
	}
	var carried []instance
	if !i.shared {
		if carried, err = findInstances(q, "computer = ? AND partition = ? AND shared", i.computer, i.partition); err != nil {
			return nil, err
		}
	}
	state := fullFacts(i, p, rawSharedList(carried))
	maps.Copy(state, map[string]any{
		"_connection_dict": connection,
		"_filter_dict":     filter,
		"_instance_guid":   i.reference(),
		"_parameter_dict":  dict,
		"_requested_state": i.state,
	})
	return &marshal.Object{Class: "SoftwareInstance", Args: marshal.Tuple{}, State: state}, nil
}

// fullFacts is what the code inside a partition is told beside its parameters.
func fullFacts(i *instance, p *partition, shared []any) map[string]any {
	return map[string]any{
		"timestamp":                  i.micros(),
		"ip_list":                    p.ipList(),
		"full_ip_list":               []any{}, // those with a gateway, of which nothing is kept
		"instance_title":             i.title,
		"root_instance_title":        i.rootTitle(),
		"root_instance_short_title":  "",
		"slap_computer_id":           i.computer,
		"slap_computer_partition_id": i.partition,
		"slap_software_release_url":  i.release,
		"slap_software_type":         i.kind,
		"slave_instance_list":        shared,
	}
}

// rawSharedList describes started shared instances in the answer to a request: what they
// ask for and publish is as it is stored.
func rawSharedList(shared []instance) []any {
	list := []any{}
	for _, i := range shared {
		if i.state == slap.Started {
			list = append(list, map[string]any{
				"slave_title":        i.title,
				"slave_reference":    i.reference(),
				"slap_software_type": i.kind,
				"timestamp":          i.micros(),
				"xml":                i.parameters,
				"connection_xml":     nullable(i.connection),
			})
		}
	}
	return list
}

// fullSharedList describes started shared instances to their host.
func fullSharedList(shared []instance) ([]any, error) {
	list := []any{}
	for _, i := range shared {
		if i.state != slap.Started {
			continue
		}
		dict, connection, err := i.dictionaries()
		if err != nil {
			return nil, err
		}
		entry := map[string]any{
			"slave_title":        i.title,
			"slave_reference":    i.reference(),
			"slap_software_type": i.kind,
			"timestamp":          i.micros(),
		}
		maps.Copy(entry, connection)
		maps.Copy(entry, dict)
		list = append(list, entry)
	}
	return list, nil
}

// fullPartitionAnswer is the ComputerPartition object of a partition, which is
// free when i is nil.
func fullPartitionAnswer(computer string, p *partition, i *instance, shared []instance) (*marshal.Object, error) {
	object := freePartitionAnswer(computer, p)
	if i == nil {
		return object, nil
	}
	dict, connection, err := i.dictionaries()
	if err != nil {
		return nil, err
	}
	filter, err := i.slaValues()
	if err != nil {
		return nil, err
	}
	sharedEntries, err := fullSharedList(shared)
	if err != nil {
		return nil, err
	}
	maps.Copy(dict, fullFacts(i, p, sharedEntries))
	maps.Copy(object.State, map[string]any{
		"_access_status":             statusText(i),
		"_connection_dict":           connection,
		"_filter_dict":               filter,
		"_instance_guid":             i.reference(),
		"_need_modification":         1,
		"_parameter_dict":            dict,
		"_requested_state":           i.state,
		"_software_release_document": releaseAnswer(i.release, computer),
	})
	return object, nil
}

// onlyPartition makes the object of one partition of that of the list of a node.
func onlyPartition(o *marshal.Object) {
	if _, occupied := o.State["_access_status"]; occupied {
		delete(o.State, "_access_status")
		o.State["_synced"] = true
	}
}

// addresses of all partitions of a tree, as (interface, address).
func treeAddresses(q store.Reader, i *instance) ([]any, error) {
	list := []any{}
	members, err := findInstances(q, "NOT shared AND computer IS NOT NULL AND tree = ?", i.tree)
	if err != nil {
		return nil, err
	}
	for _, member := range members {
		p, err := member.place()
		if err != nil {
			return nil, err
		}
		list = append(list, p.ipList()...)
	}
	return list, nil
}
