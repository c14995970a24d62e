package proxy

import (
	"database/sql"
	"fmt"
	"net/http"
	"slapstar/slap"
)

func (s *Server) rpcComputerList(*http.Request, struct{}) (any, error) {
	list, err := findComputers(s.db, "1")
	rows := make([]object, len(list))
	for n, c := range list {
		rows[n] = object{"computer_guid": c.reference}
	}
	return object{"result_list": rows}, err
}

type softwareInstallationParams struct {
	ComputerGUID       string `json:"computer_guid"`
	SoftwareReleaseURI string `json:"software_release_uri"`
	State              string
}

func (s *Server) rpcSupply(r *http.Request, in softwareInstallationParams) (any, error) {
	if in.State == "" {
		in.State = slap.Available
	}
	w := slap.SoftwareInstallation{SoftwareRelease: in.SoftwareReleaseURI, Computer: in.ComputerGUID, State: in.State}
	err := s.update(r.Context(), func(tx *sql.Tx) error { return supply(tx, w) })
	return success(fmt.Sprintf("Supplied %s to be %s", w.SoftwareRelease, w.State)), err
}

type computerParams struct {
	ComputerGUID string `json:"computer_guid"`
}

func (s *Server) rpcSoftwareList(_ *http.Request, in computerParams) (any, error) {
	known, err := s.known(s.db, in.ComputerGUID)
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, &notFoundError{in.ComputerGUID + " is not registered."}
	}
	list, err := findSoftware(s.db, in.ComputerGUID)
	rows := make([]object, len(list))
	for n, w := range list {
		rows[n] = object{"software_release_uri": w.SoftwareRelease, "state": w.State}
	}
	return object{"result_list": rows}, err
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

func (s *Server) rpcFormat(r *http.Request, in formatParams) (any, error) {
	partitions := make([]partition, len(in.Partitions))
	for i, p := range in.Partitions {
		partitions[i].reference = p.PartitionID
		for _, ip := range p.IPList {
			partitions[i].addresses = append(partitions[i].addresses, address{ip.Interface, ip.Address, ip.Netmask})
		}
	}
	err := s.update(r.Context(), func(tx *sql.Tx) error {
		return format(tx, in.ComputerGUID, "127.0.0.1", "255.255.255.255", partitions)
	})
	return success("Formatted"), err
}

type softwareReportParams struct {
	ComputerGUID       string `json:"computer_guid"`
	SoftwareReleaseURI string `json:"software_release_uri"`
	ReportedState      string `json:"reported_state"`
}

func (s *Server) rpcSoftwareReport(r *http.Request, in softwareReportParams) (any, error) {
	if in.ReportedState != slap.Destroyed {
		return success("Ignored"), nil
	}
	err := s.update(r.Context(), func(tx *sql.Tx) error { return removeSoftware(tx, in.ComputerGUID, in.SoftwareReleaseURI) })
	return success("Destroyed"), err
}
