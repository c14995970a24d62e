package proxy

import (
	"database/sql"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"

	"slapstar/slap"
	"slapstar/slap/marshal"
)

// A badRequest is answered with 400 on every interface.
type badRequest struct{ message string }

func (e *badRequest) Error() string { return e.message }

// A legacyHandler returns what is written as the answer: a string as it is,
// anything else marshalled.
type legacyHandler func(r *http.Request) (any, error)

func (s *Server) legacyRoutes(mux *http.ServeMux) {
	handle := func(pattern string, h legacyHandler) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseForm(); err != nil {
				s.errorPage(w, &badRequest{err.Error()})
				return
			}
			answer, err := h(r)
			if err != nil {
				s.errorPage(w, err)
				return
			}
			s.writeLegacy(w, answer)
		})
	}
	handle("GET /getHateoasUrl", func(r *http.Request) (any, error) { return baseURL(r) + hateoasPath, nil })
	handle("GET /getSoftwareReleaseListFromSoftwareProduct", s.legacyProduct)
	handle("POST /requestComputerPartition", s.legacyRequest)
	handle("POST /supplySupply", s.legacySupply)
	handle("POST /loadComputerConfigurationFromXML", s.legacyFormat)
	handle("GET /getFullComputerInformation", s.legacyComputer)
	handle("GET /getComputerInformation", s.legacyComputer)
	handle("GET /registerComputerPartition", s.legacyPartition)
	handle("POST /setComputerPartitionConnectionXml", s.legacyPublish)
	handle("POST /destroyedComputerPartition", s.legacyDestroyed)
	handle("POST /destroyedSoftwareRelease", s.legacySoftwareDestroyed)
	// What a node reports and slapproxy does not keep.
	for _, report := range []string{"buildingSoftwareRelease", "availableSoftwareRelease", "softwareReleaseError",
		"startedComputerPartition", "stoppedComputerPartition", "softwareInstanceError", "useComputer"} {
		handle("POST /"+report, func(*http.Request) (any, error) { return "Ignored", nil })
	}
}

// writeLegacy answers as slapproxy does: everything is text/html.
func (s *Server) writeLegacy(w http.ResponseWriter, answer any) {
	text, ok := answer.(string)
	if !ok {
		document, err := marshal.Encode(answer)
		if err != nil {
			s.errorPage(w, err)
			return
		}
		text = string(document)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(w, text)
}

// errorPage answers with the page that the clients of slapproxy know.
func (s *Server) errorPage(w http.ResponseWriter, err error) {
	code, message := s.legacyStatus(err)
	title := fmt.Sprintf("%d %s", code, http.StatusText(code))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	fmt.Fprintf(w, "<!doctype html>\n<html lang=en>\n<title>%s</title>\n<h1>%s</h1>\n<p>%s</p>\n",
		title, http.StatusText(code), html.EscapeString(message))
}

func (s *Server) legacyStatus(err error) (code int, message string) {
	var missing *notFoundError
	var bad *badRequest
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &missing):
		return http.StatusNotFound, missing.message
	case errors.As(err, &bad):
		return http.StatusBadRequest, bad.message
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, fmt.Sprintf("The request is larger than %d bytes.", large.Limit)
	}
	if s.options.Log != nil {
		s.options.Log(fmt.Sprintf("internal error: %v", err))
	}
	return http.StatusInternalServerError, fmt.Sprintf("The server encountered an internal error: %v", err)
}

// field returns a form or query field that must be there.
func field(r *http.Request, name string) (string, error) {
	values := r.Form
	if r.Method == http.MethodPost {
		values = r.PostForm
	}
	if !values.Has(name) {
		return "", &badRequest{"missing field: " + name}
	}
	return values.Get(name), nil
}

// fields returns several fields, in the order of their names.
func fields(r *http.Request, names ...string) ([]string, error) {
	values := make([]string, len(names))
	for i, name := range names {
		var err error
		if values[i], err = field(r, name); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// marshalField decodes a field that holds a marshalled value; none stands for
// the zero value.
func marshalField[T any](r *http.Request, name string) (T, error) {
	var zero T
	text, err := field(r, name)
	if err != nil {
		return zero, err
	}
	v, err := marshal.Decode([]byte(text))
	if err != nil {
		return zero, &badRequest{fmt.Sprintf("field %s: %v", name, err)}
	}
	if v == nil {
		return zero, nil
	}
	got, ok := v.(T)
	if !ok {
		return zero, &badRequest{fmt.Sprintf("field %s: got a %T, want a %T", name, v, zero)}
	}
	return got, nil
}

// parameters turns marshalled values into stored texts.
func parameters(values map[string]any) slap.Parameters {
	p := make(slap.Parameters, len(values))
	for k, v := range values {
		p[k] = slap.Text(v)
	}
	return p
}

func (s *Server) legacyProduct(r *http.Request) (any, error) {
	name, err := field(r, "software_product_reference")
	if err != nil {
		return nil, err
	}
	if release, ok := s.options.Products[name]; ok {
		return []string{release}, nil
	}
	return []string{}, nil
}

func (s *Server) legacyRequest(r *http.Request) (any, error) {
	wanted, err := parseRequest(r)
	if err != nil {
		return nil, err
	}
	var answer any
	err = s.update(r.Context(), func(tx *sql.Tx) error {
		i, err := s.request(tx, wanted)
		if err != nil {
			return err
		}
		answer, err = requestAnswer(tx, i)
		return err
	})
	return answer, err
}

func parseRequest(r *http.Request) (request, error) {
	var q request
	plain, err := fields(r, "software_release", "partition_reference", "software_type")
	if err != nil {
		return q, err
	}
	q.SoftwareRelease, q.Name, q.SoftwareType = plain[0], plain[1], plain[2]
	if q.State, err = marshalField[string](r, "state"); err != nil {
		return q, err
	}
	switch q.State {
	case "", slap.Started, slap.Stopped, slap.Destroyed:
	default:
		return q, &badRequest{fmt.Sprintf("field state: got %q, want started, stopped or destroyed", q.State)}
	}
	given, err := marshalField[map[string]any](r, "partition_parameter_xml")
	if err != nil {
		return q, err
	}
	q.Parameters = parameters(given)
	filter, err := marshalField[map[string]any](r, "filter_xml")
	if err != nil {
		return q, err
	}
	q.SLA = parameters(filter)
	shared, err := marshalField[any](r, "shared_xml") // an empty dictionary counts as false
	if err != nil {
		return q, err
	}
	q.Shared = shared == true
	q.requesterComputer, q.requesterPartition = r.PostForm.Get("computer_id"), r.PostForm.Get("computer_partition_id")
	return q, nil
}

func (s *Server) legacySupply(r *http.Request) (any, error) {
	v, err := fields(r, "url", "computer_id", "state")
	if err != nil {
		return nil, err
	}
	w := slap.SoftwareInstallation{SoftwareRelease: v[0], Computer: v[1], State: v[2]}
	if w.State != slap.Available && w.State != slap.Destroyed {
		return nil, &badRequest{fmt.Sprintf("field state: got %q, want available or destroyed", w.State)}
	}
	err = s.update(r.Context(), func(tx *sql.Tx) error { return supply(tx, w) })
	return fmt.Sprintf("Supplied '%s' to be %s", w.SoftwareRelease, w.State), err
}

// partitionInstance finds the instance that computer_id and
// computer_partition_id name; with slave_reference a shared one on it.
func partitionInstance(q queryer, r *http.Request) (*instance, error) {
	v, err := fields(r, "computer_id", "computer_partition_id")
	if err != nil {
		return nil, err
	}
	reference := r.PostForm.Get("slave_reference")
	where, args := "computer = ? AND partition = ? AND NOT shared", []any{v[0], v[1]}
	if reference != "" && !strings.EqualFold(reference, "None") {
		where, args = "computer = ? AND partition = ? AND shared AND root || '_' || title = ?", append(args, reference)
	}
	i, err := findInstance(q, where, args...)
	if err == nil && i == nil {
		err = &notFoundError{fmt.Sprintf("Unknown partition '%s' on '%s'", v[1], v[0])}
	}
	return i, err
}

func (s *Server) legacyPublish(r *http.Request) (any, error) {
	connection, err := marshalField[map[string]any](r, "connection_xml")
	if err != nil {
		return nil, err
	}
	return "done", s.update(r.Context(), func(tx *sql.Tx) error {
		i, err := partitionInstance(tx, r)
		if err != nil {
			return err
		}
		return publish(tx, i, parameters(connection))
	})
}

// legacyDestroyed says with status 200 also what it did not do.
func (s *Server) legacyDestroyed(r *http.Request) (any, error) {
	answer := "OK"
	err := s.update(r.Context(), func(tx *sql.Tx) error {
		i, err := partitionInstance(tx, r)
		if err != nil {
			return err
		}
		children, err := s.destroyed(tx, i)
		if len(children) > 0 {
			answer = "Not destroying yet because this partition has child partitions: " + strings.Join(children, ", ")
		}
		return err
	})
	var unknown *notFoundError
	if errors.As(err, &unknown) {
		return unknown.message, nil
	}
	return answer, err
}

func (s *Server) legacySoftwareDestroyed(r *http.Request) (any, error) {
	v, err := fields(r, "url", "computer_id")
	if err != nil {
		return nil, err
	}
	return "OK", s.update(r.Context(), func(tx *sql.Tx) error { return removeSoftware(tx, v[1], v[0]) })
}
