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
	ErrBusy         = errors.New("busy")                                          // the same request may work a moment later; so are the next two
	ErrTaken        = fmt.Errorf("taken, and not listed yet: %w", ErrBusy)        // see [InProgress]
	ErrGoing        = fmt.Errorf("the name is still on its way out: %w", ErrBusy) // see [OnItsWayOut]
	ErrUnsupported  = errors.New("not on this Master, or not over this interface")
	ErrUnauthorized = errors.New("not authorized")
	ErrRefused      = errors.New("refused")                      // the Master will not do this, now or later
	ErrNoProject    = errors.New("no project")                   // this Master has projects, and has to know which
	ErrUnreachable  = errors.New("the Master cannot be reached") // no connection, or a broken one
	ErrTLS          = errors.New("no secure connection")         // a certificate was refused by either side
	ErrElsewhere    = errors.New("the Master sends us to another host")
	ErrNotAMaster   = errors.New("this does not look like a SlapOS Master")
)

// A StatusError is an answer with an HTTP status other than success. None of it is
// changed once the error is made.
type StatusError struct {
	Method string
	URL    string
	Code   int // HTTP status

	// What the Master says in its error page, its JSON or its text. Each may be empty.
	Type  string // of a Python exception, such as NotImplementedError, or a code, such as SUPPLY-FAILED
	Value string // the text of the exception, or a message

	Meaning  Meaning
	sentinel error // one of the above, or nil
	json     bool  // whether the body is JSON: a call of the JSON-RPC interface came through
	page     bool  // whether it is the error page of a full Master
}

// NewStatusError returns the error for an answer of which only the status counts.
func NewStatusError(method, url string, code int) *StatusError {
	return newStatusError(request{method: method, url: url}, code, nil, nil)
}

// newStatusError returns the error for an answer to a request.
func newStatusError(r request, code int, header http.Header, body []byte) *StatusError {
	what := whatIsSaid(header, body)
	e := &StatusError{
		Method: r.method,
		URL:    r.url,
		Code:   code,
		Type:   what.kind,
		Value:  what.value,
		json:   isJSON(header),
		page:   what.page,
	}
	if location := header.Get("Location"); location != "" {
		e.Type, e.Value = "", "it redirects to "+oneLine(location)
	}
	e.Meaning, e.sentinel = r.judge(e)
	return e
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s %s: %d %s", e.Method, e.URL, e.Code, http.StatusText(e.Code))
	if e.Type != "" && e.Type != http.StatusText(e.Code) {
		s += ": " + e.Type
	}
	if e.Value != "" {
		s += ": " + e.Value
	}
	return s
}

func (e *StatusError) Unwrap() error { return e.sentinel }

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
