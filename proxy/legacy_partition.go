package proxy

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"slapstar/proxy/internal/store"
)

// partitionInstance finds the instance that computer_id and
// computer_partition_id name.
func partitionInstance(q store.Reader, r *http.Request) (*instance, error) {
	v, err := fields(r, "computer_id", "computer_partition_id")
	if err != nil {
		return nil, err
	}
	i, err := findInstance(q, "computer = ? AND partition = ? AND NOT shared", v[0], v[1])
	if err == nil && i == nil {
		err = unknownPartition(v[0], v[1])
	}
	return i, err
}

// publisher finds the instance that publishes: that of a partition, or with
// slave_reference a shared one on it.
func publisher(q store.Reader, r *http.Request, findShared func(q store.Reader, computer, partition, reference string) (*instance, error)) (*instance, error) {
	host, err := partitionInstance(q, r)
	reference := r.PostForm.Get("slave_reference")
	if err != nil || !isReference(reference) {
		return host, err
	}
	i, err := findShared(q, host.computer, host.partition, reference)
	if err == nil && i == nil {
		err = &notFoundError{fmt.Sprintf("No shared instance %s on %s", reference, host.partition)}
	}
	return i, err
}

// legacyPublish does nothing for who is not there, which is success on slapproxy:
// a host may publish for a shared instance that has just ended.
func (s *Server) legacyPublish(r *http.Request) (any, error) {
	connection, err := marshalField[map[string]any](r, "connection_xml")
	if err != nil {
		return nil, err
	}
	if err := checkValue(connection, 0); err != nil {
		return nil, err
	}
	return "done", unlessUnknown(s.update(r.Context(), func(tx *store.Tx) error {
		i, err := publisher(tx, r, s.dialect.findShared)
		if err != nil {
			return err
		}
		return publish(tx, i, parameters(connection))
	}))
}

// legacyBang, too, is success for who is not there.
func (s *Server) legacyBang(r *http.Request) (any, error) {
	return "OK", unlessUnknown(s.update(r.Context(), func(tx *store.Tx) error {
		i, err := partitionInstance(tx, r)
		if err != nil {
			return err
		}
		return s.bang(tx, i)
	}))
}

// unlessUnknown drops the error that something is unknown.
func unlessUnknown(err error) error {
	if _, unknown := errors.AsType[*notFoundError](err); unknown {
		return nil
	}
	return err
}

// legacyRename says with status 200 also what it did not do.
func (s *Server) legacyRename(r *http.Request) (any, error) {
	title, err := field(r, "new_name")
	if err != nil {
		return nil, err
	}
	return reported("done", s.update(r.Context(), func(tx *store.Tx) error {
		i, err := partitionInstance(tx, r)
		if err != nil {
			return err
		}
		return rename(tx, i, title)
	}))
}

// reported makes an answer of the error that something is unknown.
func reported(answer string, err error) (any, error) {
	if unknown, ok := errors.AsType[*notFoundError](err); ok {
		return unknown.message, nil
	}
	return answer, err
}

// legacyDestroyed says with status 200 also what it did not do.
func (s *Server) legacyDestroyed(r *http.Request) (any, error) {
	answer := "OK"
	err := s.update(r.Context(), func(tx *store.Tx) error {
		i, err := partitionInstance(tx, r)
		if err != nil {
			return err
		}
		children, err := s.destroyed(tx, i)
		if len(children) > 0 {
			answer = waitsFor(children)
		}
		return err
	})
	return reported(answer, err)
}

func waitsFor(children []string) string {
	return "Not destroying yet because this partition has child partitions: " + strings.Join(children, ", ")
}
