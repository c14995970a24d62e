package proxy

import (
	"cmp"
	"net/http"

	"slapstar/proxy/internal/store"
	"slapstar/slap/marshal"
)

// legacyFormat registers the partitions of a node: what slapos node format
// posts. The stock agent sends many more keys.
func (s *Server) legacyFormat(r *http.Request) (any, error) {
	doc, err := marshalField[map[string]any](r, "xml")
	if err != nil {
		return nil, err
	}
	list, ok := doc["partition_list"].([]any)
	reference, _ := text(doc, "reference")
	addr, hasAddress := text(doc, "address")
	netmask, hasNetmask := text(doc, "netmask")
	if !ok || reference == "" || !hasAddress || !hasNetmask {
		return nil, &badRequestError{"field xml: want reference, address, netmask and partition_list"}
	}
	partitions := make([]partition, len(list))
	for i, item := range list {
		entry, _ := item.(map[string]any)
		if partitions[i], err = formatPartition(entry); err != nil {
			return nil, err
		}
	}
	answer := "done"
	if s.full() {
		answer = "Content properly posted."
	}
	return answer, s.update(r.Context(), func(tx *store.Tx) error {
		return s.formatNode(tx, reference, addr, netmask, partitions)
	})
}

func formatPartition(entry map[string]any) (partition, error) {
	var p partition
	if p.reference, _ = text(entry, "reference"); p.reference == "" {
		return p, &badRequestError{"field xml: a partition has no reference"}
	}
	addresses, _ := entry["address_list"].([]any)
	tap, hasTap := entry["tap"].(map[string]any)
	if len(addresses) > 0 && !hasTap {
		return p, &badRequestError{"field xml: partition " + p.reference + " has addresses and no tap"}
	}
	network, _ := text(tap, "name")
	for _, item := range addresses {
		a, _ := item.(map[string]any)
		addr, hasAddress := text(a, "addr")
		netmask, _ := text(a, "netmask")
		if !hasAddress {
			return p, &badRequestError{"field xml: partition " + p.reference + " has an address without addr"}
		}
		p.addresses = append(p.addresses, address{cmp.Or(network, p.reference), addr, netmask})
	}
	return p, nil
}

func text(dict map[string]any, key string) (value string, ok bool) {
	value, ok = dict[key].(string)
	return value, ok && marshal.CheckText(value) == nil
}

type formatParams struct {
	ComputerGUID string `json:"computer_guid"`
	Partitions   []struct {
		PartitionID string `json:"partition_id"`
		IPList      []struct {
			Address   string `json:"ip-address"`
			Netmask   string `json:"netmask"`
			Interface string `json:"network-interface"`
		} `json:"ip_list"`
	} `json:"compute_partition_list"`
}

// rpcFormat takes all that the schema allows; slapproxy fails without netmask
// and network-interface.
func (s *Server) rpcFormat(r *http.Request, in formatParams) (any, error) {
	partitions := make([]partition, len(in.Partitions))
	for i, p := range in.Partitions {
		partitions[i].reference = p.PartitionID
		for _, ip := range p.IPList {
			partitions[i].addresses = append(partitions[i].addresses,
				address{cmp.Or(ip.Interface, p.PartitionID), ip.Address, ip.Netmask})
		}
	}
	err := s.update(r.Context(), func(tx *store.Tx) error {
		return s.formatNode(tx, in.ComputerGUID, "127.0.0.1", "255.255.255.255", partitions)
	})
	if s.full() {
		return success("Format handled"), err
	}
	return success("Formatted"), err
}
