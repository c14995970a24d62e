package proxy

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"slapstar/slap"
	"slapstar/slap/marshal"
)

func (s *Server) rpcInstanceTreeList(*http.Request, struct{}) (any, error) {
	list, err := findInstances(s.db, "root = '' AND NOT archived")
	return resultList(list, err, func(i instance) (object, error) { return object{"title": i.title}, nil })
}

type titleParams struct{ Title string }

func (s *Server) rpcInstanceTree(_ *http.Request, in titleParams) (any, error) {
	list, err := findInstances(s.db, "root = '' AND title = ? AND NOT archived", in.Title)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 { // a plain and a shared one of one name: neither is found
		return nil, &notFoundError{fmt.Sprintf("No instance tree %s found.", in.Title)}
	}
	return readDocument(s.db, &list[0])
}

type guidParams struct {
	InstanceGUID string `json:"instance_guid"`
}

func (s *Server) rpcInstance(_ *http.Request, in guidParams) (any, error) {
	i, err := s.dialect.findGUID(s.db, in.InstanceGUID)
	if err != nil {
		return nil, err
	}
	return s.dialect.readDocument(s.db, i)
}

type partitionParams struct {
	ComputerGUID       string `json:"computer_guid"`
	ComputePartitionID string `json:"compute_partition_id"`
}

func (s *Server) rpcPartition(_ *http.Request, in partitionParams) (any, error) {
	i, err := findInstance(s.db, "computer = ? AND partition = ? AND NOT shared", in.ComputerGUID, in.ComputePartitionID)
	if err != nil {
		return nil, err
	}
	if i == nil {
		return nil, &notFoundError{fmt.Sprintf("No instance on partition %s found.", in.ComputePartitionID)}
	}
	return s.dialect.readDocument(s.db, i)
}

// rpcSharedList lists the shared instances of a host.
func (s *Server) rpcSharedList(_ *http.Request, in guidParams) (any, error) {
	host, err := findGUID(s.db, in.InstanceGUID)
	if err != nil {
		return nil, err
	}
	if host.shared {
		return nil, noInstance(in.InstanceGUID)
	}
	list, err := findInstances(s.db, "computer = ? AND partition = ? AND shared", host.computer, host.partition)
	return resultList(list, err, func(i instance) (object, error) {
		typed, err := i.typedParameters()
		return object{
			"title":                i.title,
			"instance_guid":        i.guid(),
			"software_type":        i.kind,
			"state":                i.state,
			"parameters":           toJSON(typed),
			"compute_partition_id": i.partition,
		}, err
	})
}

// instanceDocument describes an instance with all that is known of it.
func instanceDocument(q queryer, i *instance) (object, error) {
	dict, connection, err := i.dictionaries()
	if err != nil {
		return nil, err
	}
	p, err := findPartition(q, i.computer, i.partition)
	if err != nil {
		return nil, err
	}
	ips := [][2]string{}
	if p != nil {
		for _, a := range p.addresses {
			ips = append(ips, [2]string{a[0], a[1]})
		}
	}
	return object{
		"title":                 i.title,
		"instance_guid":         i.guid(),
		"software_release_uri":  i.release,
		"software_type":         i.kind,
		"state":                 i.state,
		"connection_parameters": connection,
		"parameters":            dict,
		"shared":                i.shared,
		"root_instance_title":   i.rootTitle(),
		"ip_list":               ips,
		"full_ip_list":          [][2]string{},
		"sla_parameters":        object{},
		"computer_guid":         i.computer,
		"compute_partition_id":  i.partition,
		"processing_timestamp":  int64(i.timestamp),
		"access_status_message": "",
	}, nil
}

// readDocument describes an instance as it is read: a shared one without
// addresses, and with the types of its parameters.
func readDocument(q queryer, i *instance) (object, error) {
	doc, err := instanceDocument(q, i)
	if err != nil || !i.shared {
		return doc, err
	}
	typed, err := i.typedParameters()
	doc["parameters"], doc["ip_list"] = toJSON(typed), [][2]string{}
	return doc, err
}

type softwareInstanceParams struct {
	Title              string
	SoftwareReleaseURI string `json:"software_release_uri"`
	SoftwareType       string `json:"software_type"`
	Parameters         map[string]json.RawMessage
	State              string
	Shared             bool
	SLAParameters      map[string]json.RawMessage `json:"sla_parameters"`
}

func (s *Server) rpcRequest(r *http.Request, in softwareInstanceParams) (any, error) {
	wanted := &request{
		InstanceRequest: slap.InstanceRequest{
			Name:            in.Title,
			SoftwareRelease: in.SoftwareReleaseURI,
			SoftwareType:    in.SoftwareType,
			State:           cmp.Or(in.State, slap.Started), // unlike the legacy interface
			Shared:          in.Shared,
			Parameters:      jsonTexts(in.Parameters),
			SLA:             jsonTexts(in.SLAParameters),
		},
		typed: jsonValues(in.Parameters),
	}
	answer, err := s.carryOut(r.Context(), wanted, answerer{
		own:       func(q queryer, i *instance) (any, error) { return s.dialect.requestDocument(q, i) },
		forwarded: func(o *marshal.Object) any { return forwardedDocument(wanted, o) },
	})
	var notReady *notReadyError
	if errors.As(err, &notReady) { // on this interface an answer like any other
		return notReadyDocument(), nil
	}
	return answer, err
}

func notReadyDocument() object {
	return object{"message": "Software Instance Not Ready", "status": http.StatusProcessing, "name": "SoftwareInstanceNotReady"}
}

// requestDocument describes an instance in the answer to a request for it.
func requestDocument(q queryer, i *instance) (object, error) {
	doc, err := instanceDocument(q, i)
	if err != nil {
		return nil, err
	}
	if i.shared {
		doc["processing_timestamp"] = 0
	} else {
		delete(doc["parameters"].(map[string]any), "timestamp") // as slapproxy answers
	}
	return doc, nil
}

type connectionParams struct {
	InstanceGUID string                     `json:"instance_guid"`
	Connection   map[string]json.RawMessage `json:"connection_parameter_dict"`
}

func (s *Server) rpcPublish(r *http.Request, in connectionParams) (any, error) {
	return success("Updated"), s.updateInstance(r, in.InstanceGUID, func(tx *transaction, i *instance) error {
		return publish(tx, i, jsonTexts(in.Connection))
	})
}

// updateInstance does something to an instance; for an unknown one it does
// nothing, which is success on slapproxy.
func (s *Server) updateInstance(r *http.Request, guid string, f func(*transaction, *instance) error) error {
	title, root, shared, err := parseGUID(guid)
	if err != nil {
		return err
	}
	return s.update(r.Context(), func(tx *transaction) error {
		i, err := findInstance(tx, byTitle, title, root, shared)
		if err != nil || i == nil {
			return err
		}
		return f(tx, i)
	})
}

// plainOnly refuses what slapproxy cannot do with a shared instance.
func plainOnly(guid string) error {
	_, _, shared, err := parseGUID(guid)
	if err == nil && shared {
		err = &notFoundError{"NotImplemented"}
	}
	return err
}

func (s *Server) rpcBang(r *http.Request, in guidParams) (any, error) {
	if err := plainOnly(in.InstanceGUID); err != nil {
		return nil, err
	}
	return success("Bang handled"), s.updateInstance(r, in.InstanceGUID, s.bang)
}

type renameParams struct {
	InstanceGUID string `json:"instance_guid"`
	Title        string
}

func (s *Server) rpcRename(r *http.Request, in renameParams) (any, error) {
	if err := plainOnly(in.InstanceGUID); err != nil {
		return nil, err
	}
	return success("Renamed"), s.updateInstance(r, in.InstanceGUID, func(tx *transaction, i *instance) error {
		return rename(tx, i, in.Title)
	})
}

func (s *Server) rpcInstanceCertificate(*http.Request, guidParams) (any, error) {
	return noCertificate(), nil
}

type instanceReportParams struct {
	InstanceGUID  string `json:"instance_guid"`
	ReportedState string `json:"reported_state"`
}

func (s *Server) rpcInstanceReport(r *http.Request, in instanceReportParams) (any, error) {
	if in.ReportedState != slap.Destroyed {
		return success("Ignored"), nil
	}
	var waits error
	err := s.update(r.Context(), func(tx *transaction) error {
		i, err := findGUID(tx, in.InstanceGUID)
		if err != nil {
			return err
		}
		children, err := s.destroyed(tx, i)
		if len(children) > 0 { // the children are marked, so the transaction stands
			waits = &notFoundError{waitsFor(children)}
		}
		return err
	})
	return success("Destroyed"), errors.Join(err, waits)
}
