package proxy

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
	"slapstar/slap/marshal"
)

// A legacyHandler returns what is written as the answer: a string as it is,
// anything else marshalled.
type legacyHandler func(r *http.Request) (any, error)

func (s *Server) legacyRoutes(mux *http.ServeMux) {
	handle := func(pattern string, h legacyHandler) {
		mux.HandleFunc(below(s.options.Profile.MasterPath(), pattern), func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseForm(); err != nil {
				s.errorPage(w, formError(err))
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
	for pattern, h := range s.legacyHandlers() {
		handle(pattern, h)
	}
}

func (s *Server) legacyHandlers() map[string]legacyHandler {
	handlers := map[string]legacyHandler{}
	handle := func(pattern string, h legacyHandler) { handlers[pattern] = h }
	handle("GET /getHateoasUrl", func(r *http.Request) (any, error) { return s.hateoasURL(r), nil })
	handle("GET /getSoftwareReleaseListFromSoftwareProduct", s.legacyProduct)
	handle("POST /requestComputerPartition", s.legacyRequest)
	handle("POST /supplySupply", s.legacySupply)
	handle("POST /loadComputerConfigurationFromXML", s.legacyFormat)
	handle("GET /getFullComputerInformation", s.legacyNode)
	handle("GET /getComputerInformation", s.legacyNode)
	handle("GET /registerComputerPartition", s.legacyPartition)
	handle("POST /setComputerPartitionConnectionXml", s.legacyPublish)
	handle("POST /softwareInstanceBang", s.legacyBang)
	handle("POST /softwareInstanceRename", s.legacyRename)
	handle("GET /getComputerPartitionCertificate", constant(map[string]string{"certificate": "", "key": ""}))
	if s.full() {
		maps.Copy(handlers, s.fullLegacyHandlers())
		return handlers
	}
	handle("GET /getRunId", func(*http.Request) (any, error) { return s.runID, nil })
	handle("POST /destroyedComputerPartition", s.legacyDestroyed)
	handle("POST /destroyedSoftwareRelease", s.legacySoftwareDestroyed)
	// What a node reports and slapproxy does not keep, and what it has no more
	// than an answer for.
	for _, report := range []string{"buildingSoftwareRelease", "availableSoftwareRelease", "softwareReleaseError",
		"startedComputerPartition", "stoppedComputerPartition", "softwareInstanceError", "useComputer"} {
		handle("POST /"+report, constant("Ignored"))
	}
	handle("POST /computerBang", constant(marshalledAnswer{""}))
	handle("GET /getComputerPartitionStatus", constant(marshalledAnswer{"Not implemented."}))
	return handlers
}

func constant(answer any) legacyHandler {
	return func(*http.Request) (any, error) { return answer, nil }
}

// A marshalledAnswer is an answer that is marshalled even if it is a string.
type marshalledAnswer struct{ value any }

// writeLegacy answers. No text is text/html, as everything is on slapproxy: it may
// repeat what a request said, and a browser would run the scripts in it.
func (s *Server) writeLegacy(w http.ResponseWriter, answer any) {
	kind := "text/plain"
	text, ok := answer.(string)
	if !ok {
		kind = "text/xml"
		if m, ok := answer.(marshalledAnswer); ok {
			answer = m.value
		}
		document, err := marshal.Encode(answer)
		if err != nil {
			s.errorPage(w, err)
			return
		}
		text = string(document)
	}
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	io.WriteString(w, text)
}

// formError keeps the errors of reading the body, and says that any other is one
// of the form in it.
func formError(err error) error {
	if isA[*http.MaxBytesError](err) || isA[*busyError](err) || isA[*badRequestError](err) {
		return err
	}
	return misunderstood("%v", err)
}

func isA[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// field returns a form or query field that must be there.
func field(r *http.Request, name string) (string, error) {
	values := r.Form
	if r.Method == http.MethodPost {
		values = r.PostForm
	}
	if !values.Has(name) {
		return "", misunderstood("missing field: %s", name)
	}
	if err := checkValue(values.Get(name), 0); err != nil {
		return "", fmt.Errorf("field %s: %w", name, err)
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
		return zero, &badRequestError{fmt.Sprintf("field %s: %v", name, err)}
	}
	if v == nil {
		return zero, nil
	}
	got, ok := v.(T)
	if !ok {
		return zero, &badRequestError{fmt.Sprintf("field %s: got a %T, want a %T", name, v, zero)}
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
	if !r.Form.Has("software_product_reference") || r.Form.Has("software_release_url") {
		return nil, &notImplementedError{"want software_product_reference alone"}
	}
	if release, ok := s.options.Products[r.Form.Get("software_product_reference")]; ok {
		return []string{release}, nil
	}
	return []string{}, nil
}

func (s *Server) legacyRequest(r *http.Request) (any, error) {
	wanted, err := parseRequest(r)
	if err != nil {
		return nil, err
	}
	answer, err := s.carryOut(r.Context(), wanted, answerer{
		own:       func(q store.Reader, i *instance) (any, error) { return s.dialect.requestAnswer(q, i, wanted.State) },
		forwarded: func(o *marshal.Object) any { return o },
	})
	if _, noHost := errors.AsType[*noHostError](err); noHost {
		if fake := frontend(wanted); fake != nil {
			return fake, nil
		}
	}
	return answer, err
}

func parseRequest(r *http.Request) (*request, error) {
	plain, err := fields(r, "software_release", "partition_reference", "software_type")
	if err != nil {
		return nil, err
	}
	q := &request{requesterComputer: r.PostForm.Get("computer_id"), requesterPartition: r.PostForm.Get("computer_partition_id")}
	q.login, q.project = whoAsks(r), r.PostForm.Get("project_reference")
	q.SoftwareRelease, q.Name, q.SoftwareType = plain[0], plain[1], plain[2]
	if q.State, err = marshalField[string](r, "state"); err != nil {
		return nil, err
	}
	if q.typed, err = marshalField[map[string]any](r, "partition_parameter_xml"); err != nil {
		return nil, err
	}
	q.Parameters = parameters(q.typed)
	filter, err := marshalField[map[string]any](r, "filter_xml")
	if err != nil {
		return nil, err
	}
	q.SLA = parameters(filter)
	shared, err := marshalField[any](r, "shared_xml") // an empty dictionary counts as false
	q.Shared = shared == true
	return q, err
}

func (s *Server) legacySupply(r *http.Request) (any, error) {
	v, err := fields(r, "url", "computer_id", "state")
	if err != nil {
		return nil, err
	}
	w := slap.SoftwareInstallation{SoftwareRelease: v[0], Computer: v[1], State: v[2]}
	if w.State != slap.Available && w.State != slap.Destroyed {
		return nil, &badRequestError{fmt.Sprintf("field state: got %q, want available or destroyed", w.State)}
	}
	err = s.update(r.Context(), func(tx *store.Tx) error { return s.supply(tx, w) })
	return fmt.Sprintf("Supplied '%s' to be %s", w.SoftwareRelease, w.State), err
}

func (s *Server) legacySoftwareDestroyed(r *http.Request) (any, error) {
	v, err := fields(r, "url", "computer_id")
	if err != nil {
		return nil, err
	}
	return "OK", s.update(r.Context(), func(tx *store.Tx) error { return removeSoftware(tx, v[1], v[0]) })
}
