package proxy

import (
	"cmp"
	"database/sql"
	"maps"
	"net/http"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
	"slapstar/slap/marshal"
)

// requestAnswer is the SoftwareInstance object that answers a request. wanted is
// the state that was asked for: a Master that was asked for none says started.
func requestAnswer(q store.Reader, i *instance, wanted string) (*marshal.Object, error) {
	dict, connection, err := i.dictionaries()
	if err != nil {
		return nil, err
	}
	p, err := i.place()
	if err != nil {
		return nil, err
	}
	state := map[string]any{
		"_connection_dict":           connection,
		"_parameter_dict":            dict,
		"ip_list":                    p.ipList(),
		"slap_computer_id":           i.computer,
		"slap_computer_partition_id": i.partition,
		"slap_server_url":            "slap_server_url",
		"slap_software_release_url":  i.release,
		"slap_software_type":         i.kind,
	}
	if !i.shared {
		dict["timestamp"] = formatTimestamp(i.timestamp)
		state["_instance_guid"] = i.computer + "-" + i.partition
		state["_requested_state"] = cmp.Or(wanted, slap.Started)
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

// ipList is what a partition is told of its addresses.
func (p *partition) ipList() []any {
	if p == nil {
		return []any{}
	}
	list := make([]any, len(p.addresses))
	for i, a := range p.addresses {
		list[i] = marshal.Tuple{a[0], a[1]}
	}
	return list
}

// legacyNode answers the node agent: all partitions of a node, free ones
// included, and its software.
func (s *Server) legacyNode(r *http.Request) (any, error) {
	reference, err := field(r, "computer_id")
	if err != nil {
		return nil, err
	}
	return s.nodeAnswer(s.db, reference)
}

// nodeAnswer is the Computer object of a node. It takes the same few queries
// however much is on the node.
func (s *Server) nodeAnswer(q store.Reader, reference string) (*marshal.Object, error) {
	if err := s.checkKnown(q, reference); err != nil {
		return nil, err
	}
	partitions, err := findPartitions(q, reference)
	if err != nil {
		return nil, err
	}
	partitionList, err := s.partitionAnswers(q, reference, partitions, "computer = ?", reference)
	if err != nil {
		return nil, err
	}
	software, err := findSoftware(q, "computer = ?", reference)
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
		return nil, unknownPartition(v[0], v[1])
	}
	list, err := s.partitionAnswers(s.db, v[0], []partition{*p}, "computer = ? AND partition = ?", v[0], v[1])
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// partitionAnswers are the ComputerPartition objects of partitions of a node,
// where are the instances on them. It reads all of these at once.
func (s *Server) partitionAnswers(q store.Reader, computer string, partitions []partition, where string, args ...any) ([]any, error) {
	instances, err := findInstances(q, where, args...)
	if err != nil {
		return nil, err
	}
	occupants := map[string]*instance{}
	shared := map[string][]instance{}
	for n, i := range instances {
		if i.shared {
			shared[i.partition] = append(shared[i.partition], i)
		} else {
			occupants[i.partition] = &instances[n]
		}
	}
	list := make([]any, len(partitions))
	for n, p := range partitions {
		if list[n], err = s.dialect.partitionAnswer(computer, &p, occupants[p.reference], shared[p.reference]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// freePartitionAnswer is what the objects of all free partitions say.
func freePartitionAnswer(computer string, p *partition) *marshal.Object {
	return &marshal.Object{Class: "ComputerPartition", Args: marshal.Tuple{computer, p.reference, nil}, State: map[string]any{
		"_computer_id":               computer,
		"_need_modification":         0,
		"_partition_id":              p.reference,
		"_request_dict":              nil,
		"_requested_state":           slap.Destroyed,
		"_software_release_document": nil,
	}}
}

// partitionAnswer is the ComputerPartition object of a partition, which is free
// when i is nil.
func partitionAnswer(computer string, p *partition, i *instance, shared []instance) (*marshal.Object, error) {
	object := freePartitionAnswer(computer, p)
	state := object.State
	state["_instance_guid"] = computer + "-" + p.reference
	if i == nil {
		return object, nil
	}
	dict, connection, err := i.dictionaries()
	if err != nil {
		return nil, err
	}
	sharedEntries, err := sharedList(shared)
	if err != nil {
		return nil, err
	}
	state["_need_modification"] = 1
	state["_requested_state"] = i.state
	state["_software_release_document"] = releaseAnswer(i.release, computer)
	state["_connection_dict"] = connection
	state["_parameter_dict"] = dict
	maps.Copy(dict, map[string]any{ // what a Master tells the code inside a partition, over parameters of the same name
		"timestamp":                  formatTimestamp(i.timestamp),
		"ip_list":                    p.ipList(),
		"full_address_list":          []any{},
		"slap_software_type":         i.kind,
		"instance_title":             i.title,
		"root_instance_title":        i.rootTitle(),
		"slap_computer_id":           i.computer,
		"slap_computer_partition_id": i.partition,
		"slap_software_release_url":  i.release,
		"slave_instance_list":        sharedEntries,
	})
	return object, nil
}
