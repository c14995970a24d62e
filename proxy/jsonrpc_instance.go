package proxy

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slapstar/slap"
)

func (s *Server) rpcInstanceTreeList(*http.Request, struct{}) (any, error) {
	list, err := findInstances(s.db, "root = ''")
	rows := make([]object, len(list))
	for n, i := range list {
		rows[n] = object{"title": i.title}
	}
	return object{"result_list": rows}, err
}

type instanceTreeParams struct{ Title string }

func (s *Server) rpcInstanceTree(_ *http.Request, in instanceTreeParams) (any, error) {
	list, err := findInstances(s.db, "root = '' AND title = ?", in.Title)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 { // a plain and a shared one of one name: neither is found
		return nil, &notFoundError{fmt.Sprintf("No instance tree %s found.", in.Title)}
	}
	return s.instanceDocument(s.db, &list[0])
}

func (s *Server) instanceDocument(q queryer, i *instance) (any, error) {
	dict, connection, err := i.dictionaries()
	if err != nil {
		return nil, err
	}
	ips := [][2]string{}
	if p, err := findPartition(q, i.computer, i.partition); err != nil {
		return nil, err
	} else if p != nil && !i.shared {
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

type softwareInstanceParams struct {
	Title              string
	SoftwareReleaseURI string `json:"software_release_uri"`
	SoftwareType       string `json:"software_type"`
	Parameters         map[string]any
	State              string
	Shared             bool
	SLAParameters      map[string]any `json:"sla_parameters"`
}

func (s *Server) rpcRequest(r *http.Request, in softwareInstanceParams) (any, error) {
	if in.State == "" {
		in.State = slap.Started // unlike the legacy interface
	}
	wanted := request{InstanceRequest: slap.InstanceRequest{
		Name:            in.Title,
		SoftwareRelease: in.SoftwareReleaseURI,
		SoftwareType:    in.SoftwareType,
		State:           in.State,
		Shared:          in.Shared,
		Parameters:      parameters(in.Parameters),
		SLA:             parameters(in.SLAParameters),
	}}
	var answer any
	err := s.update(r.Context(), func(tx *sql.Tx) error {
		i, err := s.request(tx, wanted)
		if err != nil {
			return err
		}
		answer, err = s.instanceDocument(tx, i)
		return err
	})
	return answer, err
}

func findGUID(tx *sql.Tx, guid string) (*instance, error) {
	title, root, shared, ok := parseGUID(guid)
	if !ok {
		return nil, nil
	}
	return findInstance(tx, "title = ? AND root = ? AND shared = ?", title, root, shared)
}

type connectionParams struct {
	InstanceGUID string         `json:"instance_guid"`
	Connection   map[string]any `json:"connection_parameter_dict"`
}

func (s *Server) rpcPublish(r *http.Request, in connectionParams) (any, error) {
	err := s.update(r.Context(), func(tx *sql.Tx) error {
		i, err := findGUID(tx, in.InstanceGUID)
		if err != nil || i == nil { // an unknown one is success on slapproxy
			return err
		}
		return publish(tx, i, parameters(in.Connection))
	})
	return success("Updated"), err
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
	err := s.update(r.Context(), func(tx *sql.Tx) error {
		i, err := findGUID(tx, in.InstanceGUID)
		if err != nil {
			return err
		}
		if i == nil {
			return &notFoundError{fmt.Sprintf("No software instance %s found.", in.InstanceGUID)}
		}
		children, err := s.destroyed(tx, i)
		if len(children) > 0 { // the children are marked, so the transaction stands
			waits = &notFoundError{"Not destroying yet because this partition has child partitions."}
		}
		return err
	})
	return success("Destroyed"), errors.Join(err, waits)
}
