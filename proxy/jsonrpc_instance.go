package proxy

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"slapstar/proxy/internal/store"
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
	return readDocument(&list[0])
}

type guidParams struct {
	InstanceGUID string `json:"instance_guid"`
}

func (s *Server) rpcInstance(_ *http.Request, in guidParams) (any, error) {
	i, err := s.dialect.findGUID(s.db, in.InstanceGUID)
	if err != nil {
		return nil, err
	}
	return s.dialect.readDocument(i)
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
	return s.dialect.readDocument(i)
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

// An instanceDocument describes an instance on the JSON-RPC interface.
type instanceDocument struct {
	Title                string      `json:"title"`
	InstanceGUID         string      `json:"instance_guid"`
	SoftwareReleaseURI   string      `json:"software_release_uri"`
	SoftwareType         string      `json:"software_type"`
	State                string      `json:"state"`
	ConnectionParameters object      `json:"connection_parameters"`
	Parameters           any         `json:"parameters"`
	Shared               bool        `json:"shared"`
	RootInstanceTitle    string      `json:"root_instance_title"`
	IPList               [][2]string `json:"ip_list"`
	FullIPList           [][2]string `json:"full_ip_list"`
	SLAParameters        any         `json:"sla_parameters"`
	ComputerGUID         string      `json:"computer_guid"`
	ComputePartitionID   string      `json:"compute_partition_id"`
	ProcessingTimestamp  int64       `json:"processing_timestamp"`
	AccessStatusMessage  string      `json:"access_status_message"`
}

// newDocument describes an instance with all that is known of it.
func newDocument(i *instance) (*instanceDocument, error) {
	dict, connection, err := i.dictionaries()
	if err != nil {
		return nil, err
	}
	p, err := i.place()
	if err != nil {
		return nil, err
	}
	ips := [][2]string{}
	if p != nil {
		for _, a := range p.addresses {
			ips = append(ips, [2]string{a[0], a[1]})
		}
	}
	return &instanceDocument{
		Title:                i.title,
		InstanceGUID:         i.guid(),
		SoftwareReleaseURI:   i.release,
		SoftwareType:         i.kind,
		State:                i.state,
		ConnectionParameters: connection,
		Parameters:           dict,
		Shared:               i.shared,
		RootInstanceTitle:    i.rootTitle(),
		IPList:               ips,
		FullIPList:           [][2]string{},
		SLAParameters:        object{},
		ComputerGUID:         i.computer,
		ComputePartitionID:   i.partition,
		ProcessingTimestamp:  int64(i.timestamp),
	}, nil
}

// readDocument describes an instance as it is read: a shared one without
// addresses, and with the types of its parameters.
func readDocument(i *instance) (*instanceDocument, error) {
	doc, err := newDocument(i)
	if err != nil || !i.shared {
		return doc, err
	}
	typed, err := i.typedParameters()
	doc.Parameters, doc.IPList = toJSON(typed), [][2]string{}
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
		login: whoAsks(r),
	}
	answer, err := s.carryOut(r.Context(), wanted, answerer{
		own:       func(_ store.Reader, i *instance) (any, error) { return s.dialect.requestDocument(i) },
		forwarded: func(o *marshal.Object) any { return forwardedDocument(wanted, o) },
	})
	if _, notReady := errors.AsType[*notReadyError](err); notReady { // on this interface an answer like any other
		return notReadyDocument(), nil
	}
	return answer, err
}

func notReadyDocument() object {
	return object{"message": "Software Instance Not Ready", "status": http.StatusProcessing, "name": "SoftwareInstanceNotReady"}
}

// requestDocument describes an instance in the answer to a request for it.
func requestDocument(i *instance) (*instanceDocument, error) {
	doc, err := newDocument(i)
	if err != nil {
		return nil, err
	}
	if i.shared {
		doc.ProcessingTimestamp = 0
	} else {
		delete(doc.Parameters.(object), "timestamp") // as slapproxy answers
	}
	return doc, nil
}

type connectionParams struct {
	InstanceGUID string                     `json:"instance_guid"`
	Connection   map[string]json.RawMessage `json:"connection_parameter_dict"`
}

func (s *Server) rpcPublish(r *http.Request, in connectionParams) (any, error) {
	return success("Updated"), s.updateInstance(r, in.InstanceGUID, func(tx *store.Tx, i *instance) error {
		return publish(tx, i, jsonTexts(in.Connection))
	})
}

// updateInstance does something to an instance; for an unknown one it does
// nothing, which is success on slapproxy.
func (s *Server) updateInstance(r *http.Request, guid string, f func(*store.Tx, *instance) error) error {
	title, root, shared, err := parseGUID(guid)
	if err != nil {
		return err
	}
	return s.update(r.Context(), func(tx *store.Tx) error {
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
	return success("Renamed"), s.updateInstance(r, in.InstanceGUID, func(tx *store.Tx, i *instance) error {
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
	err := s.update(r.Context(), func(tx *store.Tx) error {
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
