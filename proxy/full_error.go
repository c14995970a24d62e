package proxy

import (
	"cmp"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strings"
)

// An exception is what the full Master answers with status 500, the name of a Python
// exception and its text.
type exception struct{ name, text string }

func (e *exception) Error() string { return e.name + ": " + e.text }

// An unauthorizedError is answered with 401: the Master does not know who asks.
type unauthorizedError struct{ message string }

func (e *unauthorizedError) Error() string { return e.message }

// A customerError is the answer to a person who is no manager of a project: 403 on
// the legacy interface, 401 without a word on the JSON-RPC one. Nobody has seen it.
type customerError struct{ person string }

func (e *customerError) Error() string {
	return fmt.Sprintf("%s manages no project of this.", e.person)
}

// A statusError is answered with a status that is nobody's else.
type statusError struct {
	code    int
	message string
}

func (e *statusError) Error() string { return e.message }

// An unavailableError is answered with 503, and the same again may succeed.
type unavailableError struct{ message string }

func (e *unavailableError) Error() string { return e.message }

// A goneError is answered with 410: there was such a thing once.
type goneError struct{ message string }

func (e *goneError) Error() string { return e.message }

// exceptionNames are those of the exceptions by which ERP5 answers a status.
var exceptionNames = map[int]string{
	http.StatusBadRequest:            "BadRequest",
	http.StatusUnauthorized:          "Unauthorized",
	http.StatusForbidden:             "Unauthorized",
	http.StatusNotFound:              "NotFound",
	http.StatusNotAcceptable:         "NotAcceptable",
	http.StatusMethodNotAllowed:      "MethodNotAllowed",
	http.StatusRequestTimeout:        "SoftwareInstanceNotReady",
	http.StatusGone:                  "Gone",
	http.StatusRequestEntityTooLarge: "RequestEntityTooLarge",
	http.StatusServiceUnavailable:    "ServiceUnavailable",
}

// erp5Page answers with the page of ERP5: the first paragraphs say nothing, the
// last one has the type and the value of the error, each after its label.
func erp5Page(w http.ResponseWriter, code int, kind, value string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	fmt.Fprintf(w, `<!doctype html>
<html>
<head><title>ERP5</title></head>
<body>
<p class="clear"></p>
<p>An error was encountered while publishing this resource.</p>
<p><strong>Error Type: %s</strong><br /> <strong>Error Value: %s</strong><br /></p>
</body>
</html>
`, html.EscapeString(kind), html.EscapeString(value))
}

// refuse answers a request that no handler gets with an error, as its interface does.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if strings.HasPrefix(r.URL.Path, jsonrpcBase) {
		s.fullProblem(w, err)
		return
	}
	s.erp5Error(w, err)
}

// erp5Error answers with the page for an error.
func (s *Server) erp5Error(w http.ResponseWriter, err error) {
	code, message := s.status(err)
	kind := cmp.Or(exceptionNames[code], "RuntimeError")
	if raised, ok := errors.AsType[*exception](err); ok {
		kind, message = raised.name, raised.text
	}
	erp5Page(w, code, kind, message)
}
