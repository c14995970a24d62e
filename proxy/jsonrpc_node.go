package proxy

import (
	"fmt"
	"net/http"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

func (s *Server) rpcNodeList(*http.Request, struct{}) (any, error) {
	references, err := store.Collect(s.db, func(scan func(...any) error) (reference string, err error) {
		err = scan(&reference)
		return reference, err
	}, "SELECT reference FROM computer ORDER BY reference")
	return resultList(references, err, func(reference string) (object, error) {
		return object{"computer_guid": reference}, nil
	})
}

type computerParams struct {
	ComputerGUID string `json:"computer_guid"`
}

func (s *Server) rpcSoftwareList(_ *http.Request, in computerParams) (any, error) {
	if err := s.checkKnown(s.db, in.ComputerGUID); err != nil {
		return nil, err
	}
	list, err := findSoftware(s.db, "computer = ?", in.ComputerGUID)
	return resultList(list, err, func(w software) (object, error) {
		return object{"software_release_uri": w.SoftwareRelease, "state": w.State}, nil
	})
}

func (s *Server) rpcNodeInstanceList(_ *http.Request, in computerParams) (any, error) {
	registered, err := s.registered(s.db, in.ComputerGUID)
	if err != nil {
		return nil, err
	}
	if !registered {
		return nil, notRegistered(in.ComputerGUID)
	}
	list, err := findInstances(s.db, "computer = ? AND NOT shared", in.ComputerGUID)
	return resultList(list, err, func(i instance) (object, error) {
		return object{
			"title":                i.title,
			"instance_guid":        i.guid(),
			"state":                i.state,
			"compute_partition_id": i.partition,
			"software_release_uri": i.release,
		}, nil
	})
}

func (s *Server) rpcNodeStatus(*http.Request, computerParams) (any, error) {
	return object{"text": "Unknown (not implemented)"}, nil
}

func (s *Server) rpcNodeCertificate(*http.Request, computerParams) (any, error) {
	return noCertificate(), nil
}

func noCertificate() object { return object{"key": "", "certificate": ""} }

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
	err := s.update(r.Context(), func(tx *store.Tx) error { return s.supply(tx, w) })
	return success(fmt.Sprintf("Supplied %s to be %s", w.SoftwareRelease, w.State)), err
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
	err := s.update(r.Context(), func(tx *store.Tx) error { return removeSoftware(tx, in.ComputerGUID, in.SoftwareReleaseURI) })
	return success("Destroyed"), err
}
