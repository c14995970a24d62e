package proxy

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"

	"slapstar/proxy/internal/store"
)

// Errors that have a status of their own; any other is an internal one.
type (
	// A notFoundError is answered with 404 on the legacy and the HATEOAS
	// interface and with 403 on the JSON-RPC one.
	notFoundError struct{ message string }
	// A badRequestError is answered with 400 on every interface.
	badRequestError struct{ message string }
	// A notAcceptableError is the answer to a client that does not take JSON.
	notAcceptableError struct{}
	// A forbiddenError is answered with 403 on every interface.
	forbiddenError struct{ message string }
	// A notImplementedError is what slapproxy answers with 500 and has no code for.
	notImplementedError struct{ message string }
	// A notReadyError is answered with 408 on the legacy interface; the
	// JSON-RPC one has a document for it.
	notReadyError struct{}
	// A mediaError is the answer to a body of another kind than JSON.
	mediaError struct{ kind string }
	// A methodError is the answer to a method of HTTP that a call does not have.
	methodError struct{}
)

func (e *notFoundError) Error() string      { return e.message }
func (e *badRequestError) Error() string    { return e.message }
func (e *forbiddenError) Error() string     { return e.message }
func (e *notAcceptableError) Error() string { return stock[http.StatusNotAcceptable] }
func (e *notReadyError) Error() string      { return "Resource not ready" }
func (e *methodError) Error() string        { return stock[http.StatusMethodNotAllowed] }
func (e *notImplementedError) Error() string {
	return withStock(http.StatusInternalServerError, e.message)
}
func (e *mediaError) Error() string {
	return fmt.Sprintf("got content type %q, want application/json", e.kind)
}

var errReadOnly = &forbiddenError{"This Master is read-only."}

// stock is what slapproxy says with a status when nothing more exact is known.
var stock = map[int]string{
	http.StatusBadRequest:          "The browser (or proxy) sent a request that this server could not understand.",
	http.StatusNotFound:            "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.",
	http.StatusMethodNotAllowed:    "The method is not allowed for the requested URL.",
	http.StatusNotAcceptable:       "The resource identified by the request is only capable of generating response entities which have content characteristics not acceptable according to the accept headers sent in the request.",
	http.StatusInternalServerError: "The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.",
}

// withStock adds to what slapproxy says what it does not.
func withStock(code int, detail string) string { return stock[code] + " (" + detail + ")" }

// misunderstood is the error for a request without what must be there.
func misunderstood(format string, args ...any) error {
	return &badRequestError{withStock(http.StatusBadRequest, fmt.Sprintf(format, args...))}
}

// status is how an error is answered on the legacy and the HATEOAS interface.
func (s *Server) status(err error) (code int, message string) {
	var (
		missing     *notFoundError
		bad         *badRequestError
		forbidden   *forbiddenError
		accept      *notAcceptableError
		notReady    *notReadyError
		unsupported *notImplementedError
		raised      *exception
		taken       *titleTakenError
		media       *mediaError
		method      *methodError
		elsewhere   *forwardError
		large       *http.MaxBytesError
		busy        *busyError
		plain       *statusError
		stranger    *unauthorizedError
		customer    *customerError
		unavailable *unavailableError
		gone        *goneError
	)
	switch {
	case errors.As(err, &missing):
		return http.StatusNotFound, err.Error()
	case errors.As(err, &bad):
		return http.StatusBadRequest, err.Error()
	case errors.As(err, &forbidden):
		return http.StatusForbidden, err.Error()
	case errors.As(err, &accept):
		return http.StatusNotAcceptable, accept.Error()
	case errors.As(err, &notReady):
		return http.StatusRequestTimeout, notReady.Error()
	case errors.As(err, &unsupported):
		return http.StatusInternalServerError, unsupported.Error()
	case errors.As(err, &raised):
		return http.StatusInternalServerError, raised.Error()
	case errors.As(err, &taken):
		return http.StatusInternalServerError, taken.Error()
	case errors.As(err, &media):
		return http.StatusUnsupportedMediaType, media.Error()
	case errors.As(err, &method):
		return http.StatusMethodNotAllowed, method.Error()
	case errors.As(err, &elsewhere):
		return http.StatusBadGateway, elsewhere.Error()
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, fmt.Sprintf("The request is larger than %d bytes.", large.Limit)
	case errors.As(err, &busy):
		return http.StatusServiceUnavailable, busy.Error()
	}
	switch {
	case errors.As(err, &plain):
		return plain.code, plain.message
	case errors.As(err, &stranger):
		return http.StatusUnauthorized, stranger.Error()
	case errors.As(err, &customer):
		return http.StatusForbidden, customer.Error()
	case errors.As(err, &unavailable):
		return http.StatusServiceUnavailable, unavailable.Error()
	case errors.As(err, &gone):
		return http.StatusGone, gone.Error()
	}
	if errors.Is(err, store.ErrClosed) {
		return http.StatusServiceUnavailable, err.Error()
	}
	s.logf("internal error: %v", err)
	if panicked, ok := errors.AsType[*store.PanicError](err); ok { // where it was is nothing for the client
		s.logf("%s", panicked.Stack)
	}
	return http.StatusInternalServerError, withStock(http.StatusInternalServerError, err.Error())
}

// errorPage answers with the page that the clients of slapproxy know, or with that of
// ERP5.
func (s *Server) errorPage(w http.ResponseWriter, err error) {
	if s.full() {
		s.erp5Error(w, err)
		return
	}
	code, message := s.status(err)
	writePage(w, code, message)
}

func writePage(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	fmt.Fprintf(w, "<!doctype html>\n<html lang=en>\n<title>%d %s</title>\n<h1>%[2]s</h1>\n<p>%s</p>\n",
		code, http.StatusText(code), html.EscapeString(message))
}

// A muteWriter lets the router set headers only.
type muteWriter struct{ http.ResponseWriter }

func (muteWriter) WriteHeader(int)             {}
func (muteWriter) Write(b []byte) (int, error) { return len(b), nil }

// serveStray answers a request whose path or method nobody handles, with a page
// on every interface; the full Master has JSON for its JSON-RPC.
func (s *Server) serveStray(w http.ResponseWriter, r *http.Request, router http.Handler) {
	router.ServeHTTP(muteWriter{w}, r)
	header := w.Header()
	allow := header.Get("Allow")
	if s.full() && strings.HasPrefix(r.URL.Path, jsonrpcBase+"slapos.") {
		header.Del("Location")
		s.serveStrayRPC(w, r, allow != "")
		return
	}
	page := writePage
	if s.full() {
		page = func(w http.ResponseWriter, code int, _ string) { erp5Page(w, code, exceptionNames[code], r.URL.Path) }
	}
	if allow == "" {
		header.Del("Location") // the cleaned path is nobody's either
		page(w, http.StatusNotFound, stock[http.StatusNotFound])
		return
	}
	methods := append(strings.Split(allow, ", "), http.MethodOptions)
	slices.Sort(methods)
	header.Set("Allow", strings.Join(methods, ", "))
	if r.Method != http.MethodOptions { // for which the header is the answer
		page(w, http.StatusMethodNotAllowed, stock[http.StatusMethodNotAllowed])
	}
}
