package slap

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// What callers branch on. The errors of a [Client] wrap one of them at
// most, and two where an answer can mean either.
var (
	ErrNotFound     = errors.New("not found")
	ErrNoPartition  = errors.New("nothing to allocate on") // no free partition, or no host for a shared instance
	ErrNotReady     = errors.New("not ready yet")
	ErrBusy         = errors.New("busy") // the same request may work a moment later
	ErrUnsupported  = errors.New("not on this Master, or not over this interface")
	ErrUnauthorized = errors.New("not authorized")
	ErrRefused      = errors.New("refused")                      // the Master will not do this, now or later
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
	meaning error  // one of the sentinels, or nil
}

// NewStatusError returns the error for an answer of which only the status counts.
func NewStatusError(method, url string, code int) *StatusError {
	return &StatusError{Method: method, URL: url, Code: code, meaning: meaningOf(code, "")}
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s %s: %d %s", e.Method, e.URL, e.Code, http.StatusText(e.Code))
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

func (e *StatusError) Unwrap() error { return e.meaning }

// errNoCall is the meaning of an answer that the call is unknown: it may be an
// older Master, or something else altogether.
var errNoCall = fmt.Errorf("%w; or %w", ErrNotAMaster, ErrUnsupported)

// meaningOf gives the sentinel for a status of the legacy and the HATEOAS
// interface. 408 is "not ready", not a time-out. The full Master says with 500
// that something of the same name is being created just now, or that it will not
// change the release of a tree, and with 503 that it fills a cache.
func meaningOf(code int, message string) error {
	switch code {
	case http.StatusUnauthorized, http.StatusForbidden:
		return ErrUnauthorized
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusRequestTimeout:
		return ErrNotReady
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return ErrBusy
	case http.StatusInternalServerError:
		switch {
		case strings.Contains(message, "_inProgress"):
			return ErrBusy
		case strings.Contains(message, "NotImplementedError"): // "You can not change the release …"
			return ErrRefused
		}
	}
	return nil
}

// A ContentError is an answer with a good status whose body is not what the
// call answers: a web page, say, because the URL is that of something else.
type ContentError struct {
	URL     string
	Want    string // what the body should have been
	Message string // what it was
}

func (e *ContentError) Error() string {
	return fmt.Sprintf("%s: got %s, want %s", e.URL, e.Message, e.Want)
}

func (e *ContentError) Unwrap() error { return ErrNotAMaster }
