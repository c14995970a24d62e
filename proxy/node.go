package proxy

import (
	"database/sql"
	"fmt"
	"net/http"

	"slapstar/slap"
	"slapstar/slap/marshal"
)

// requestAnswer is the SoftwareInstance object that answers a request.
func requestAnswer(q queryer, i *instance) (*marshal.Object, error) {
	dict, connection, err := i.dictionaries()
	if err != nil {
		return nil, err
	}
	ips, err := ipList(q, i.computer, i.partition)
	if err != nil {
		return nil, err
	}
	state := map[string]any{
		"_connection_dict":           connection,
		"_parameter_dict":            dict,
		"ip_list":                    ips,
		"slap_computer_id":           i.computer,
		"slap_computer_partition_id": i.partition,
		"slap_server_url":            "slap_server_url",
		"slap_software_release_url":  i.release,
		"slap_software_type":         i.kind,
	}
	if !i.shared {
		dict["timestamp"] = formatTimestamp(i.timestamp)
		state["_instance_guid"] = i.computer + "-" + i.partition
		state["_requested_state"] = i.state
		state["connection_xml"] = nullable(i.connection)
	}
	return &marshal.Object{Class: "SoftwareInstance", Args: marshal.Tuple{}, State: state}, nil
}

// values marshals parameters; the empty text reads back as none.
func values(p slap.Parameters) map[string]any {
	dict := make(map[string]any, len(p))
	for k, v := range p {
		dict[k] = nil
		if v != "" {
			dict[k] = v
		}
	}
	return dict
}

func nullable(s sql.NullString) any {
	if s.Valid {
		return s.String
	}
	return nil
}

func ipList(q queryer, computer, reference string) ([]any, error) {
	p, err := findPartition(q, computer, reference)
	if err != nil || p == nil {
		return []any{}, err
	}
	list := make([]any, len(p.addresses))
	for i, a := range p.addresses {
		list[i] = marshal.Tuple{a[0], a[1]}
	}
	return list, nil
}

// legacyComputer answers the node agent: all partitions of a node, free ones
// included, and its software.
func (s *Server) legacyComputer(r *http.Request) (any, error) {
	reference, err := field(r, "computer_id")
	if err != nil {
		return nil, err
	}
	known, err := s.known(s.db, reference)
	if err != nil {
		return nil, err
	}
	if !known {
		// slapproxy answers 500 here; the clients treat both alike.
		return nil, &notFoundError{reference + " is not registered."}
	}
	partitions, err := findPartitions(s.db, reference)
	if err != nil {
		return nil, err
	}
	partitionList := make([]any, len(partitions))
	for i, p := range partitions {
		if partitionList[i], err = partitionAnswer(s.db, reference, p.reference); err != nil {
			return nil, err
		}
	}
	software, err := findSoftware(s.db, reference)
	if err != nil {
		return nil, err
	}
	softwareList := make([]any, len(software))
	for i, w := range software {
		release := releaseAnswer(w.SoftwareRelease, reference)
		release.State["_requested_state"] = w.State
		softwareList[i] = release
	}
	return &marshal.Object{Class: "Computer", Args: marshal.Tuple{reference}, State: map[string]any{
		"_computer_id":             reference,
		"_computer_partition_list": partitionList,
		"_software_release_list":   softwareList,
	}}, nil
}

func releaseAnswer(release, computer string) *marshal.Object {
	return &marshal.Object{Class: "SoftwareRelease", Args: marshal.Tuple{release, computer}, State: map[string]any{
		"_computer_guid":          computer,
		"_software_instance_list": []any{},
		"_software_release":       release,
	}}
}

func (s *Server) legacyPartition(r *http.Request) (any, error) {
	v, err := fields(r, "computer_reference", "computer_partition_reference")
	if err != nil {
		return nil, err
	}
	p, err := findPartition(s.db, v[0], v[1])
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, &notFoundError{fmt.Sprintf("Unknown partition '%s' on '%s'", v[1], v[0])}
	}
	return partitionAnswer(s.db, v[0], v[1])
}

// partitionAnswer is the ComputerPartition object of a partition.
func partitionAnswer(q queryer, computer, reference string) (*marshal.Object, error) {
	state := map[string]any{
		"_computer_id":               computer,
		"_instance_guid":             computer + "-" + reference,
		"_need_modification":         0,
		"_partition_id":              reference,
		"_request_dict":              nil,
		"_requested_state":           slap.Destroyed,
		"_software_release_document": nil,
	}
	object := &marshal.Object{Class: "ComputerPartition", Args: marshal.Tuple{computer, reference, nil}, State: state}
	i, err := findInstance(q, "computer = ? AND partition = ? AND NOT shared", computer, reference)
	if err != nil || i == nil {
		return object, err
	}
	dict, connection, err := i.dictionaries()
	if err != nil {
		return nil, err
	}
	state["_need_modification"] = 1
	state["_requested_state"] = i.state
	state["_software_release_document"] = releaseAnswer(i.release, computer)
	state["_connection_dict"] = connection
	state["_parameter_dict"] = dict
	return object, addReservedKeys(q, i, dict)
}

// addReservedKeys adds to the parameters what a Master tells the code inside a
// partition, over parameters of the same name.
func addReservedKeys(q queryer, i *instance, dict map[string]any) error {
	ips, err := ipList(q, i.computer, i.partition)
	if err != nil {
		return err
	}
	shared, err := findInstances(q, "computer = ? AND partition = ? AND shared", i.computer, i.partition)
	if err != nil {
		return err
	}
	sharedEntries, err := sharedList(shared)
	if err != nil {
		return err
	}
	for key, value := range map[string]any{
		"timestamp":                  formatTimestamp(i.timestamp),
		"ip_list":                    ips,
		"full_address_list":          []any{},
		"slap_software_type":         i.kind,
		"instance_title":             i.title,
		"root_instance_title":        i.rootTitle(),
		"slap_computer_id":           i.computer,
		"slap_computer_partition_id": i.partition,
		"slap_software_release_url":  i.release,
		"slave_instance_list":        sharedEntries,
	} {
		dict[key] = value
	}
	return nil
}

// sharedList describes shared instances to their host: three keys, and the
// parameters beside them.
func sharedList(shared []instance) ([]any, error) {
	list := make([]any, len(shared))
	for n, i := range shared {
		p, err := slap.ParseParameters(i.parameters)
		if err != nil {
			return nil, err
		}
		reference := i.root + "_" + i.title
		entry := map[string]any{"slave_title": reference, "slave_reference": reference, "slap_software_type": i.kind}
		for k, v := range values(p) {
			entry[k] = v
		}
		list[n] = entry
	}
	return list, nil
}

// legacyFormat registers the partitions of a node: what slapos node format
// posts. The stock agent sends many more keys.
func (s *Server) legacyFormat(r *http.Request) (any, error) {
	doc, err := marshalField[map[string]any](r, "xml")
	if err != nil {
		return nil, err
	}
	reference, addr, netmask := text(doc, "reference"), text(doc, "address"), text(doc, "netmask")
	list, ok := doc["partition_list"].([]any)
	if reference == "" || !ok {
		return nil, &badRequest{"field xml: want reference, address, netmask and partition_list"}
	}
	partitions := make([]partition, len(list))
	for i, item := range list {
		entry, _ := item.(map[string]any)
		if partitions[i], err = formatPartition(entry); err != nil {
			return nil, err
		}
	}
	return "done", s.update(r.Context(), func(tx *sql.Tx) error {
		return format(tx, reference, addr, netmask, partitions)
	})
}

func formatPartition(entry map[string]any) (partition, error) {
	p := partition{reference: text(entry, "reference")}
	if p.reference == "" {
		return p, &badRequest{"field xml: a partition has no reference"}
	}
	tap, _ := entry["tap"].(map[string]any)
	network := text(tap, "name")
	if network == "" {
		network = p.reference
	}
	addresses, _ := entry["address_list"].([]any)
	for _, item := range addresses {
		a, _ := item.(map[string]any)
		p.addresses = append(p.addresses, address{network, text(a, "addr"), text(a, "netmask")})
	}
	return p, nil
}

func text(dict map[string]any, key string) string {
	s, _ := dict[key].(string)
	return s
}
