package proxy

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// fullRPCHandlers are the methods of the JSON-RPC interface that the full Master
// answers altogether otherwise. The reference, section (d).
func (s *Server) fullRPCHandlers() map[string]jsonrpcHandler {
	return map[string]jsonrpcHandler{
		"allDocs.v0.instance_tree_list":                 withBody(s.fullTreeList),
		"allDocs.v0.instance_node_instance_list":        withBody(s.fullSharedInstances),
		"get.v0.instance_tree":                          withBody(s.fullInstanceTree),
		"get.v0.software_instance":                      withBody(s.fullInstance),
		"get.v0.compute_partition":                      withBody(s.fullComputePartition),
		"put.v0.software_instance_connection_parameter": withBody(s.fullPublish),
		"put.v0.software_instance_reported_state":       withBody(s.fullInstanceReport),
		"put.v0.software_instance_bang":                 withBody(s.fullBang),
		"put.v0.software_instance_title":                withBody(s.fullRenameTitle),
		"put.v0.software_instance_error":                withBody(s.fullErrorReport),

		"allDocs.v0.compute_node_instance_list":              withBody(s.fullNodeInstances),
		"allDocs.v0.compute_node_software_installation_list": withBody(s.fullSoftwareList),
		"get.v0.compute_node_status": knownNode(s, func(_ *http.Request, in nodeParams) (any, error) {
			return nodeNews(in.ComputerGUID, s.timestamp()), nil
		}),
		"post.v0.compute_node_certificate": knownNode(s, func(*http.Request, nodeParams) (any, error) { return noCertificate(), nil }),
		"remove.v0.compute_node_certificate": knownNode(s, func(*http.Request, nodeParams) (any, error) {
			return success("Certificate removed"), nil
		}),
		"post.v0.compute_node_usage": knownNode(s, func(_ *http.Request, in nodeParams) (any, error) {
			return success("Usage reported"), checkTioXML(in.TioXML)
		}),
		"put.v0.compute_node_bang": knownNode(s, func(r *http.Request, in nodeParams) (any, error) {
			return success("Bang handled"), s.update(r.Context(), func(tx *store.Tx) error { return s.bangNode(tx, in.ComputerGUID) })
		}),
		"post.v0.software_installation":               withBody(s.fullRPCSupply),
		"put.v0.software_installation_error":          withBody(s.fullInstallationError),
		"put.v0.software_installation_reported_state": withBody(s.fullSoftwareReport),
	}
}

// An rpcError is an error with the type that the JSON-RPC interface of the full
// Master gives it.
type rpcError struct {
	kind string
	error
}

func (e *rpcError) Unwrap() error { return e.error }

// fullProblem answers with the error shape of the full Master: what it will not
// do is 403 with a type of its own.
func (s *Server) fullProblem(w http.ResponseWriter, err error) {
	code, message := s.status(err)
	if _, customer := errors.AsType[*customerError](err); customer || code == http.StatusUnauthorized {
		writeJSON(w, http.StatusUnauthorized, object{"type": "unauthorized"})
		return
	}
	if code == http.StatusServiceUnavailable {
		w.WriteHeader(code) // and not a word
		return
	}
	kind := map[int]string{
		http.StatusBadRequest:            "invalid-json-object-content",
		http.StatusNotFound:              "not-found",
		http.StatusForbidden:             "READ-ONLY",
		http.StatusNotAcceptable:         "not-acceptable",
		http.StatusMethodNotAllowed:      "not-allowed-http-method",
		http.StatusUnsupportedMediaType:  "unexpected-media-type",
		http.StatusRequestEntityTooLarge: "request-too-large",
	}[code]
	if own, ok := errors.AsType[*rpcError](err); ok && code != http.StatusInternalServerError {
		kind = own.kind
		if code == http.StatusNotFound && kind != "not-found" {
			code = http.StatusForbidden
		}
	}
	writeJSON(w, code, object{"status": code, "type": cmp.Or(kind, "unknown-error"), "title": message})
}

// serveStrayRPC answers a call of the JSON-RPC interface that nobody handles; the
// method of HTTP is looked at after the media type.
func (s *Server) serveStrayRPC(w http.ResponseWriter, r *http.Request, known bool) {
	var err error = &rpcError{"not-found", &notFoundError{strings.TrimPrefix(r.URL.Path, jsonrpcBase+"slapos.")}}
	if media := checkMedia(r); media != nil {
		err = media
	} else if known {
		err = &methodError{}
	}
	s.fullProblem(w, err)
}

func (s *Server) fullInstallationError(r *http.Request, in errorParams) (any, error) {
	return success("Error reported"), s.update(r.Context(), func(tx *store.Tx) error {
		return s.reportSoftwareFull(tx, in.ComputerGUID, in.SoftwareReleaseURI, softwareError(in.SoftwareReleaseURI))
	})
}

func (s *Server) fullSoftwareReport(r *http.Request, in softwareReportParams) (any, error) {
	return success("State reported"), s.update(r.Context(), func(tx *store.Tx) error {
		return s.reportSoftwareFull(tx, in.ComputerGUID, in.SoftwareReleaseURI, in.ReportedState)
	})
}

// fullNodeInstances, as fullSoftwareList, has nothing to list of a node that
// there is not.
func (s *Server) fullNodeInstances(_ *http.Request, in computerParams) (any, error) {
	listed, args := s.indexedSQL("created")
	list, err := findInstances(s.db, "computer = ? AND NOT shared AND "+listed, append([]any{in.ComputerGUID}, args...)...)
	return resultList(list, err, func(i instance) (object, error) {
		return object{
			"title":                i.title,
			"instance_guid":        i.reference(),
			"state":                i.state,
			"compute_partition_id": i.partition,
			"software_release_uri": i.release,
		}, nil
	})
}

func (s *Server) fullSoftwareList(_ *http.Request, in computerParams) (any, error) {
	listed, args := s.indexedSQL("made")
	list, err := findSoftware(s.db, "computer = ? AND "+listed, append([]any{in.ComputerGUID}, args...)...)
	return resultList(list, err, func(w software) (object, error) {
		return object{"software_release_uri": w.SoftwareRelease, "state": w.State}, nil
	})
}

func (s *Server) fullRPCSupply(r *http.Request, in softwareInstallationParams) (any, error) {
	w := slap.SoftwareInstallation{SoftwareRelease: in.SoftwareReleaseURI, Computer: in.ComputerGUID, State: cmp.Or(in.State, slap.Available)}
	return success("State changed"), s.update(r.Context(), func(tx *store.Tx) error {
		supplied, err := s.supplyFull(tx, whoAsks(r), w)
		if err == nil && !supplied {
			err = &unavailableError{fmt.Sprintf("%s is not supplied on %s.", w.SoftwareRelease, w.Computer)}
		}
		return err
	})
}

type nodeParams struct {
	ComputerGUID string `json:"computer_guid"`
	TioXML       string `json:"tioxml"`
}

// knownNode is for methods about a node that there has to be.
func knownNode(s *Server, h func(*http.Request, nodeParams) (any, error)) jsonrpcHandler {
	return func(r *http.Request, body []byte) (any, error) {
		var in nodeParams
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		if err := s.checkKnown(s.db, in.ComputerGUID); err != nil {
			return nil, &rpcError{"COMPUTE-NODE-NOT-FOUND", err}
		}
		return h(r, in)
	}
}
