package proxy

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"slapstar/proxy/internal/store"
)

// What nodes report to the full Master over the legacy interface.

func (s *Server) fullEnded(r *http.Request) (any, error) {
	return "OK", s.update(r.Context(), func(tx *store.Tx) error {
		i, err := partitionInstance(tx, r)
		if err == nil {
			_, err = s.endedFull(tx, i)
		}
		return err
	})
}

// reportState keeps that an instance is in a state.
func (s *Server) reportState(state string) legacyHandler {
	return func(r *http.Request) (any, error) {
		return "OK", s.update(r.Context(), func(tx *store.Tx) error {
			i, err := partitionInstance(tx, r)
			if err != nil {
				return err
			}
			return s.reportStatus(tx, i, accessStatus[state])
		})
	}
}

func (s *Server) fullInstanceError(r *http.Request) (any, error) {
	message, err := field(r, "error_log")
	if err != nil {
		return nil, err
	}
	return "OK", s.update(r.Context(), func(tx *store.Tx) error {
		i, err := publisher(tx, r, s.dialect.findShared)
		if err != nil {
			return err
		}
		return s.reportStatus(tx, i, errorStatus(message))
	})
}

func (s *Server) reportSoftwareState(state string) legacyHandler {
	return func(r *http.Request) (any, error) {
		v, err := fields(r, "url", "computer_id")
		if err != nil {
			return nil, err
		}
		return "OK", s.update(r.Context(), func(tx *store.Tx) error { return s.reportSoftwareFull(tx, v[1], v[0], state) })
	}
}

func (s *Server) fullSoftwareError(r *http.Request) (any, error) {
	v, err := fields(r, "url", "computer_id", "error_log")
	if err != nil {
		return nil, err
	}
	return "OK", s.update(r.Context(), func(tx *store.Tx) error { return s.reportSoftwareFull(tx, v[1], v[0], softwareError(v[0])) })
}

func (s *Server) fullInstanceBang(r *http.Request) (any, error) {
	return "OK", unlessUnknown(s.update(r.Context(), func(tx *store.Tx) error {
		i, err := partitionInstance(tx, r)
		if err != nil {
			return err
		}
		return s.bangFull(tx, i, r.PostForm.Get("message"))
	}))
}

func (s *Server) fullNodeBang(r *http.Request) (any, error) {
	return s.ofNode(func(r *http.Request, reference string) (any, error) {
		return marshalledAnswer{""}, s.update(r.Context(), func(tx *store.Tx) error { return s.bangNode(tx, reference) })
	})(r)
}

// bangNode has a node process all its instances again.
func (s *Server) bangNode(tx *store.Tx, reference string) error {
	_, err := tx.Exec("UPDATE instance SET timestamp = ? WHERE computer = ?", s.timestamp(), reference)
	return err
}

func (s *Server) fullUsage(r *http.Request) (any, error) {
	return s.ofNode(func(r *http.Request, _ string) (any, error) {
		document, err := field(r, "use_string")
		if err != nil {
			return nil, err
		}
		return "OK", checkTioXML(document)
	})(r)
}

// checkTioXML refuses what is no XML at all; the schema of usage reports is not
// known here.
func checkTioXML(document string) error {
	d := xml.NewDecoder(strings.NewReader(document))
	for elements := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && elements > 0 {
			return nil
		}
		if err != nil {
			return &rpcError{"INVALIDATE_TIOXML", &badRequestError{fmt.Sprintf("the usage report is not XML: %v", err)}}
		}
		if _, ok := token.(xml.StartElement); ok {
			elements++
		}
	}
}

func (s *Server) fullRelated(r *http.Request) (any, error) {
	if _, err := marshalField[[]any](r, "instance_reference_xml"); err != nil {
		return nil, err
	}
	return s.ofInstance(func(*instance) (any, error) { return "OK", nil })(r)
}
