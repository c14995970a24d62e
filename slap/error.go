package slap

import (
	"errors"
	"fmt"
	"net/http"
)

// The errors that callers branch on. An error of a [Client] wraps at most one of them,
// or two if the answer can mean either.
var (
	ErrNotFound     = errors.New("not found")
	ErrNoPartition  = errors.New("nothing to allocate on") // no free partition, or no host for a shared instance
	ErrNotReady     = errors.New("not ready yet")
	ErrBusy         = errors.New("busy") // the same request may work a moment later
	ErrUnsupported  = errors.New("not on this Master, or not over this interface")
	ErrUnauthorized = errors.New("not authorized")
	ErrRefused      = errors.New("refused")                      // the Master will not do this, now or later
	ErrNoProject    = errors.New("no project is named")          // this Master has projects, and has to know which
	ErrUnreachable  = errors.New("the Master cannot be reached") // no connection, or a broken one
	ErrTLS          = errors.New("no secure connection")         // a certificate was refused by either side
	ErrNotAMaster   = errors.New("this does not look like a SlapOS Master")
)

// A StatusError is an answer with an HTTP status other than success.
type StatusError struct {
	Method  string
	URL     string
	Code    int    // HTTP status
	Message string // the Master's own words, out of its HTML or JSON; may be empty
	Type    string // its code for the error on the JSON-RPC interface, such as SUPPLY-FAILED; may be empty
	json    bool   // whether the body is JSON: a call of the JSON-RPC interface came through
	meaning error  // one of the sentinels, or nil; never changed once the error is made
}

// NewStatusError returns the error for an answer of which only the status counts.
func NewStatusError(method, url string, code int) *StatusError {
	return newStatusError(request{method: method, url: url}, code, nil, nil)
}

// newStatusError returns the error for an answer to a request.
func newStatusError(r request, code int, header http.Header, body []byte) *StatusError {
	e := &StatusError{
		Method:  r.method,
		URL:     r.url,
		Code:    code,
		Message: errorText(header, body),
		Type:    errorType(header, body),
		json:    isJSON(header),
	}
	if location := header.Get("Location"); location != "" {
		e.Message = "it redirects to " + oneLine(location)
	}
	e.meaning = r.meaning(e)
	return e
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s %s: %d %s", e.Method, e.URL, e.Code, http.StatusText(e.Code))
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

func (e *StatusError) Unwrap() error { return e.meaning }

// A ContentError is an answer with a good status and a body of the wrong kind: a web
// page, for instance, if the URL is not that of a Master.
type ContentError struct {
	URL     string
	Want    string // what the body should have been
	Message string // what it was
}

func (e *ContentError) Error() string {
	return fmt.Sprintf("%s: got %s, want %s", e.URL, e.Message, e.Want)
}

func (e *ContentError) Unwrap() error { return ErrNotAMaster }
